/* SPDX-License-Identifier: MIT */
/* The benchmark guest's operations, and what they share. Each operation runs in a process of its own, so that it finds the same
 * state whatever was measured before it. One thread, but where an operation says otherwise: no locks. */
#ifndef PRISM_GUEST_BENCH_H
#define PRISM_GUEST_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096
#define ROUNDS 5    /* that have to agree, one after the other */
#define SETTLE_US 100000    /* for a line to be printed on the console before the next thing is measured: idle time is free */

/* An operation: run() does it n times; check() is asked afterwards whether it was done. Each, and prepare(), returns NULL or
 * what went wrong. What is left out is not needed. */
struct operation {
    const char *name;
    unsigned int count;
    unsigned int warm;                      /* rounds before the first that may count */
    const char *(*prepare)(unsigned int count);
    const char *(*run)(unsigned int count);
    const char *(*check)(unsigned int count);
    const char *(*absent)(void);            /* why it cannot be done here, or NULL */
    uint64_t (*cost)(uint64_t ticks);       /* what of a round's TSC ticks is to be counted; without it all, marked */
    bool once;                              /* one round is all there can be */
};

/* each ends without a name */
extern const struct operation syscall_operations[], memory_operations[], process_operations[], switch_operations[];
extern const struct operation time_operations[], platform_operations[], disk_operations[], queue_operations[];
extern const struct operation net_operations[], boot_operations[];

extern const char *disk_name;       /* a block device, or "none" */
extern const char *peer_address;    /* of the other end of the network, or "none" */

/* bench_measure.c */
const char *fault(const char *what);    /* what, and what errno says; in one buffer, the last call's */
void probe_marks(void);                 /* finds out whether marks can be made, and says so */
/* Measures one operation, marked with its number. rounds: ROUNDS, more of them until they agree, or a fixed number below it.
 * *settled: whether they do. Returns NULL, or what went wrong. */
const char *measure(const struct operation *op, unsigned int number, unsigned int rounds, bool *settled);

/* bench_explain.c: carries out an operation once more, where a debugger may watch. Returns NULL, or what went wrong. */
const char *explain(const struct operation *op);

/* bench_time.c */
double tick_rate(void);                 /* TSC ticks in a nanosecond of this kernel's clock; takes 20 ms the first time */
uint64_t nanoseconds(int clock);

/* bench_disk.c: the disk, open for transfers past the page cache, and what stands in its block `block` of `size` bytes */
const char *disk_open(uint64_t size);
extern int disk;
void disk_fill(unsigned char *bytes, size_t size, uint64_t block, unsigned int turn);
bool disk_filled(const unsigned char *bytes, size_t size, uint64_t block, unsigned int turn);
const char *no_disk(void);              /* an absent() */

/* bench_echo.c: the other side of the network; ends only when it cannot go on */
#define PORT 7107                       /* for datagrams; the next one is for streams */
#define DATAGRAM 1472                   /* bytes: what one Ethernet frame carries */
#define SAMPLE 4096                     /* of a stream, one byte in so many is summed by the receiver */
struct datagram { uint32_t number, ask; unsigned char filling[DATAGRAM - 12]; uint32_t complement; };
int net_echo(void);

/* bench_boot.c: prints the kernel's clock in nanoseconds, after reading a block of that disk if it is not NULL */
int boot_clock(const char *disk_or_null);

#endif
