/* SPDX-License-Identifier: MIT */
/* Between smp.c, the trampoline and the boot code. */
#ifndef PRISM_CPU_SMP_H
#define PRISM_CPU_SMP_H

#define TRAMPOLINE_ADDRESS 0x8000   /* one page below 640 KiB that mem_init() leaves alone */

#ifndef __ASSEMBLER__
#include "cpu/percpu.h"

extern const char trampoline_start[], trampoline_data[], trampoline_end[];
struct trampoline_data { u64 stack, entry; u32 cr3; } packed;   /* as laid out in trampoline.S */

/* A stack with its guard page for CPU cpu; its top, zeroed but for cpu. NULL without memory. */
struct cpu_info *smp_stack_alloc(unsigned int cpu);
#endif
#endif
