// SPDX-License-Identifier: MIT
// The benchmark guest's network round trip: a datagram there, its number plus one back; and the other side of it.
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench.h"

#define PORT 7107

const char *peer_address;
static int line = -1;
static uint32_t number;
static unsigned int answers;

static const char *net_prepare(unsigned int count)
{
    struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    struct timeval patience = { .tv_sec = 3 };
    (void)count;
    if (line >= 0)
        return NULL;
    if (inet_pton(AF_INET, peer_address, &peer.sin_addr) != 1)
        return "the other side's address is not one";
    if ((line = socket(AF_INET, SOCK_DGRAM, 0)) < 0)
        return fault("socket");
    if (setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience)
        || connect(line, (struct sockaddr *)&peer, sizeof peer))
        return fault("connect");
    return NULL;
}

static const char *net_run(unsigned int count)
{
    answers = 0;
    for (unsigned int i = 0; i < count; i++) {
        uint32_t out = number, in;
        if (send(line, &out, sizeof out, 0) != sizeof out)
            return fault("send");
        if (recv(line, &in, sizeof in, 0) != sizeof in)
            return fault("no answer");
        answers += in == out + 1;
        number = in;
    }
    return NULL;
}

static const char *net_check(unsigned int count) { return answers == count ? NULL : "a wrong number came back"; }

int net_echo(void)
{
    struct sockaddr_in mine = { .sin_family = AF_INET, .sin_port = htons(PORT) }, from;
    int here = socket(AF_INET, SOCK_DGRAM, 0);
    if (here < 0 || bind(here, (struct sockaddr *)&mine, sizeof mine))
        return printf("BENCH-ECHO %s\n", fault("bind")), 1;
    for (;;) {
        uint32_t word;
        socklen_t size = sizeof from;
        ssize_t got = recvfrom(here, &word, sizeof word, 0, (struct sockaddr *)&from, &size);
        if (got < 0)
            return printf("BENCH-ECHO %s\n", fault("receive")), 1;
        if (got != sizeof word)
            continue;
        word++;
        if (sendto(here, &word, sizeof word, 0, (struct sockaddr *)&from, size) != sizeof word)
            return printf("BENCH-ECHO %s\n", fault("send")), 1;
    }
}

const struct operation net_operations[] = {
    { "net_trip", 100, 1, net_prepare, net_run, net_check },
    { 0 },
};
