/* SPDX-License-Identifier: MIT */
/* Address space identifiers (AMD64 APM vol. 2, 15.16): tags of TLB entries, given out CPU by CPU. Pure. */
#ifndef PRISM_HW_SVM_ASID_H
#define PRISM_HW_SVM_ASID_H

#include "lib/types.h"

/* A CPU's supply. A generation ends when all are given out; then the TLB is flushed and they are given out anew. */
struct asid_pool { u32 next, last; u64 generation; };
/* What a vCPU has. generation 0: nothing. */
struct asid_holder { u32 asid, cpu; u64 generation; };

enum asid_flush { ASID_KEEP, ASID_FLUSH_ALL, ASID_FLUSH_ONE };

void asid_pool_init(struct asid_pool *pool, u32 number);   /* CPUID 8000000AH EBX, ASID 0 included; >= 2 */
/* Before an entry on `cpu`: holder has an ASID of pool that is its alone there. stale: its translations are to go; with
 * flush_one the CPU can do that for one ASID. Returns what the entry has to flush. */
enum asid_flush asid_get(struct asid_pool *pool, struct asid_holder *holder, u32 cpu, bool stale, bool flush_one);

#endif
