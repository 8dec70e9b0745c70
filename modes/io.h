/* SPDX-License-Identifier: MIT */
/* One access of a guest in a container to a port or to an address where there is no memory, and who may answer it: the
 * platform's own devices first, then the I/O column; what nobody answers reads as ones. */
#ifndef PRISM_MODES_IO_H
#define PRISM_MODES_IO_H

#include "lib/types.h"

struct vcpu;

enum io_result {
    IO_DONE,       /* carried out; of a read, data has the value */
    IO_NOT_MINE,   /* no such device here: the next may know */
    IO_RETRY,      /* v waits for somebody else's answer, and sleeps; the access is to be finished later */
};

/* size 1, 2, 4, or (memory) 8 bytes, not across a page. data: zero-extended.
 *
 * A block of a repeated string instruction is one access as well: count > 1 times size bytes between `address` (a port,
 * or device memory that rises, or falls with `down`) and guest-physical memory that begins at `data` (the first unit's
 * address; it falls with `down`), all within a page on either side. Who cannot take a block whole answers IO_NOT_MINE
 * and changes nothing: then its units come one by one. */
struct io_access {
    u64 address;   /* port number or guest-physical address */
    u64 data;
    u32 count;     /* 1; more: a block */
    u8 size;
    bool port, write, down;
};

static inline u64 io_ones(unsigned int size) { return size >= 8 ? ~0UL : (1UL << 8 * size) - 1; }

#endif
