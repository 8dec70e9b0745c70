/* SPDX-License-Identifier: MIT */
/* The local APIC: xAPIC by memory, x2APIC by MSRs, behind one small table. Each CPU touches only its own. */
#include "cpu/lapic.h"

#include "cpu/acpi.h"
#include "cpu/cpu.h"
#include "cpu/time.h"
#include "cpu/time_scale.h"
#include "cpu/x86.h"
#include "lib/lib.h"
#include "mem/frame.h"

#define APIC_ID 0x020
#define APIC_VERSION 0x030
#define APIC_TPR 0x080
#define APIC_EOI 0x0b0
#define APIC_SVR 0x0f0
#define APIC_ISR 0x100
#define APIC_ESR 0x280
#define APIC_ICR_LOW 0x300
#define APIC_ICR_HIGH 0x310
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF 0x340
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370
#define APIC_TIMER_INITIAL 0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE 0x3e0

#define SVR_ENABLE (1u << 8)
#define ICR_BUSY (1u << 12)
#define ICR_ASSERT (1u << 14)
#define DELIVER_NMI (4u << 8)
#define DELIVER_INIT (5u << 8)
#define DELIVER_STARTUP (6u << 8)
#define LVT_MASKED (1u << 16)
#define LVT_TSC_DEADLINE (2u << 17)
#define DIVIDE_BY_1 0xb
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_X2APIC 0x800
#define APIC_BASE_ENABLE (1u << 11)
#define APIC_BASE_X2APIC (1u << 10)

struct lapic_ops {
    const char *name;
    u32 (*read)(unsigned int reg);
    void (*write)(unsigned int reg, u32 value);
    void (*send)(u32 apic_id, u32 low);    /* interrupts off */
};

static volatile u8 *registers;             /* xAPIC */

static u32 xapic_read(unsigned int reg) { return *(volatile u32 *)(registers + reg); }
static void xapic_write(unsigned int reg, u32 value) { *(volatile u32 *)(registers + reg) = value; }

static void xapic_send(u32 apic_id, u32 low)
{
    /* The previous one must have left (16.5): an unbounded wait would hang a panic on a broken APIC. */
    for (unsigned int i = 0; i < 1000000 && (xapic_read(APIC_ICR_LOW) & ICR_BUSY); i++)
        cpu_relax();
    xapic_write(APIC_ICR_HIGH, apic_id << 24);
    xapic_write(APIC_ICR_LOW, low);
}

static u32 x2apic_read(unsigned int reg) { return (u32)rdmsr(MSR_X2APIC + (reg >> 4)); }
static void x2apic_write(unsigned int reg, u32 value) { wrmsr(MSR_X2APIC + (reg >> 4), value); }

static void x2apic_send(u32 apic_id, u32 low)
{
    /* This MSR write does not wait for earlier stores (Intel SDM 10.12.3). */
    asm volatile("mfence; lfence" ::: "memory");
    wrmsr(MSR_X2APIC + (APIC_ICR_LOW >> 4), (u64)apic_id << 32 | low);
}

static const struct lapic_ops xapic = { "xAPIC", xapic_read, xapic_write, xapic_send };
static const struct lapic_ops x2apic = { "x2APIC", x2apic_read, x2apic_write, x2apic_send };
static const struct lapic_ops *lapic;
static struct time_scale ns_per_tick;      /* of the timer; mul 0 until it is calibrated, or with TSC deadlines */

/* The mode is the boot CPU's for all: x2APIC where the CPU has it or the firmware has switched to it. */
static void choose_mode(void)
{
    u64 base = rdmsr(MSR_APIC_BASE);

    if (lapic)
        return;
    if (cpu_features.x2apic || (base & APIC_BASE_X2APIC)) {
        lapic = &x2apic;
    } else {
        registers = ioremap(acpi_info.lapic_address, PAGE_SIZE, MAP_UC);
        if (!registers)
            panic("Local APIC: no address space to map it");
        lapic = &xapic;
    }
    printk("Local APIC: %s%s\n", lapic->name, cpu_features.tsc_deadline ? ", timer by TSC deadline" : "");
}

u32 lapic_id(void)
{
    u32 id;

    if (!lapic)   /* before lapic_init_cpu(): what it had at reset */
        return cpuid(1, 0).b >> 24;
    id = lapic->read(APIC_ID);
    return lapic == &x2apic ? id : id >> 24;
}

/* Interrupts that were being served when the firmware left would block all below them. */
static void finish_in_service(void)
{
    for (unsigned int round = 0; round < 256; round++) {
        u32 any = 0;

        for (unsigned int i = 0; i < 8; i++)
            any |= lapic->read(APIC_ISR + 0x10 * i);
        if (!any)
            return;
        lapic->write(APIC_EOI, 0);
    }
}

/* Purpose: this CPU's APIC on, everything local masked but errors and, on the boot CPU, the NMI pin. Interrupts off. */
void lapic_init_cpu(void)
{
    u64 base = rdmsr(MSR_APIC_BASE);
    u32 max_lvt;

    choose_mode();
    if (lapic == &x2apic) {
        if (!(base & APIC_BASE_X2APIC)) {
            wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
            wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
        }
    } else if (!(base & APIC_BASE_ENABLE)) {
        wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
    }
    lapic->write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
    lapic->write(APIC_TPR, 0);
    max_lvt = (lapic->read(APIC_VERSION) >> 16) & 0xff;
    lapic->write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
    lapic->write(APIC_LVT_LINT0, LVT_MASKED);
    lapic->write(APIC_LVT_LINT1, DELIVER_NMI | (smp_processor_id() ? LVT_MASKED : 0));
    if (max_lvt >= 4)
        lapic->write(APIC_LVT_PERF, LVT_MASKED | DELIVER_NMI);
    if (max_lvt >= 5)
        lapic->write(APIC_LVT_THERMAL, LVT_MASKED | VECTOR_SPURIOUS);
    finish_in_service();
    lapic->write(APIC_ESR, 0);
    lapic->write(APIC_LVT_ERROR, VECTOR_ERROR);

    lapic->write(APIC_TIMER_INITIAL, 0);
    lapic->write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
    lapic->write(APIC_LVT_TIMER, VECTOR_TIMER | (cpu_features.tsc_deadline ? LVT_TSC_DEADLINE : 0));
    if (cpu_features.tsc_deadline)
        asm volatile("mfence" ::: "memory");   /* the mode is set before the first deadline (Intel SDM 10.5.4.1) */
    this_cpu()->apic_id = lapic_id();
    for (unsigned int i = 0; i < nr_madt_cpus; i++)
        if (madt_cpus[i].apic_id == this_cpu()->apic_id)
            this_cpu()->acpi_id = madt_cpus[i].acpi_id;
}

void lapic_disable(void)
{
    if (!lapic)
        return;
    lapic->write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
    lapic->write(APIC_SVR, VECTOR_SPURIOUS);
}

void lapic_eoi(void) { lapic->write(APIC_EOI, 0); }

static void send(u32 apic_id, u32 low)
{
    unsigned long flags = irq_save();

    lapic->send(apic_id, low);
    irq_restore(flags);
}

/* Purpose: interrupt `vector` on CPU `cpu`. Any context. */
void lapic_send_ipi(unsigned int cpu, u8 vector) { send(cpus[cpu].apic_id, ICR_ASSERT | vector); }
void lapic_send_nmi(unsigned int cpu) { send(cpus[cpu].apic_id, ICR_ASSERT | DELIVER_NMI); }
void lapic_send_init(unsigned int cpu) { send(cpus[cpu].apic_id, ICR_ASSERT | DELIVER_INIT); }
void lapic_send_startup(unsigned int cpu, u8 page) { send(cpus[cpu].apic_id, ICR_ASSERT | DELIVER_STARTUP | page); }

void lapic_error_interrupt(void)
{
    u32 error;

    lapic->write(APIC_ESR, 0);   /* latches what has gathered */
    error = lapic->read(APIC_ESR);
    pr_err("CPU%u: local APIC error, status %#x\n", smp_processor_id(), error);
}

/* Purpose: the next VECTOR_TIMER at `deadline` of system time or just after; it replaces an earlier one. Interrupts
 * off. */
void lapic_set_timer(stime_t deadline)
{
    stime_t now;
    u64 ticks = 0;

    if (cpu_features.tsc_deadline) {
        wrmsr(MSR_TSC_DEADLINE, deadline == STIME_NEVER ? 0 : stime_to_tsc(deadline));
        return;
    }
    if (deadline != STIME_NEVER) {
        now = system_time();
        ticks = deadline > now ? scale_ns(deadline - now, ns_per_tick) : 1;
        /* Further than the counter reaches: an interrupt that finds nothing due sets it again. */
        ticks = min(ticks, (u64)0xffffffff);
    }
    lapic->write(APIC_TIMER_INITIAL, (u32)ticks);
}

void lapic_timer_measure_start(void)
{
    BUG_ON(!lapic);   /* lapic_init_cpu() comes before time_init() */
    if (cpu_features.tsc_deadline)
        return;
    lapic->write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
    lapic->write(APIC_TIMER_INITIAL, 0xffffffff);
}

u64 lapic_timer_measure_end(void)
{
    u32 left;

    if (cpu_features.tsc_deadline)
        return 0;
    left = lapic->read(APIC_TIMER_CURRENT);
    lapic->write(APIC_TIMER_INITIAL, 0);
    lapic->write(APIC_LVT_TIMER, VECTOR_TIMER);
    return 0xffffffffu - left;
}

void lapic_timer_calibrated(u64 hz)
{
    if (cpu_features.tsc_deadline)
        return;
    if (hz < 1000000)
        panic("Local APIC: its timer does not count");
    ns_per_tick = scale_of_hz(hz);
    printk("Local APIC timer is %lu.%03lu MHz\n", (unsigned long)(hz / 1000000), (unsigned long)(hz / 1000 % 1000));
}
