// SPDX-License-Identifier: MIT
// The benchmark guest's network operations, with bench_echo.c on the other side: a round trip, datagrams, a stream.
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench.h"

#define WINDOW 16                   // datagrams until the other side is asked how many it has: no more than its queue holds
#define CHUNK ((size_t)64 << 10)    // what one operation of a stream sends

const char *peer_address;
static int line = -1;
static unsigned int answers;

static const char *no_network(void) { return strcmp(peer_address, "none") ? NULL : "there is no network"; }

static const char *reach(int kind, int port)
{
    struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct timeval patience = { .tv_sec = 3 };
    if (line >= 0)
        return NULL;
    if (inet_pton(AF_INET, peer_address, &peer.sin_addr) != 1)
        return "the other side's address is not one";
    if ((line = socket(AF_INET, kind, 0)) < 0)
        return fault("socket");
    if (setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience)
        || connect(line, (struct sockaddr *)&peer, sizeof peer))
        return fault("connect");
    return NULL;
}

static const char *datagram_prepare(unsigned int count)
{
    (void)count;
    return reach(SOCK_DGRAM, PORT);
}

// ---- the round trip: a number there, the number plus one back
static const char *trip_run(unsigned int count)
{
    static uint32_t number;
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

static const char *trip_check(unsigned int count) { return answers == count ? NULL : "a wrong number came back"; }

// ---- datagrams of full size
static const char *datagram_run(unsigned int count)
{
    static struct datagram packet;
    answers = 0;
    for (unsigned int i = 0; i < count; i++) {
        uint32_t arrived;
        packet.number = i;
        packet.complement = ~i;
        packet.ask = i % WINDOW == WINDOW - 1 || i == count - 1;
        if (send(line, &packet, sizeof packet, 0) != sizeof packet)
            return fault("send");
        if (!packet.ask)
            continue;
        if (recv(line, &arrived, sizeof arrived, 0) != sizeof arrived)
            return fault("no answer");
        answers += arrived;
    }
    return NULL;
}

static const char *datagram_check(unsigned int count) { return answers == count ? NULL : "a datagram was lost"; }

// ---- a stream: its length in bytes goes first, and a sum of samples comes back
static unsigned char chunk[CHUNK];

static const char *stream_prepare(unsigned int count)
{
    (void)count;
    for (size_t at = 0; at < CHUNK; at++)
        chunk[at] = (unsigned char)(at / SAMPLE + 1);
    return reach(SOCK_STREAM, PORT + 1);
}

static const char *send_all(const void *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t sent = send(line, (const char *)bytes + at, size - at, 0);
        if (sent <= 0)
            return fault("send");
        at += (size_t)sent;
    }
    return NULL;
}

static const char *stream_run(unsigned int count)
{
    uint64_t length = count * CHUNK, sum;
    const char *bad = send_all(&length, sizeof length);
    for (unsigned int i = 0; !bad && i < count; i++)
        bad = send_all(chunk, CHUNK);
    if (bad)
        return bad;
    if (recv(line, &sum, sizeof sum, MSG_WAITALL) != sizeof sum)
        return fault("no answer");
    uint64_t samples = CHUNK / SAMPLE;
    answers = sum == count * (samples * (samples + 1) / 2) ? count : 0;
    return NULL;
}

static const char *stream_check(unsigned int count) { return answers == count ? NULL : "what arrived is not what was sent"; }

const struct operation net_operations[] = {
    { "net_trip", 100, 1, .prepare = datagram_prepare, .run = trip_run, .check = trip_check, .absent = no_network },
    { "udp_send", 256, 1, .prepare = datagram_prepare, .run = datagram_run, .check = datagram_check, .absent = no_network },
    { "tcp_send_64k", 32, 1, .prepare = stream_prepare, .run = stream_run, .check = stream_check, .absent = no_network },
    { 0 },
};
