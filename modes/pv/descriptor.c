/* SPDX-License-Identifier: MIT */
/* What descriptors a PV guest may have in its GDT and LDT. Pure. */
#include "modes/pv/pv.h"

#define DESC_TYPE (0xfUL << 40)
#define DESC_S (1UL << 44)
#define DESC_DPL (3UL << 45)
#define DESC_P (1UL << 47)

/* The CPU gives a guest no more by a code or data segment than its page tables do, whatever base and limit. Gates, TSS
 * and LDT descriptors would be entries into Prism's privilege: none of those, except type 0, which is none at all.
 * What is not present is not looked at (AMD64 APM vol. 2, 4.7). */
bool pv_check_descriptor(u64 *descriptor)
{
    u64 d = *descriptor;

    if (!(d & DESC_P))
        return true;
    if (!(d & DESC_S))
        return !(d & DESC_TYPE);
    *descriptor = d | DESC_DPL;   /* rings 0 to 2 are not the guest's */
    return true;
}
