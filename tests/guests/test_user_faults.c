/* SPDX-License-Identifier: MIT */
// modes: control pv
/* Page faults of user mode: the kernel gets the address, the error code and the whole frame, all registers as they were,
 * whichever way events are masked before and by the handler, and is in kernel mode then. */
#include "lib/user.h"

#define PRESENT 1
#define WRITE 2
#define USER 4
#define FETCH 16
#define IF 0x200u

extern const char trap_stubs[];
static u8 kernel_stack[8192] page_aligned;
static struct vcpu_info *info;

/* masks: the handler begins with events masked (TI_SET_IF of struct trap_info). */
static void handler(bool masks)
{
    static struct trap_info table[2];

    table[0] = (struct trap_info){ .vector = 14, .flags = masks ? 4 : 0, .cs = FLAT_KERNEL_CS,
                                   .address = (unsigned long)trap_stubs + 14 * 16 };
    EXPECT("set_trap_table", CALL1(set_trap_table, table), 0);
}

static u64 cr2(void)
{
    u64 value;

    asm volatile("mov %%cr2, %0" : "=r" (value));
    return value;
}

static void check(const char *what, u64 va, u64 error, bool masked, bool masks)
{
    const struct trap_frame *f = &last_trap;

    EXPECT(what, trap_vector, 14);
    if (trap_vector != 14)
        return;
    EXPECT("the error code", f->error_code, error);
    EXPECT("CR2 in vcpu_info", info->arch.cr2, va);
    EXPECT("CR2", cr2(), va);
    EXPECT("CS", f->cs, FLAT_USER_CS64 & 0xffff);
    EXPECT("SS", f->ss, FLAT_USER_SS64 & 0xffff);
    EXPECT("RSP", f->rsp, f->r12);
    EXPECT("RFLAGS.IF and IOPL", f->rflags & 0x3200, masked ? 0 : IF);
    EXPECT("the mask before", f->upcall_mask_word & 0xff, masked);
    EXPECT("the mask in the handler", info->evtchn_upcall_mask, masked || masks);
    EXPECT("RAX", f->rax, f->rdx);
    EXPECT("RCX", f->rcx, USER_RCX);
    EXPECT("R11", f->r11, USER_R11);
    EXPECT("RDI", f->rdi, va);
    info->evtchn_upcall_mask = 1;
}

/* Each access by user code that keeps a copy of RAX. */
#define ACCESS(flags, code, va) TRY_IN_USER(flags, "mov %%rax, %%rdx; " code, "D" (va), "a" (0x1234567890UL))

#define EACH(flags, masked, masks) do { \
    ACCESS(flags, "movb (%%rdi), %%sil", hole); \
    check("a read where nothing is", hole, USER, masked, masks); \
    ACCESS(flags, "movb $1, (%%rdi)", hole); \
    check("a write where nothing is", hole, USER | WRITE, masked, masks); \
    ACCESS(flags, "movb $1, (%%rdi)", read_only); \
    check("a write to a page that is read-only", read_only, USER | WRITE | PRESENT, masked, masks); \
    ACCESS(flags, "jmp *%%rdi", hole); \
    check("a jump to where nothing is", hole, USER | FETCH, masked, masks); \
} while (0)

void test_main(void)
{
    u64 hole = (u64)scratch[0] + 24, read_only = (u64)scratch[1] + 8, mfn = va_to_mfn(scratch[1]);

    info = &shared_info_page()->vcpu_info[0];
    user_mode_begin(kernel_stack + sizeof(kernel_stack));
    EXPECT("a hole", CALL3(update_va_mapping, scratch[0], 0, UVMF_INVLPG), 0);
    EXPECT("a read-only page", CALL3(update_va_mapping, scratch[1], mfn << 12 | PTE_RO_FLAGS, UVMF_INVLPG), 0);
    for (unsigned int masks = 0; masks < 2; masks++) {
        handler(masks);
        EACH(0x200, false, masks);
        EACH(0, true, masks);
    }
    ACCESS(0x200, "ud2", hole);
    EXPECT("another exception", trap_vector, 6);
    info->evtchn_upcall_mask = 1;
}
