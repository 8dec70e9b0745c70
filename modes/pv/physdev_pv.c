/* SPDX-License-Identifier: MIT */
/* The I/O privileges a PV kernel gives its tasks: IOPL and the port bitmap of the current vCPU (public header
 * xen/physdev.h). */
#include <xen/physdev.h>

#include "dom/guest_access.h"
#include "modes/pv/pv.h"

static long set_iopl(struct pv_vcpu *v, unsigned long arg)
{
    struct physdev_set_iopl op;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.iopl > 3)
        return -EINVAL;
    v->iopl = (u64)op.iopl << 12;
    return 0;
}

/* The bitmap stays in the guest's memory and is read, with all checks, at each access to a port. */
static long set_iobitmap(struct pv_vcpu *v, unsigned long arg)
{
    struct physdev_set_iobitmap op;
    u64 bitmap;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    bitmap = (u64)(unsigned long)op.bitmap.p;
    if (op.nr_ports > 65536 || !pv_range_ok(bitmap, DIV_ROUND_UP(op.nr_ports, 8)))
        return -EINVAL;
    v->iobmp = bitmap;
    v->iobmp_limit = op.nr_ports;
    return 0;
}

/* Purpose: the physdev operations that are about v's registers. v == current. -EFAULT; -EINVAL: out of range;
 * -ENOSYS. */
long pv_physdev_op(struct vcpu *v, int cmd, unsigned long arg)
{
    switch (cmd) {
    case PHYSDEVOP_set_iopl:
        return set_iopl(to_pv(v), arg);
    case PHYSDEVOP_set_iobitmap:
        return set_iobitmap(to_pv(v), arg);
    }
    return -ENOSYS;
}
