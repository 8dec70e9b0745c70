// SPDX-License-Identifier: MIT
// The other side of the network: answers datagrams in one process, takes streams in another.
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#include "bench.h"

static int listening(int kind, int port)
{
    struct sockaddr_in mine = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int here = socket(AF_INET, kind, 0);
    if (here < 0 || bind(here, (struct sockaddr *)&mine, sizeof mine) || (kind == SOCK_STREAM && listen(here, 1)))
        return -1;
    return here;
}

// A number is answered by the number plus one; a datagram of full size is counted, and answered if it asks for the count.
static const char *answer_datagrams(int here)
{
    struct datagram packet;
    uint32_t counted = 0;
    for (;;) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        ssize_t got = recvfrom(here, &packet, sizeof packet, 0, (struct sockaddr *)&from, &size);
        uint32_t answer = packet.number + 1;
        if (got < 0)
            return fault("receive");
        if (got == sizeof packet) {
            counted += packet.complement == ~packet.number;
            if (!packet.ask)
                continue;
            answer = counted;
            counted = 0;
        } else if (got != sizeof answer) {
            continue;
        }
        if (sendto(here, &answer, sizeof answer, 0, (struct sockaddr *)&from, size) != sizeof answer)
            return fault("send");
    }
}

// One stream: lengths, each followed by so many bytes, each answered by the sum of every SAMPLEth of them.
static void answer_stream(int stream)
{
    static unsigned char bytes[64 << 10];
    uint64_t length;
    while (recv(stream, &length, sizeof length, MSG_WAITALL) == sizeof length) {
        uint64_t sum = 0;
        for (uint64_t at = 0; at < length;) {
            ssize_t got = recv(stream, bytes, length - at < sizeof bytes ? length - at : sizeof bytes, 0);
            if (got <= 0)
                return;
            for (uint64_t sample = (at + SAMPLE - 1) / SAMPLE * SAMPLE; sample < at + (uint64_t)got; sample += SAMPLE)
                sum += bytes[sample - at];
            at += (uint64_t)got;
        }
        if (send(stream, &sum, sizeof sum, 0) != sizeof sum)
            return;
    }
}

static void take_streams(int here)
{
    int stream;
    while ((stream = accept(here, NULL, NULL)) >= 0) {
        answer_stream(stream);
        close(stream);
    }
}

int net_echo(void)
{
    int datagrams = listening(SOCK_DGRAM, PORT), streams = listening(SOCK_STREAM, PORT + 1);
    signal(SIGPIPE, SIG_IGN);
    if (datagrams < 0 || streams < 0)
        return printf("BENCH-ECHO %s\n", fault("bind")), 1;
    pid_t child = fork();
    if (child < 0)
        return printf("BENCH-ECHO %s\n", fault("fork")), 1;
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        take_streams(streams);
        _exit(1);
    }
    return printf("BENCH-ECHO %s\n", answer_datagrams(datagrams)), 1;
}
