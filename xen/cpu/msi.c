/* SPDX-License-Identifier: MIT */
/* Message-signalled interrupts (PCI 3.0, 6.8): what Prism writes into the devices of the control domain, so that their
 * messages reach the line's CPU and vector. The control domain sets the enable bits, Prism messages and per-vector
 * masks. */
#include "cpu/cpu.h"
#include "cpu/pci.h"
#include "lib/lib.h"
#include "mem/frame.h"

#define CAP_MSI 0x05
#define CAP_MSIX 0x11
#define MSI_CONTROL 2
#define MSI_CONTROL_ENABLE (1u << 0)
#define MSI_CONTROL_COUNT (7u << 4)
#define MSI_CONTROL_64BIT (1u << 7)
#define MSI_CONTROL_MASKS (1u << 8)
#define MSI_ADDRESS 4
#define MSIX_TABLE 4
#define MSIX_ENTRY_SIZE 16
#define VECTOR_CONTROL_MASKED 1u

/* One message source; the line's chip_data. Constant once set up, but what masked says: desc->lock. */
struct msi_source {
    u32 sbdf, entry;
    u32 capability;               /* offset of the MSI capability; MSI-X: unused */
    bool msix, wide, maskable;
    volatile u32 *slot;           /* MSI-X: its table entry, mapped */
};

static struct msi_source *sources[NR_IRQS - NR_GSI];
static struct spinlock msi_lock = SPINLOCK_INIT(RANK_MSI);   /* guards sources[]; interrupts on */

void msi_compose(const struct irq_desc *desc, u64 *address, u32 *data)
{
    *address = 0xfee00000u | (u64)(cpus[desc->cpu].apic_id & 0xff) << 12;   /* physical destination */
    *data = desc->vector;                                                  /* fixed delivery, edge */
}

static u32 mask_register(const struct msi_source *s) { return s->capability + (s->wide ? 0x10 : 0x0c); }

static void set_mask(struct irq_desc *desc, u32 mask)
{
    const struct msi_source *s = desc->chip_data;

    if (s->msix)
        s->slot[3] = (s->slot[3] & ~VECTOR_CONTROL_MASKED) | mask;
    else if (s->maskable)
        pci_write(s->sbdf, mask_register(s), 4, (pci_read(s->sbdf, mask_register(s), 4) & ~1u) | mask);
}

static void msi_mask(struct irq_desc *desc) { set_mask(desc, 1); }
static void msi_unmask(struct irq_desc *desc) { set_mask(desc, 0); }

/* Masked while address and data disagree (6.8.3.5: an unmasked MSI-X entry must not be changed). */
static void msi_set_target(struct irq_desc *desc, unsigned int cpu)
{
    const struct msi_source *s = desc->chip_data;
    u64 address;
    u32 data;

    msi_compose(desc, &address, &data);
    set_mask(desc, 1);
    if (s->msix) {
        s->slot[0] = (u32)address;
        s->slot[1] = (u32)(address >> 32);
        s->slot[2] = data;
    } else {
        pci_write(s->sbdf, s->capability + MSI_ADDRESS, 4, (u32)address);
        if (s->wide)
            pci_write(s->sbdf, s->capability + MSI_ADDRESS + 4, 4, (u32)(address >> 32));
        pci_write(s->sbdf, s->capability + MSI_ADDRESS + (s->wide ? 8 : 4), 2, data);
    }
    if (!desc->masked)
        set_mask(desc, 0);
}

static const struct irq_chip msi_chip = {
    .name = "MSI", .mask = msi_mask, .unmask = msi_unmask, .set_target = msi_set_target,
};

/* The machine address of BAR `bar`; 0 if it is no memory BAR or not set. */
static u64 bar_address(u32 sbdf, u32 bar)
{
    u32 reg = 0x10 + 4 * bar, low = pci_read(sbdf, reg, 4);
    u64 address = low & ~15u;

    if (bar > 5 || (low & 1))
        return 0;
    if (((low >> 1) & 3) == 2 && bar < 5)
        address |= (u64)pci_read(sbdf, reg + 4, 4) << 32;
    return address;
}

static int find_msix(struct msi_source *s, u64 table_base)
{
    u32 cap = pci_find_capability(s->sbdf, CAP_MSIX), table;
    u64 base;

    if (!cap || s->entry > (pci_read(s->sbdf, cap + MSI_CONTROL, 2) & 0x7ff))
        return -EINVAL;
    table = pci_read(s->sbdf, cap + MSIX_TABLE, 4);
    base = bar_address(s->sbdf, table & 7);
    if (!base)
        base = table_base;
    if (!base || (base & 15) || base >> 52 || mfn_is_ram(base >> PAGE_SHIFT))
        return -EINVAL;
    s->slot = ioremap(base + (table & ~7u) + (u64)s->entry * MSIX_ENTRY_SIZE, MSIX_ENTRY_SIZE, MAP_UC);
    s->maskable = true;
    return s->slot ? 0 : -ENOMEM;
}

static int find_msi(struct msi_source *s)
{
    u32 control;

    s->capability = pci_find_capability(s->sbdf, CAP_MSI);
    if (!s->capability || s->entry)
        return -EINVAL;
    control = pci_read(s->sbdf, s->capability + MSI_CONTROL, 2);
    s->wide = control & MSI_CONTROL_64BIT;
    s->maskable = control & MSI_CONTROL_MASKS;
    pci_write(s->sbdf, s->capability + MSI_CONTROL, 2, control & ~MSI_CONTROL_COUNT);   /* one message */
    return 0;
}

static void free_source(struct msi_source *s)
{
    if (s && s->slot)
        iounmap((void *)s->slot, MSIX_ENTRY_SIZE);
    xfree(s);
}

static bool has_line(const struct msi_source *s)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(sources); i++)
        if (sources[i] && sources[i]->sbdf == s->sbdf && sources[i]->msix == s->msix && sources[i]->entry == s->entry)
            return true;
    return false;
}

int msi_setup(u32 irq, u32 sbdf, bool msix, u32 entry, u64 table_base)
{
    struct irq_desc *desc = irq_to_desc(irq);
    struct msi_source *s;
    unsigned long flags;
    int rc;

    if (!desc || irq < NR_GSI)
        return -EINVAL;
    if (!pci_function_exists(sbdf))
        return -ENODEV;
    s = xzalloc(struct msi_source);
    if (!s)
        return -ENOMEM;
    *s = (struct msi_source){ .sbdf = sbdf, .entry = entry, .msix = msix };
    rc = msix ? find_msix(s, table_base) : find_msi(s);
    if (rc)
        goto out_free;

    spin_lock(&msi_lock);
    rc = has_line(s) ? -EEXIST : 0;
    if (!rc)
        sources[irq - NR_GSI] = s;
    spin_unlock(&msi_lock);
    if (rc)
        goto out_free;

    flags = spin_lock_irqsave(&desc->lock);
    desc->chip = &msi_chip;
    desc->chip_data = s;
    desc->flow = IRQ_FLOW_EDGE;
    desc->masked = true;
    rc = irq_alloc_vector(desc, 0);
    if (!rc)
        msi_set_target(desc, desc->cpu);
    spin_unlock_irqrestore(&desc->lock, flags);
    if (rc)
        msi_teardown(irq);
    return rc;

out_free:
    free_source(s);
    return rc;
}

void msi_teardown(u32 irq)
{
    struct irq_desc *desc = irq_to_desc(irq);
    struct msi_source *s;
    unsigned long flags;
    u32 control;

    spin_lock(&msi_lock);
    s = sources[irq - NR_GSI];
    sources[irq - NR_GSI] = NULL;
    spin_unlock(&msi_lock);
    if (!s)
        return;
    flags = spin_lock_irqsave(&desc->lock);
    set_mask(desc, 1);
    if (!s->msix) {
        control = pci_read(s->sbdf, s->capability + MSI_CONTROL, 2);
        pci_write(s->sbdf, s->capability + MSI_CONTROL, 2, control & ~MSI_CONTROL_ENABLE);
    }
    irq_free_vector(desc);
    desc->chip = NULL;
    desc->chip_data = NULL;
    spin_unlock_irqrestore(&desc->lock, flags);
    free_source(s);
}

int msi_restore(u32 sbdf)
{
    if (!pci_function_exists(sbdf))
        return -ENODEV;
    spin_lock(&msi_lock);
    for (unsigned int i = 0; i < ARRAY_SIZE(sources); i++) {
        struct irq_desc *desc = irq_to_desc(NR_GSI + i);
        unsigned long flags;

        if (!sources[i] || sources[i]->sbdf != sbdf)
            continue;
        flags = spin_lock_irqsave(&desc->lock);
        if (desc->chip_data == sources[i] && desc->vector)
            msi_set_target(desc, desc->cpu);
        spin_unlock_irqrestore(&desc->lock, flags);
    }
    spin_unlock(&msi_lock);
    return 0;
}
