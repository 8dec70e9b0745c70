/* SPDX-License-Identifier: MIT */
// modes: control pv
/* INS and OUTS of a kernel in ring 3, carried out for it: as many as RCX says, forwards and backwards, in all sizes; a fault
 * in memory is told where it is, with what has been done done and the rest still to do; no count, no access; what is not the
 * kernel's to write is not written this way, nor the hypervisor's memory sent. */
#include <xen/physdev.h>

#include "lib/guest.h"

#define DONE 6          /* the UD2 behind the instruction */
#define GP 13
#define PF 14
#define PORT 0x88       /* where nothing minds what is written */
#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define HYPERVISOR 0xffff830000001000UL

static u64 at, count;
static u32 port;

/* `code` with RDI and RSI = at, RCX = count, DX = port: the vector that came. What it left is in last_trap. */
#define STRING(code) ({ trap_vector = -1; \
    asm volatile("mov %%rsp, %%r12; lea 1f(%%rip), %%rcx; mov %%rcx, trap_resume(%%rip); mov %0, %%rdi; mov %%rdi, %%rsi;" \
                 "mov %1, %%rcx; mov %2, %%edx; lea 2f(%%rip), %%rbx; 2:" code "; ud2; 1: mov %%r12, %%rsp; cld;" \
                 "movq $0, trap_resume(%%rip)" \
                 :: "m" (at), "m" (count), "m" (port) : "rbx", "rcx", "rdx", "rdi", "rsi", "r12", "memory", "cc"); \
    trap_vector; })

static void ask(const void *where, u64 how_many, u32 which)
{
    at = (u64)where;
    count = how_many;
    port = which;
}

/* It was carried out, RDI or RSI moved by so much, with so many still to do. */
static void done(const char *what, long vector, bool in, long moved, u64 left)
{
    EXPECT(what, vector, DONE);
    EXPECT(what, (in ? last_trap.rdi : last_trap.rsi) - at, moved);
    EXPECT(what, (in ? last_trap.rsi : last_trap.rdi) - at, 0);
    EXPECT(what, last_trap.rcx, left);
}

/* A page fault of it, at this address, after RDI or RSI moved by so much. */
static void faulted(const char *what, long vector, bool in, long moved, u64 left, u64 address)
{
    EXPECT(what, vector, PF);
    EXPECT(what, last_trap.rip, last_trap.rbx);
    EXPECT(what, shared_info_page()->vcpu_info[0].arch.cr2, address);
    EXPECT(what, last_trap.error_code & 2, in ? 2 : 0);
    EXPECT(what, (in ? last_trap.rdi : last_trap.rsi) - at, moved);
    EXPECT(what, last_trap.rcx, left);
}

static void counts(void)
{
    ask(scratch[0], 5, PORT);
    done("one byte out", STRING("outsb"), false, 1, 5);
    done("bytes out", STRING("rep outsb"), false, 5, 0);
    done("words out", STRING("rep outsw"), false, 10, 0);
    done("long words out", STRING("repne outsl"), false, 20, 0);
    done("long words backwards", STRING("std; rep outsl"), false, -20, 0);
    done("one byte in", STRING("insb"), true, 1, 5);
    done("words in", STRING("rep insw"), true, 10, 0);
    done("bytes backwards", STRING("std; rep insb"), true, -5, 0);
    ask((void *)0x7000, 0, PORT);
    done("nothing, from nowhere", STRING("rep outsb"), false, 0, 0);
    done("nothing, to nowhere", STRING("rep insb"), true, 0, 0);
    ask(scratch[0], 1UL << 32 | 3, PORT);
    EXPECT("a count of 32 bits, an address of 32 bits that is not there", STRING("rep addr32 outsb"), PF);
    EXPECT("where", shared_info_page()->vcpu_info[0].arch.cr2, at & 0xffffffff);
}

/* Two pages, the second of which is not the kernel's to write. */
static void faults(u8 *page, u64 second_flags)
{
    u64 second = va_to_mfn(page + 4096) << 12;
    bool there = second_flags & 1;

    memset(page, 7, 2 * 4096);
    EXPECT("the second page", CALL3(update_va_mapping, page + 4096, there ? second | second_flags : 0, UVMF_INVLPG), 0);
    ask(page + 4096 - 6, 10, PORT);
    faulted("bytes in", STRING("rep insb"), true, 6, 4, (u64)page + 4096);
    faulted("long words in, across", STRING("rep insl"), true, 4, 9, (u64)page + 4096);
    if (there)
        done("bytes out", STRING("rep outsb"), false, 10, 0);
    else
        faulted("bytes out", STRING("rep outsb"), false, 6, 4, (u64)page + 4096);
    EXPECT("the second page back", CALL3(update_va_mapping, page + 4096, second | PTE_RW_FLAGS, UVMF_INVLPG), 0);
    EXPECT("its first byte", page[4096], 7);
}

/* It faults, in one way or the other: on the bare machine there is no hypervisor to point to. */
static void not_done(const char *what, long vector)
{
    if (vector != PF && vector != GP)
        FAIL("%s: vector %ld", what, vector);
    EXPECT(what, last_trap.rip, last_trap.rbx);
    EXPECT(what, last_trap.rcx, 4);
}

static void not_ours(void)
{
    ask((void *)HYPERVISOR, 4, PORT);
    not_done("into the hypervisor", STRING("rep insb"));
    not_done("out of the hypervisor", STRING("rep outsb"));
    ask((void *)0xffff7ffffffffffeUL, 4, PORT);
    not_done("across its beginning", STRING("rep insl"));
    ask(table_of(scratch[0], 1), 1, PORT);
    EXPECT("into a page table", STRING("rep insl"), PF);
    ask((void *)(1UL << 63), 4, PORT);
    not_done("from an address that is not canonical", STRING("rep outsb"));
}

/* The control domain's way to PCI devices: each unit is a cycle of its own, and says the same here. */
static void units(void)
{
    static u32 address[4], one, four[4];

    for (unsigned int i = 0; i < 4; i++)
        address[i] = 0x80000000;
    ask(address, 4, PCI_ADDRESS);
    done("the address of the host bridge", STRING("rep outsl"), false, 16, 0);
    asm volatile("inl %w1, %0" : "=a" (one) : "d" (PCI_DATA));
    if (one == 0 || one == ~0u)
        FAIL("the host bridge says %x", one);
    ask(four, 4, PCI_DATA);
    done("its identity", STRING("rep insl"), true, 16, 0);
    for (unsigned int i = 0; i < 4; i++)
        EXPECT("it", four[i], one);
    memset(four, 0, sizeof(four));
    ask(four, 2, PCI_DATA + 2);
    done("half of it", STRING("rep insw"), true, 4, 0);
    EXPECT("it", four[0], one >> 16 | (one & 0xffff0000));
}

static void set_iopl(u32 iopl)
{
    struct physdev_set_iopl level = { .iopl = iopl };

    EXPECT("set_iopl", CALL2(physdev_op, PHYSDEVOP_set_iopl, &level), 0);
}

void test_main(void)
{
    struct physdev_set_iopl none = { .iopl = 4 };
    struct physdev_set_iobitmap many = { .nr_ports = 65537 };

    set_iopl(1);
    counts();
    faults(scratch[1], 0);
    faults(scratch[3], PTE_RO_FLAGS);
    not_ours();
    if (start_info->flags & SIF_INITDOMAIN)
        units();
    set_iopl(0);
    ask(scratch[0], 1, PORT);
    EXPECT("out with IOPL 0", STRING("outsb"), GP);
    EXPECT("in with IOPL 0", STRING("rep insb"), GP);
    EXPECT("an IOPL of 4", CALL2(physdev_op, PHYSDEVOP_set_iopl, &none), -XEN_EINVAL);
    EXPECT("a bitmap of 65537 ports", CALL2(physdev_op, PHYSDEVOP_set_iobitmap, &many), -XEN_EINVAL);
    EXPECT("IOPL from nowhere", CALL2(physdev_op, PHYSDEVOP_set_iopl, 8), -XEN_EFAULT);
    EXPECT("a bitmap from nowhere", CALL2(physdev_op, PHYSDEVOP_set_iobitmap, 8), -XEN_EFAULT);
}
