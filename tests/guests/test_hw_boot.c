/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* A kernel in a container starts as the boot protocol says, knows its hypervisor by CPUID and has the clock. */
#include <xen/arch-x86/cpuid.h>
#include <xen/arch-x86/hvm/start_info.h>

#include "lib/guest.h"

extern u32 hvm_start_info;

static void boot_protocol(void)
{
    const struct hvm_start_info *info = (const void *)(unsigned long)hvm_start_info;

    EXPECT("the start info's magic", info->magic, XEN_HVM_START_MAGIC_VALUE);
    if (info->version < 1)
        FAIL("version %lu of the start info has no memory map", (unsigned long)info->version);
    if (!info->memmap_entries || !info->memmap_paddr)
        FAIL("an empty memory map");
    if (!info->rsdp_paddr)
        FAIL("no ACPI tables");
}

static void hypervisor(void)
{
    u32 r[4];

    cpuid(XEN_CPUID_FIRST_LEAF, 0, r);
    EXPECT("signature", r[1], XEN_CPUID_SIGNATURE_EBX);
    EXPECT("signature", r[2], XEN_CPUID_SIGNATURE_ECX);
    EXPECT("signature", r[3], XEN_CPUID_SIGNATURE_EDX);
    cpuid(1, 0, r);
    EXPECT("the hypervisor bit", r[2] >> 31, 1);
    cpuid(XEN_CPUID_FIRST_LEAF + 2, 0, r);
    EXPECT("pages of hypercalls", r[0], 1);
    cpuid(XEN_CPUID_FIRST_LEAF + 4, 0, r);
    if (r[0] & XEN_HVM_CPUID_DOMID_PRESENT)
        EXPECT("the domain's number", r[2], own_domid());
}

/* The page of hypercalls works, whichever instruction is in it. */
static void hypercall_page(void)
{
    u32 r[4], version = 0;

    cpuid(XEN_CPUID_FIRST_LEAF + 2, 0, r);
    asm volatile("wrmsr" :: "c" (r[1]), "a" ((u32)(unsigned long)scratch[0]), "d" (0) : "memory");
#ifdef __x86_64__
    asm volatile("call *%1" : "=a" (version) : "r" (scratch[0] + 32 * __HYPERVISOR_xen_version), "D" (XENVER_version)
                 : "memory", "cc");
#else
    asm volatile("call *%1" : "=a" (version) : "r" (scratch[0] + 32 * __HYPERVISOR_xen_version), "b" (XENVER_version)
                 : "memory", "cc");
#endif
    EXPECT("the version by the page", version, CALL2(xen_version, XENVER_version, 0));
}

static void clock(void)
{
    u64 before = now_ns(), after;

    nap(2000000);
    after = now_ns();
    if (after - before < 2000000 || after - before > 2000000000)
        FAIL("a nap of 2 ms took %lu us", (unsigned long)(after - before) / 1000);
}

void test_main(void)
{
    boot_protocol();
    hypervisor();
    hypercall_page();
    clock();
}
