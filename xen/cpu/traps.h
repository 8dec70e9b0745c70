/* SPDX-License-Identifier: MIT */
/* Between the interrupt entry and the parts of xen/cpu that handle one kind of interrupt each. */
#ifndef PRISM_CPU_TRAPS_H
#define PRISM_CPU_TRAPS_H

#include "cpu/percpu.h"

/* Called for every NMI; true if it was the hook's own. Any context at all: it must not lock. */
extern bool (*nmi_hook)(struct cpu_user_regs *regs);
/* nmi.c: an NMI that is not the hook's. nmi_init: boot CPU, before the control domain is made. */
void nmi_arrived(struct cpu_user_regs *regs);
void nmi_init(void);
void machine_check(struct cpu_user_regs *regs) noreturn;   /* machine_check.c */
void smp_call_interrupt(void);            /* VECTOR_CALL, interrupts off */
void switch_stack(struct cpu_info *info, void (*fn)(void)) noreturn;
void stop_this_cpu_loop(void) noreturn;

#endif
