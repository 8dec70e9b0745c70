/* SPDX-License-Identifier: MIT */
/* Hypercalls from inside a container: the hypercall instruction in ring 0, number in RAX, arguments in RDI, RSI, RDX,
 * R10, R8, R9 (64-bit code) or EBX, ECX, EDX, ESI, EDI, EBP (public headers arch-x86/xen-x86_*.h). Real mode is 32-bit
 * code here: its pointers are linear addresses, whatever the segments. */
#include "abi/hypercall.h"
#include "dom/account.h"
#include "modes/hvm/hvm.h"
#include "modes/pvh/pvh.h"
#include "trace/trace.h"

#define STUB_BYTES 32

/* The registers stay as they are but for the arguments, and RIP too: the guest makes the call again. */
void hw_hypercall_again(unsigned int nargs, const unsigned long *args)
{
    struct cpu_user_regs *regs = guest_regs();
    uint64_t *const registers[6] = { &regs->rdi, &regs->rsi, &regs->rdx, &regs->r10, &regs->r8, &regs->r9 };
    struct vcpu *v = current;

    to_hw(v)->hypercall_repeats = true;
    if (container_mode(v) != MODE_64) {
        hw_compat_again(v, nargs, args);
        return;
    }
    for (unsigned int i = 0; i < nargs; i++)
        *registers[i] = args[i];
}

static void call_64(struct vcpu *v, struct cpu_user_regs *regs)
{
    const unsigned long args[6] = { regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9 };

    regs->rax = (u64)hypercall_dispatch(regs->rax, args);
}

static void call_32(struct vcpu *v, struct cpu_user_regs *regs)
{
    const u32 args[6] = { (u32)regs->rbx, (u32)regs->rcx, (u32)regs->rdx, (u32)regs->rsi, (u32)regs->rdi,
                          (u32)regs->rbp };

    regs->rax = (u32)hw_compat_hypercall(v, (u32)regs->rax, args);
}

/* Programs make marks; hypercalls are their kernel's. */
static void refuse(struct vcpu *v, struct cpu_user_regs *regs)
{
    regs->rax = container_mode(v) == MODE_64 ? (u64)-EPERM : (u32)-EPERM;
}

void hw_hypercall(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();

    if (exit->cpl != 0 && account_mark(v, regs->rax, regs->rdi)) {
        container_advance_rip(v, exit);
        return;
    }
    if (hvm_xen_hidden(v->domain)) {
        hw_inject(v, TRAP_UD, 0, 0);
        return;
    }
    if (exit->cpl != 0) {
        refuse(v, regs);
        container_advance_rip(v, exit);
        return;
    }
    trace_untimed(TRC_HVM_VMMCALL, (u32)regs->rax);
    to_hw(v)->hypercall_repeats = to_hw(v)->memory_gone = false;
    if (container_mode(v) == MODE_64)
        call_64(v, regs);
    else
        call_32(v, regs);
    if (!to_hw(v)->hypercall_repeats)
        container_advance_rip(v, exit);
    if (unlikely(to_hw(v)->memory_gone))
        hw_io_invalidate(v);
}

/* 32 bytes a hypercall: mov $n, %eax; vmmcall (vmcall); ret. */
void hw_fill_hypercall_page(void *page)
{
    static const u8 amd[] = { 0xb8, 0, 0, 0, 0, 0x0f, 0x01, 0xd9, 0xc3 };
    static const u8 intel[] = { 0xb8, 0, 0, 0, 0, 0x0f, 0x01, 0xc1, 0xc3 };
    const u8 *stub = cpu_features.svm ? amd : intel;

    memset(page, 0xcc, PAGE_SIZE);
    for (u32 n = 0; n < PAGE_SIZE / STUB_BYTES; n++) {
        u8 *at = (u8 *)page + n * STUB_BYTES;
        memcpy(at, stub, sizeof(amd));
        memcpy(at + 1, &n, sizeof(n));
    }
}
