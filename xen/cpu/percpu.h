/* SPDX-License-Identifier: MIT */
/* What a CPU knows about itself. Each CPU has one stack region of STACK_SIZE bytes, aligned to its size:
 * page 0 NMI stack, page 1 double fault and machine check, page 2 debug exception, page 3 unmapped guard, pages 4 to 7 the main
 * stack.
 * struct cpu_info is at its very top, so the stack pointer alone leads to it, on every one of these stacks. */
#ifndef PRISM_CPU_PERCPU_H
#define PRISM_CPU_PERCPU_H

#define STACK_SIZE 32768
#define NR_CPUS 64

#ifndef __ASSEMBLER__
#include <xen/xen.h>

#include "lib/list.h"
#include "lib/types.h"

struct vcpu;
struct cpu;
struct ledger_cell;

/* Layout known to assembly: cpu/asm_offsets.c makes CPUINFO_* of it. regs is the frame that every entry from a guest
 * fills (hardware's own part is the last five words before es) and that every return to a guest is made from. */
struct cpu_info {
    struct cpu_user_regs regs;
    struct vcpu *vcpu;                /* whose registers are in regs; the idle vCPU where no guest is entered */
    struct ledger_cell *ledger_cell;  /* what the crossing under way is charged to */
    u64 entry_tsc;                    /* when it began */
    u32 cpu;                          /* index into cpus[] */
    u32 reserved;
    u64 scratch[3];                   /* for entry stubs */
    struct cpu *self;                 /* &cpus[cpu]: for entry stubs (pv_syscall_init sets it) */
};
/* The CPU aligns a ring-3 exception's stack to 16 bytes before it pushes (APM vol. 2, 8.9.3): &regs.es, where TSS.RSP0
 * points, has to be so aligned. */
_Static_assert((sizeof(struct cpu_info) - offsetof(struct cpu_user_regs, es)) % 16 == 0, "RSP0 alignment");

static inline struct cpu_info *cpu_info(void)
{
    unsigned long sp;
    asm("mov %%rsp, %0" : "=r" (sp));
    return (struct cpu_info *)((sp & ~(STACK_SIZE - 1UL)) + STACK_SIZE) - 1;
}
#define current (cpu_info()->vcpu)
#define smp_processor_id() (cpu_info()->cpu)
static inline struct cpu_user_regs *guest_regs(void) { return &cpu_info()->regs; }

enum softirq { SOFTIRQ_TIMER, SOFTIRQ_SCHEDULE, SOFTIRQ_TLB_EPOCH, SOFTIRQ_TIME_SYNC, SOFTIRQ_TRACE, SOFTIRQ_NMI,
               NR_SOFTIRQS };

struct tss64 {
    u32 reserved0;
    u64 rsp[3], reserved1, ist[7], reserved2;
    u16 reserved3, iomap_base;
} packed;

struct scheduler_cpu;
struct timer_heap;

/* Written by its own CPU with interrupts off unless a field says otherwise. */
struct cpu {
    volatile u32 softirq_pending;   /* bit per enum softirq; any CPU, atomically */
    u32 id, apic_id, acpi_id;
    bool online;                    /* set by the CPU itself, last thing it does before idling */
    bool parked;                    /* out of use, or to go as soon as it idles: cpu/hotplug.c */
    bool idle_halted;               /* in HLT with interrupts about to be taken; read by others to decide on an IPI */
    struct cpu_info *info;          /* top of its stack region */
    struct vcpu *idle_vcpu;
    struct vcpu *ctxt_vcpu;         /* whose FPU, segment and MSR state the hardware holds (lazily left by idle) */
    unsigned long cr3;              /* the value in CR3 */
    u32 tlb_time;                   /* tlb_clock value of this CPU's last full flush; read by others */
    u64 *gdt_page;                  /* Prism's own GDT entries (selectors 0xe000 up), one page */
    struct tss64 *tss;
    struct scheduler_cpu *sched;    /* RANK_SCHED lock inside */
    struct timer_heap *timers;      /* RANK_TIMER lock inside */
    u64 tsc_stamp;                  /* system time = stime_stamp + scale(tsc - tsc_stamp): see cpu/time.h */
    stime_t stime_stamp;
    u32 tsc_mul; int tsc_shift;     /* as in struct vcpu_time_info: ((delta << shift) * mul) >> 32 */
    u32 nmi_count, irq_depth;
    u64 watchdog_ticks;
    u64 locks_held;                 /* debug builds: bit per lock rank held (lib/spinlock.c) */
};

extern struct cpu cpus[NR_CPUS];
extern unsigned int nr_cpus;        /* that have been started: 0 .. nr_cpus-1. Some may be out of use (cpu/hotplug.h) */
static inline struct cpu *this_cpu(void) { return &cpus[smp_processor_id()]; }

typedef u64 cpumask_t;              /* bit per CPU index: NR_CPUS is 64 */

void raise_softirq(enum softirq which);               /* on this CPU */
void cpu_raise_softirq(unsigned int cpu, enum softirq which);   /* there, with an IPI if it could sleep over it */
void open_softirq(enum softirq which, void (*handler)(void));   /* at boot */
void do_softirq(void);              /* runs what is pending; interrupts on, no locks held. May not return (schedule). */
#endif
#endif
