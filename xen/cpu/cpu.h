/* SPDX-License-Identifier: MIT */
/* Processors: bring-up, inter-processor calls, TLBs, FPU state, interrupt lines. */
#ifndef PRISM_CPU_CPU_H
#define PRISM_CPU_CPU_H

#include "cpu/percpu.h"
#include "lib/spinlock.h"

/* ---- desc.c: tables of this CPU. IDT gates lead to cpu/entry.S. */
void desc_init_cpu(unsigned int cpu);          /* GDT page, TSS, IDT, SYSCALL MSRs (through the hook below) */
void desc_load_gdt(unsigned long base);        /* lgdt with the full limit; base: a 16-page guest GDT, or idle's own */
void desc_load_idle_gdt(void);
void set_intr_gate(unsigned int vector, void (*stub)(void), unsigned int dpl, unsigned int ist);
extern void (*syscall_init_hook)(unsigned int cpu);   /* set by modes/pv before the CPUs start: LSTAR, CSTAR, ... */

/* ---- traps.c. Every vector's stub calls one of these with interrupts off; regs is in cpu_info on entry from a guest,
 * else on Prism's stack. A trap from a guest goes to current->domain->row->privileged->trap(). One from Prism itself is
 * looked up in the exception table (section .extable: pairs of s32, relative, fault and fix-up), else it is a panic
 * with registers, stack and call trace by symbol. */
void do_exception(struct cpu_user_regs *regs);
void do_interrupt(struct cpu_user_regs *regs);
void dump_state(const struct cpu_user_regs *regs);   /* registers, code bytes, stack, call trace; any context */
static inline bool from_guest(const struct cpu_user_regs *regs) { return regs == &cpu_info()->regs; }

/* ---- smp.c */
void smp_boot(void);                           /* starts every CPU that the MADT names; says which did not come */
/* Calls fn(arg) on every CPU in mask (this one too if it is in), waits for all if wait. Interrupts on, may hold locks
 * below RANK_IPI. fn runs with interrupts off. */
void on_cpus(cpumask_t mask, void (*fn)(void *), void *arg, bool wait);
void smp_send_event_check(unsigned int cpu);   /* an empty IPI: makes that CPU look at its softirqs before its guest */
void smp_stop_others(void);                    /* for panic and shutdown; any context */
extern cpumask_t cpu_online_mask;
void machine_restart(void) noreturn;           /* ACPI reset, port 0xcf9, 8042, triple fault, in that order */
void machine_halt(void) noreturn;
void machine_poweroff(u16 pm1a_cnt, u16 pm1a_val, u16 pm1b_cnt, u16 pm1b_val);   /* ACPI S5 as the control domain asks */

/* ---- tlb.c. tlb_clock rises with each full flush anywhere; a frame notes it when its last writable reference goes
 * (frame->tlb_stamp); a CPU whose tlb_time is not older has no stale entry for it. */
void tlb_init(void);                           /* boot CPU, before the others start */
void flush_tlb_local(void);                    /* all entries, global ones included */
void flush_tlb_one_local(unsigned long va);
void flush_tlb_mask(cpumask_t mask);           /* as on_cpus, waits; interrupts on unless mask is this CPU alone */
void flush_tlb_one_mask(cpumask_t mask, unsigned long va);
u32 tlb_clock_now(void);
/* Of mask, the CPUs that may hold a translation made before stamp. */
cpumask_t tlb_filter(cpumask_t mask, u32 stamp);
void write_cr3(unsigned long cr3);             /* loads CR3 with all non-global entries flushed; keeps cpu->cr3 */

/* ---- fpu.c: FPU, SSE, AVX state of a vCPU, XSAVE where there is one, else FXSAVE. */
void fpu_init_cpu(void);
int fpu_alloc(struct vcpu *v);                 /* -ENOMEM; initial state as after FNINIT with MXCSR 0x1f80 */
void fpu_reset(struct vcpu *v);                /* to that state again; it is in memory */
void fpu_free(struct vcpu *v);
void fpu_save(struct vcpu *v);                 /* if v's state is in the registers: saved, CR0.TS set */
void fpu_restore(struct vcpu *v);              /* #NM or eager: loads it, CR0.TS clear. v == current */
/* x87 and SSE state in FXSAVE's format, 512 bytes; v's state is in memory. What MXCSR cannot hold is dropped; all other
 * components are as at the beginning after an import. */
void fpu_export(const struct vcpu *v, void *fxsave);
void fpu_import(struct vcpu *v, const void *fxsave);

/* ---- lapic.c, ioapic.c, acpi.c */
void lapic_init_cpu(void);
void lapic_eoi(void);
void lapic_send_ipi(unsigned int cpu, u8 vector);
void lapic_send_nmi(unsigned int cpu);
void lapic_set_timer(stime_t deadline);        /* one interrupt at or just after it; STIME_NEVER: none */
struct acpi_info {
    u64 rsdp, madt, hpet_address, mcfg_address, fadt, dsdt;
    u32 pm_timer_port; bool pm_timer_32bit;
    u32 lapic_address;
    u8 mcfg_bus_start, mcfg_bus_end; u16 mcfg_segment;
    struct { u64 address; u8 space, width; u8 value; bool valid; } reset;
    u16 sci_irq, boot_flags;
    u32 pm1a_cnt, pm1b_cnt, pm1a_evt, pm1b_evt;
};
extern struct acpi_info acpi_info;
struct madt_cpu { u32 apic_id, acpi_id; bool enabled; };   /* those usable now, in the MADT's order */
extern struct madt_cpu madt_cpus[NR_CPUS];
extern unsigned int nr_madt_cpus;
void acpi_init(void);                          /* panics, saying what is missing, where the tables are unusable */
void *acpi_find_table(const char signature[4], unsigned int instance);   /* mapped, checksum right; NULL if none */

/* ---- irq.c: interrupt lines. A line is a GSI or an MSI; it has one descriptor, one vector, one target CPU. */
#define NR_IRQS 512
#define NR_GSI 256                             /* irq < NR_GSI is that GSI; from there on MSIs */
#define VECTOR_FIRST_DYNAMIC 0x30
#define VECTOR_LAST_DYNAMIC 0xdf
#define VECTOR_TIMER 0xf0
#define VECTOR_EVENT_CHECK 0xf1
#define VECTOR_CALL 0xf2
#define VECTOR_TLB 0xf3
#define VECTOR_ERROR 0xfe
#define VECTOR_SPURIOUS 0xff

struct irq_desc;
struct irq_chip {                              /* the controller behind a line; called with desc->lock held */
    const char *name;
    void (*mask)(struct irq_desc *), (*unmask)(struct irq_desc *);
    void (*set_target)(struct irq_desc *, unsigned int cpu);   /* rewrites destination and vector */
};
enum irq_flow { IRQ_FLOW_EDGE, IRQ_FLOW_LEVEL };
struct irq_desc {
    struct spinlock lock;                      /* RANK_IRQ, guards all of it */
    u32 irq;
    u8 vector;                                 /* 0: none yet */
    u8 cpu;
    enum irq_flow flow;
    bool masked, level_low;
    u32 in_progress;                           /* CPUs that run the handler now */
    const struct irq_chip *chip;
    void *chip_data;
    void (*handler)(struct irq_desc *, void *arg);   /* interrupts off, desc->lock not held */
    void *arg;
    u64 count;
};
void irq_init(void);                                  /* from ioapic_init() */
struct irq_desc *irq_to_desc(unsigned int irq);       /* NULL if irq is out of range */
int irq_alloc_vector(struct irq_desc *desc, unsigned int cpu);   /* -ENOSPC; lock held */
void irq_free_vector(struct irq_desc *desc);                      /* lock held */
void irq_dispatch(u8 vector);                         /* from do_interrupt, for dynamic vectors: makes the EOI too */
void irq_set_affinity(unsigned int irq, unsigned int cpu);        /* its interrupts arrive at cpu from now on */
int irq_alloc_msi(void);                              /* a free irq >= NR_GSI, or -ENOSPC */
void irq_free_msi(unsigned int irq);
/* Handler for a line; level lines are masked at the I/O APIC and EOIed before it runs, and unmasked by irq_end(). */
int irq_request(unsigned int irq, void (*handler)(struct irq_desc *, void *), void *arg);   /* -EBUSY -EINVAL -ENOSPC */
void irq_release(unsigned int irq);
void irq_synchronize(struct irq_desc *desc);          /* waits until its handler runs nowhere; not from it */
void irq_end(struct irq_desc *desc);                  /* level: the device is quiet now, unmask */
void ioapic_init(void);   /* boot CPU, after acpi_init: legacy PICs and all lines masked, ISA lines set up by the MADT */
/* Trigger mode and polarity of a GSI, and its route into the I/O APIC. Calling it twice with the same values is fine.
 * -EINVAL: no I/O APIC has it. -EBUSY: it is in use with other values. */
int ioapic_setup_gsi(unsigned int gsi, bool level, bool low);
int ioapic_read(u64 address, u32 reg, u32 *value);    /* for PHYSDEVOP_apic_read; -EINVAL */
int ioapic_pin_gsi(u64 address, u32 pin);             /* -EINVAL */
unsigned int ioapic_nr_gsis(void);
/* Message for an MSI on desc's CPU and vector (APM vol. 2, 16; PCI 3.0, 6.8.1). */
void msi_compose(const struct irq_desc *desc, u64 *address, u32 *data);

/* ---- watchdog.c: a CPU that does not run its timers for `seconds` is dumped and the machine stops; a vCPU that should run and
 * does not for twice as long is named on the console. 0: off. */
void watchdog_init(u32 seconds);

#endif
