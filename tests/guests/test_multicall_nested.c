/* SPDX-License-Identifier: MIT */
/* A multicall inside a multicall is refused; entries after a failing one are carried out; a bad list is -EFAULT. */
#include "lib/guest.h"

void test_main(void)
{
    multicall_entry_t inner = { .op = __HYPERVISOR_xen_version, .args = { XENVER_version, 0 } };
    multicall_entry_t list[3] = {
        { .op = __HYPERVISOR_multicall, .args = { (unsigned long)&inner, 1 } },
        { .op = 63 },
        { .op = __HYPERVISOR_xen_version, .args = { XENVER_version, 0 } },
    };

    EXPECT("multicall", CALL2(multicall, list, 3), 0);
    EXPECT_ERROR("nested multicall", (long)list[0].result);
    EXPECT("unknown number in a multicall", (long)list[1].result, -XEN_ENOSYS);
    EXPECT("version in a multicall", list[2].result, CALL2(xen_version, XENVER_version, 0));
    EXPECT("multicall from Prism's memory", CALL2(multicall, 0xffff830000001000UL, 1), -XEN_EFAULT);
    EXPECT("multicall of 2^31 entries from nowhere", CALL2(multicall, 8, 0x7fffffff), -XEN_EFAULT);
    EXPECT("multicall of none", CALL2(multicall, 0, 0), 0);
}
