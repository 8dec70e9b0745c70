/* SPDX-License-Identifier: MIT */
/* Data that no two parts of are alike, the same for the same seed on every computer: what goes through disks and networks
 * is recognized by its digest.
 *     stream SEED KIBIBYTES                  on standard output
 *     stream SEED KIBIBYTES ADDRESS PORT     by TCP, until the receiver has closed its end
 *     stream receive PORT                    one connection's data on standard output */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORDS 8192

static uint64_t block[WORDS];

static void must(int good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(1);
}

static void put(int file, const char *data, uint64_t size)
{
    while (size) {
        ssize_t n = write(file, data, size);

        must(n > 0, "write");
        data += n;
        size -= (uint64_t)n;
    }
}

static void generate(int file, uint64_t seed, uint64_t left)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;

    while (left) {
        uint64_t size = left < sizeof(block) ? left : sizeof(block);

        for (unsigned int i = 0; i < WORDS; i++) {
            state ^= state << 13;            /* Marsaglia's xorshift: never 0 once it is not 0 */
            state ^= state >> 7;
            state ^= state << 17;
            block[i] = state;
        }
        put(file, (char *)block, size);
        left -= size;
    }
}

static int connected(const char *address, const char *port)
{
    struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
    int file = socket(AF_INET, SOCK_STREAM, 0);

    must(file >= 0 && inet_pton(AF_INET, address, &there.sin_addr) == 1, address);
    must(connect(file, (struct sockaddr *)&there, sizeof(there)) == 0, "connect");
    return file;
}

static void receive(const char *port)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
    int door = socket(AF_INET, SOCK_STREAM, 0), yes = 1, file;
    ssize_t n;

    must(setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0, "setsockopt");
    must(bind(door, (struct sockaddr *)&here, sizeof(here)) == 0 && listen(door, 1) == 0, "listen");
    file = accept(door, NULL, NULL);
    must(file >= 0, "accept");
    close(door);      /* before the sender can know that this is over: its next connection is the next receiver's */
    while ((n = read(file, block, sizeof(block))) > 0)
        put(1, (char *)block, (uint64_t)n);
    must(n == 0, "read");
}

int main(int count, char **words)
{
    int file = 1;

    if (count == 3 && !strcmp(words[1], "receive")) {
        receive(words[2]);
        return 0;
    }
    if (count != 3 && count != 5) {
        fprintf(stderr, "usage: stream SEED KIBIBYTES [ADDRESS PORT] | stream receive PORT\n");
        return 2;
    }
    if (count == 5)
        file = connected(words[3], words[4]);
    generate(file, strtoull(words[1], NULL, 0), strtoull(words[2], NULL, 0) << 10);
    if (count == 5) {
        shutdown(file, SHUT_WR);
        must(read(file, block, 1) == 0, "the receiver's end");
    }
    return 0;
}
