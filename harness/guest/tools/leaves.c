/* SPDX-License-Identifier: MIT */
/* leaves: what CPUID tells about a hypervisor, as plain instructions show it and behind the Xen ABI's prefix, which makes
 * PV guests trap. A line each: how asked, hypervisor bit, signature, and the leaf with what a container is offered. */
#include <cpuid.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define HYPERVISOR_BIT 31        /* of leaf 1, ECX */
#define SIGNATURE_LEAF 0x40000000u
#define CONTAINER_LEAF 4         /* after the signature's: XEN_HVM_CPUID_ flags in EAX (arch-x86/cpuid.h) */

static sigjmp_buf no_prefix;

static void illegal(int signal)
{
    (void)signal;
    siglongjmp(no_prefix, 1);
}

static void ask(int prefixed, unsigned int leaf, unsigned int r[4])
{
    if (prefixed)
        asm volatile("ud2; .ascii \"xen\"; cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "0" (leaf), "2" (0));
    else
        __cpuid_count(leaf, 0, r[0], r[1], r[2], r[3]);
}

static void show(const char *how, int prefixed)
{
    unsigned int r[4], bit;
    char signature[13] = "";

    if (prefixed && sigsetjmp(no_prefix, 1)) {
        printf("%s none\n", how);
        return;
    }
    ask(prefixed, 1, r);
    bit = r[2] >> HYPERVISOR_BIT & 1;
    ask(prefixed, SIGNATURE_LEAF, r);
    memcpy(signature, &r[1], 12);
    for (char *c = signature; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '.';
    ask(prefixed, SIGNATURE_LEAF + CONTAINER_LEAF, r);
    printf("%s bit=%u signature=%s container=%#x\n", how, bit, *signature ? signature : "-", r[0]);
}

int main(void)
{
    signal(SIGILL, illegal);
    show("plain", 0);
    show("prefixed", 1);
    return 0;
}
