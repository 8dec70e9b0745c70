/* SPDX-License-Identifier: MIT */
/* The benchmark guest's operations, and what they share. One process, one thread: no locks. */
#ifndef PRISM_GUEST_BENCH_H
#define PRISM_GUEST_BENCH_H

#include <stdbool.h>

#define PAGE 4096

/* An operation: run() does it n times; check() is asked afterwards whether it was done. Each, and prepare(), returns NULL or
 * what went wrong. */
struct operation {
    const char *name;
    unsigned int count;
    unsigned int warm;      /* rounds before the first that counts */
    const char *(*prepare)(unsigned int count);
    const char *(*run)(unsigned int count);
    const char *(*check)(unsigned int count);
};

extern const struct operation process_operations[], disk_operations[], net_operations[];    /* each ends without a name */
extern const char *disk_name;       /* a block device, or "none" */
extern const char *peer_address;    /* of the other end of the network, or "none" */

const char *fault(const char *what);    /* what, and what errno says; in one buffer, the last call's */
int net_echo(void);                     /* answers net_trip on the other side; ends only when it cannot */

#endif
