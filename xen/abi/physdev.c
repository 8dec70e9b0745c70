/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_physdev_op (public header xen/physdev.h): interrupt lines and PCI functions of the machine. */
#include <xen/physdev.h>

#include "abi/hypercall.h"
#include "abi/pirq.h"
#include "cpu/cpu.h"
#include "cpu/pci.h"
#include "dom/guest_access.h"
#include "lib/lib.h"

union physdev_arg {
    struct physdev_eoi eoi;
    struct physdev_pirq_eoi_gmfn eoi_gmfn;
    struct physdev_irq_status_query status;
    struct physdev_apic apic;
    struct physdev_irq irq;
    struct physdev_map_pirq map;
    struct physdev_unmap_pirq unmap;
    struct physdev_manage_pci manage;
    struct physdev_manage_pci_ext manage_ext;
    struct physdev_restore_msi restore;
    struct physdev_setup_gsi gsi;
    struct physdev_get_free_pirq free_pirq;
    struct physdev_pci_mmcfg_reserved mmcfg;
    struct { u16 seg; u8 bus, devfn; u32 flags; } device_add;   /* the array that may follow tells of NUMA only */
    struct physdev_pci_device device;
    struct physdev_dbgp_op dbgp;
};
_Static_assert(offsetof(struct physdev_pci_device_add, flags) == 4, "device_add is its beginning");

static long do_eoi(struct domain *d, union physdev_arg *a) { return pirq_guest_eoi(d, a->eoi.irq); }
static long do_eoi_gmfn(struct domain *d, union physdev_arg *a) { return pirq_set_eoi_map(d, a->eoi_gmfn.gmfn); }
static long do_status(struct domain *d, union physdev_arg *a)
{ return pirq_status(d, a->status.irq, &a->status.flags); }
static long do_apic_read(struct domain *d, union physdev_arg *a)
{ return ioapic_read(a->apic.apic_physbase, a->apic.reg, &a->apic.value); }

static long setup_gsi(u32 gsi, bool level, bool low)
{
    struct irq_desc *desc = irq_to_desc(gsi);

    if (gsi >= ioapic_nr_gsis() || !desc->chip)
        return -EINVAL;
    if (ACCESS_ONCE(desc->handler))
        return -EEXIST;   /* Prism's own, or bound already: its mode stays */
    return ioapic_setup_gsi(gsi, level, low);
}

/* A redirection entry: its mode is taken as PHYSDEVOP_setup_gsi's; vector and destination are Prism's. */
static long do_apic_write(struct domain *d, union physdev_arg *a)
{
    int gsi;
    long rc;

    if (a->apic.reg < 0x10)
        return -EPERM;
    gsi = ioapic_pin_gsi(a->apic.apic_physbase, (a->apic.reg - 0x10) / 2);
    if (gsi < 0)
        return gsi;
    if ((a->apic.reg & 1) || (a->apic.value & (1u << 16)))
        return 0;   /* the destination's half, or a masked pin, which it is anyway until it is bound */
    rc = setup_gsi((u32)gsi, a->apic.value & (1u << 15), a->apic.value & (1u << 13));
    return rc == -EEXIST ? 0 : rc;
}

/* Vectors are Prism's own; what the caller gets is a handle, the number of the line. */
static long do_alloc_vector(struct domain *d, union physdev_arg *a)
{
    if (a->irq.irq >= d->nr_pirqs)
        return -EINVAL;
    a->irq.vector = a->irq.irq;
    return 0;
}

static int map_msi(struct domain *target, struct physdev_map_pirq *m)
{
    u32 segment = m->type == MAP_PIRQ_TYPE_MSI ? 0 : (u32)m->bus >> 16;
    bool msix = m->type != MAP_PIRQ_TYPE_MULTI_MSI && m->table_base != 0;
    int irq, rc;

    if (m->devfn < 0 || m->devfn > 0xff || m->entry_nr < 0 || (m->type == MAP_PIRQ_TYPE_MSI && m->bus >> 8))
        return -EINVAL;
    /* Several messages of one address need interrupt remapping to be told apart by CPU. */
    if (m->type == MAP_PIRQ_TYPE_MULTI_MSI && m->entry_nr != 1)
        return m->entry_nr > 0 && m->entry_nr <= 32 ? -EOPNOTSUPP : -EDOM;
    irq = irq_alloc_msi();
    if (irq < 0)
        return irq;
    rc = msi_setup((u32)irq, pci_sbdf(segment, m->bus & 0xff, (u32)m->devfn), msix, msix ? (u32)m->entry_nr : 0,
                   m->table_base);
    if (rc)
        goto out_irq;
    rc = pirq_map(target, (u32)irq, true, &m->pirq);
    if (rc)
        goto out_msi;
    return 0;

out_msi:
    msi_teardown((u32)irq);
out_irq:
    irq_free_msi((u32)irq);
    return rc;
}

static long map_for(struct domain *d, struct domain *target, struct physdev_map_pirq *m)
{
    switch (m->type) {
    case MAP_PIRQ_TYPE_GSI:
        if (m->index < 0 || (u32)m->index >= ioapic_nr_gsis())
            return -EINVAL;
        return pirq_map(target, (u32)m->index, false, &m->pirq);
    case MAP_PIRQ_TYPE_MSI:
    case MAP_PIRQ_TYPE_MSI_SEG:
    case MAP_PIRQ_TYPE_MULTI_MSI:
        return d->is_privileged ? map_msi(target, m) : -EPERM;
    }
    return -EINVAL;
}

/* The domain an operation is for: the caller's own, or, if it is privileged, any. A reference. NULL with *rc set. */
static struct domain *target_of(struct domain *d, domid_t id, long *rc)
{
    struct domain *target;

    if (id != DOMID_SELF && id != d->id && !d->is_privileged) {
        *rc = -EPERM;
        return NULL;
    }
    target = domain_get(id);
    if (!target)
        *rc = -ESRCH;
    return target;
}

static long do_map_pirq(struct domain *d, union physdev_arg *a)
{
    long rc;
    struct domain *target = target_of(d, a->map.domid, &rc);

    if (!target)
        return rc;
    rc = map_for(d, target, &a->map);
    domain_put(target);
    return rc;
}

static long do_unmap_pirq(struct domain *d, union physdev_arg *a)
{
    long rc;
    struct domain *target = target_of(d, a->unmap.domid, &rc);

    if (!target)
        return rc;
    rc = a->unmap.pirq < 0 ? -EINVAL : pirq_unmap(target, (u32)a->unmap.pirq);
    domain_put(target);
    return rc;
}

/* The control domain has found, or lost, a function. Prism looks at devices only when they are used, so it is only
 * checked. */
static long device_known(u32 seg, u32 bus, u32 devfn, const char *what)
{
    if (!pci_segment_exists((u16)seg))
        return -EOPNOTSUPP;
    pr_debug("PCI %s device %04x:%02x:%02x.%u\n", what, seg, bus, devfn >> 3, devfn & 7);
    return 0;
}

static long do_manage_add(struct domain *d, union physdev_arg *a)
{ return device_known(0, a->manage.bus, a->manage.devfn, "add"); }
static long do_manage_remove(struct domain *d, union physdev_arg *a)
{ return device_known(0, a->manage.bus, a->manage.devfn, "remove"); }
static long do_manage_add_ext(struct domain *d, union physdev_arg *a)
{ return device_known(0, a->manage_ext.bus, a->manage_ext.devfn, "add"); }
static long do_device_add(struct domain *d, union physdev_arg *a)
{ return device_known(a->device_add.seg, a->device_add.bus, a->device_add.devfn, "add"); }
static long do_device_remove(struct domain *d, union physdev_arg *a)
{ return device_known(a->device.seg, a->device.bus, a->device.devfn, "remove"); }

static long do_restore_msi(struct domain *d, union physdev_arg *a)
{ return msi_restore(pci_sbdf(0, a->restore.bus, a->restore.devfn)); }
static long do_restore_msi_ext(struct domain *d, union physdev_arg *a)
{ return msi_restore(pci_sbdf(a->device.seg, a->device.bus, a->device.devfn)); }

/* That a function's MSI-X table will not move needs no note: where it is, is read anew whenever an entry is set up. */
static long do_msix_resources(struct domain *d, union physdev_arg *a)
{ return pci_function_exists(pci_sbdf(a->device.seg, a->device.bus, a->device.devfn)) ? 0 : -ENODEV; }

static long do_setup_gsi(struct domain *d, union physdev_arg *a)
{
    if (a->gsi.gsi < 0)
        return -EINVAL;
    return setup_gsi((u32)a->gsi.gsi, a->gsi.triggering, a->gsi.polarity);
}

static long do_get_free_pirq(struct domain *d, union physdev_arg *a)
{
    int rc;

    if (a->free_pirq.type != MAP_PIRQ_TYPE_MSI && a->free_pirq.type != MAP_PIRQ_TYPE_GSI)
        return -EINVAL;
    rc = pirq_find_free(d, a->free_pirq.type == MAP_PIRQ_TYPE_MSI);
    if (rc < 0)
        return rc;
    a->free_pirq.pirq = (u32)rc;
    return 0;
}

static long do_mmcfg_reserved(struct domain *d, union physdev_arg *a)
{
    return pci_mcfg_known(a->mmcfg.address, a->mmcfg.segment, a->mmcfg.start_bus, a->mmcfg.end_bus) ? 0 : -ENODEV;
}

/* Prism uses no USB debug port, so nothing is to be done around a reset of one. */
static long do_dbgp(struct domain *d, union physdev_arg *a)
{
    bool op_ok = a->dbgp.op == PHYSDEVOP_DBGP_RESET_PREPARE || a->dbgp.op == PHYSDEVOP_DBGP_RESET_DONE;
    bool bus_ok = a->dbgp.bus == PHYSDEVOP_DBGP_BUS_UNKNOWN || a->dbgp.bus == PHYSDEVOP_DBGP_BUS_PCI;

    return op_ok && bus_ok ? 0 : -EINVAL;
}

#define PRIVILEGED 1     /* the control domain's only */
#define OUT 2            /* the argument is written back on success */
#define OP(number, fn, member, flags) [number] = { fn, sizeof(((union physdev_arg *)0)->member), flags }

static const struct { long (*fn)(struct domain *d, union physdev_arg *a); u8 size, flags; } operations[] = {
    OP(PHYSDEVOP_irq_status_query, do_status, status, OUT),
    OP(PHYSDEVOP_apic_read, do_apic_read, apic, PRIVILEGED | OUT),
    OP(PHYSDEVOP_apic_write, do_apic_write, apic, PRIVILEGED),
    OP(PHYSDEVOP_alloc_irq_vector, do_alloc_vector, irq, PRIVILEGED | OUT),
    OP(PHYSDEVOP_eoi, do_eoi, eoi, 0),
    OP(PHYSDEVOP_map_pirq, do_map_pirq, map, OUT),
    OP(PHYSDEVOP_unmap_pirq, do_unmap_pirq, unmap, 0),
    OP(PHYSDEVOP_manage_pci_add, do_manage_add, manage, PRIVILEGED),
    OP(PHYSDEVOP_manage_pci_remove, do_manage_remove, manage, PRIVILEGED),
    OP(PHYSDEVOP_restore_msi, do_restore_msi, restore, PRIVILEGED),
    OP(PHYSDEVOP_manage_pci_add_ext, do_manage_add_ext, manage_ext, PRIVILEGED),
    OP(PHYSDEVOP_setup_gsi, do_setup_gsi, gsi, PRIVILEGED),
    OP(PHYSDEVOP_get_free_pirq, do_get_free_pirq, free_pirq, OUT),
    OP(PHYSDEVOP_pci_mmcfg_reserved, do_mmcfg_reserved, mmcfg, PRIVILEGED),
    OP(PHYSDEVOP_pci_device_add, do_device_add, device_add, PRIVILEGED),
    OP(PHYSDEVOP_pci_device_remove, do_device_remove, device, PRIVILEGED),
    OP(PHYSDEVOP_restore_msi_ext, do_restore_msi_ext, device, PRIVILEGED),
    OP(PHYSDEVOP_pirq_eoi_gmfn_v2, do_eoi_gmfn, eoi_gmfn, 0),
    OP(PHYSDEVOP_dbgp_op, do_dbgp, dbgp, PRIVILEGED),
    OP(PHYSDEVOP_prepare_msix, do_msix_resources, device, PRIVILEGED),
    OP(PHYSDEVOP_release_msix, do_msix_resources, device, PRIVILEGED),
};

/* Purpose: operation `number` with its argument at guest address `arg`. -ENOSYS: there is no such operation. -EPERM:
 * it is the control domain's. -EFAULT, and what the operation returns. */
long hypercall_physdev_op(unsigned long number, unsigned long arg, unsigned long a3, unsigned long a4, unsigned long a5,
                          unsigned long a6)
{
    struct domain *d = current->domain;
    unsigned int cmd = (unsigned int)number;   /* the ABI's type is int */
    union physdev_arg a;
    long rc;

    if (cmd == PHYSDEVOP_set_iopl || cmd == PHYSDEVOP_set_iobitmap)
        return d->row->privileged->physdev_op ? d->row->privileged->physdev_op(current, (int)cmd, arg) : -ENOSYS;
    if (cmd >= ARRAY_SIZE(operations) || !operations[cmd].fn)
        return -ENOSYS;
    if ((operations[cmd].flags & PRIVILEGED) && !d->is_privileged)
        return -EPERM;
    if (copy_from_guest_va(&a, arg, operations[cmd].size))
        return -EFAULT;
    rc = operations[cmd].fn(d, &a);
    if (rc == 0 && (operations[cmd].flags & OUT) && copy_to_guest_va(arg, &a, operations[cmd].size))
        return -EFAULT;
    return rc;
}
