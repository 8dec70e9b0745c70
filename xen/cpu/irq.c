/* SPDX-License-Identifier: MIT */
/* Interrupt lines: descriptors, vectors, dispatch. A vector belongs to one line on all CPUs, so a line moves to
 * another CPU by its destination alone. */
#include "cpu/cpu.h"
#include "cpu/hotplug.h"
#include "cpu/x86.h"
#include "lib/bitops.h"
#include "lib/lib.h"
#include "trace/trace.h"

static struct irq_desc descs[NR_IRQS];
static struct irq_desc *volatile vector_to_desc[256];   /* taken and given back by cmpxchg */
static u64 msi_in_use[BITS_TO_LONGS(NR_IRQS - NR_GSI)]; /* atomic */

/* int 0x80 is a guest's system call, and 0x82 an old hypercall gate: software may raise them. */
static bool vector_reserved(unsigned int v) { return v == 0x80 || v == 0x82; }

struct irq_desc *irq_to_desc(unsigned int irq) { return irq < NR_IRQS ? &descs[irq] : NULL; }

/* Purpose: before any other function here. Boot CPU. */
__init void irq_init(void)
{
    for (unsigned int i = 0; i < NR_IRQS; i++) {
        spin_init(&descs[i].lock, RANK_IRQ);
        descs[i].irq = i;
        descs[i].masked = true;
    }
}

int irq_alloc_vector(struct irq_desc *desc, unsigned int cpu)
{
    static u8 next = VECTOR_FIRST_DYNAMIC;   /* a hint only */

    desc->cpu = (u8)cpu;
    if (desc->vector)
        return 0;
    for (unsigned int n = 0; n <= VECTOR_LAST_DYNAMIC - VECTOR_FIRST_DYNAMIC; n++) {
        unsigned int v = ACCESS_ONCE(next);

        ACCESS_ONCE(next) = v == VECTOR_LAST_DYNAMIC ? VECTOR_FIRST_DYNAMIC : v + 1;
        if (vector_reserved(v) || cmpxchg(&vector_to_desc[v], NULL, desc) != NULL)
            continue;
        desc->vector = (u8)v;
        trace(TRC_HW_IRQ_ASSIGN_VECTOR, desc->irq, v, 1u << cpu % 32);
        return 0;
    }
    return -ENOSPC;
}

void irq_free_vector(struct irq_desc *desc)
{
    if (desc->vector) {
        trace(TRC_HW_IRQ_CLEAR_VECTOR, desc->irq, desc->vector, 1u << desc->cpu % 32);
        ACCESS_ONCE(vector_to_desc[desc->vector]) = NULL;
    }
    desc->vector = 0;
}

int irq_alloc_msi(void)
{
    for (unsigned int i = 0; i < NR_IRQS - NR_GSI; i++)
        if (!test_and_set_bit(i, msi_in_use))
            return (int)(NR_GSI + i);
    return -ENOSPC;
}

/* Purpose: gives back what irq_alloc_msi() gave. The line has no handler. */
void irq_free_msi(unsigned int irq)
{
    struct irq_desc *desc = &descs[irq];
    unsigned long flags = spin_lock_irqsave(&desc->lock);

    irq_free_vector(desc);
    desc->chip = NULL;
    desc->chip_data = NULL;
    desc->masked = true;
    spin_unlock_irqrestore(&desc->lock, flags);
    clear_bit(irq - NR_GSI, msi_in_use);
}

static void set_masked(struct irq_desc *desc, bool masked)
{
    if (desc->masked == masked)
        return;
    desc->masked = masked;
    (masked ? desc->chip->mask : desc->chip->unmask)(desc);
}

/* Interrupts for a CPU above 254 need x2APIC destinations, which only an interrupt-remapping IOMMU takes; one that goes out of
 * use gets none. */
static unsigned int reachable(unsigned int cpu)
{
    return cpu < nr_cpus && cpus[cpu].apic_id < 255 && (cpu_active_mask & (1ULL << cpu)) ? cpu : 0;
}

int irq_request(unsigned int irq, void (*handler)(struct irq_desc *, void *), void *arg)
{
    struct irq_desc *desc = irq_to_desc(irq);
    unsigned long flags;
    int rc = 0;

    if (!desc)
        return -EINVAL;
    flags = spin_lock_irqsave(&desc->lock);
    if (!desc->chip)
        rc = -EINVAL;
    else if (desc->handler)
        rc = -EBUSY;
    else
        rc = irq_alloc_vector(desc, reachable(desc->cpu));
    if (rc == 0) {
        desc->arg = arg;
        desc->handler = handler;
        desc->chip->set_target(desc, desc->cpu);
        set_masked(desc, false);
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

/* Purpose: the line is masked, and its handler neither runs nor will run. Not from the handler; no lock that the
 * handler takes may be held. */
void irq_release(unsigned int irq)
{
    struct irq_desc *desc = irq_to_desc(irq);
    unsigned long flags;

    if (!desc)
        return;
    flags = spin_lock_irqsave(&desc->lock);
    if (desc->handler) {
        desc->handler = NULL;
        set_masked(desc, true);
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    irq_synchronize(desc);
    flags = spin_lock_irqsave(&desc->lock);
    if (!desc->handler)
        irq_free_vector(desc);
    spin_unlock_irqrestore(&desc->lock, flags);
}

void irq_synchronize(struct irq_desc *desc)
{
    while (ACCESS_ONCE(desc->in_progress))
        cpu_relax();
}

void irq_set_affinity(unsigned int irq, unsigned int cpu)
{
    struct irq_desc *desc = irq_to_desc(irq);
    unsigned long flags;

    if (!desc)
        return;
    cpu = reachable(cpu);
    flags = spin_lock_irqsave(&desc->lock);
    if (desc->cpu != cpu) {
        desc->cpu = (u8)cpu;
        if (desc->chip && desc->vector)
            desc->chip->set_target(desc, cpu);
    }
    spin_unlock_irqrestore(&desc->lock, flags);
}

void irq_vacate(unsigned int cpu)
{
    for (unsigned int irq = 0; irq < NR_IRQS; irq++)
        if (ACCESS_ONCE(descs[irq].cpu) == cpu)
            irq_set_affinity(irq, 0);
}

void irq_end(struct irq_desc *desc)
{
    unsigned long flags = spin_lock_irqsave(&desc->lock);

    if (desc->flow == IRQ_FLOW_LEVEL && desc->handler)
        set_masked(desc, false);
    spin_unlock_irqrestore(&desc->lock, flags);
}

/* Purpose: interrupt `vector` of the dynamic range has arrived on this CPU. Interrupts off. */
void irq_dispatch(u8 vector)
{
    struct irq_desc *desc = vector_to_desc[vector];
    void (*handler)(struct irq_desc *, void *);
    void *arg;
    u32 begin;

    if (!desc) {   /* was under way when its line was released */
        trace(TRC_HW_IRQ_UNMAPPED_VECTOR, vector);
        lapic_eoi();
        return;
    }
    spin_lock(&desc->lock);
    desc->count++;
    handler = desc->handler;
    arg = desc->arg;
    /* The EOI of a level interrupt makes the I/O APIC look at the line again, which its device still holds. */
    if (desc->flow == IRQ_FLOW_LEVEL && desc->chip)
        set_masked(desc, true);
    if (handler)
        desc->in_progress++;
    spin_unlock(&desc->lock);
    lapic_eoi();
    if (!handler)
        return;
    begin = unlikely(trace_on) ? (u32)rdtsc() : 0;
    handler(desc, arg);
    trace(TRC_HW_IRQ_HANDLED, desc->irq, begin, (u32)rdtsc());
    __atomic_sub_fetch(&desc->in_progress, 1, __ATOMIC_RELEASE);
}
