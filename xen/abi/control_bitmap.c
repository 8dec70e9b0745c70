/* SPDX-License-Identifier: MIT */
/* Bitmaps of CPUs and nodes between Prism and the control domain (public header xen/xen.h, struct xenctl_bitmap). */
#include "abi/control.h"
#include "dom/guest_access.h"

int bitmap_to_guest(const struct xenctl_bitmap *to, u64 bits, u32 nr_bits)
{
    static const u8 zeros[64];
    u32 bytes = DIV_ROUND_UP((u64)to->nr_bits, 8), own = min(bytes, (u32)DIV_ROUND_UP(nr_bits, 8));
    if (copy_to_guest_offset(to->bitmap, 0, (const u8 *)&bits, own))
        return -EFAULT;
    for (u32 at = own; at < bytes; at += sizeof(zeros)) {
        if (at - own >= PAGE_SIZE)
            break;     /* no caller's bitmap is so long: it does not decide how long we work */
        if (copy_to_guest_offset(to->bitmap, at, zeros, min(bytes - at, (u32)sizeof(zeros))))
            return -EFAULT;
    }
    return 0;
}

int bitmap_from_guest(u64 *bits, const struct xenctl_bitmap *from)
{
    u32 nr_bits = min(from->nr_bits, 64u);
    *bits = 0;
    if (nr_bits && copy_from_guest((u8 *)bits, from->bitmap, DIV_ROUND_UP(nr_bits, 8)))
        return -EFAULT;
    if (nr_bits < 64)
        *bits &= (1UL << nr_bits) - 1;
    return 0;
}
