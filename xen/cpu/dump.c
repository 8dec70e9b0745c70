/* SPDX-License-Identifier: MIT */
/* What a fault of Prism's own looked like: registers, code, stack, and who called whom. */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "lib/lib.h"

/* Prism's own readable addresses: the image, the stacks, the direct map. Reading elsewhere could fault again. */
static bool on_this_stack(unsigned long address)
{
    unsigned long base = (unsigned long)cpu_info() & ~(STACK_SIZE - 1UL);

    return address >= base && address + 8 <= base + STACK_SIZE && !(address & 7);
}

/* Not so when a fault met an entry stub on its guest's stack, or the stack pointer itself is what is wrong. */
static bool stack_is_prisms(void)
{
    unsigned int cpu = smp_processor_id();

    return cpu < nr_cpus && cpus[cpu].info == cpu_info();
}

static void dump_code(unsigned long rip)
{
    const char *name;
    unsigned long offset;

    if (!symbol_lookup(rip, &name, &offset))
        return;
    pr_err("  code:");
    for (int i = -8; i < 16; i++)
        if (offset + (unsigned long)i < 1UL << 20)
            printk_level(LOG_ERR, i ? " %02x" : " <%02x>", ((const u8 *)rip)[i]);
    pr_err("\n");
}

/* Frames made by rbp: every function keeps one (-fno-omit-frame-pointer), entry stubs end the chain with 0. */
static void dump_call_trace(unsigned long rip, unsigned long rbp)
{
    pr_err("  call trace:\n   %ps\n", (void *)rip);
    for (unsigned int depth = 0; depth < 24 && on_this_stack(rbp) && on_this_stack(rbp + 8); depth++) {
        const unsigned long *frame = (const unsigned long *)rbp;

        /* The call's own address: a return address may be that of the next function, behind a call that never returns. */
        pr_err("   %ps\n", (void *)(frame[1] - 1));
        if (frame[0] <= rbp)
            break;
        rbp = frame[0];
    }
}

void dump_state(const struct cpu_user_regs *r)
{
    bool known = stack_is_prisms();
    const struct vcpu *v = known ? current : NULL;

    if (!known)
        pr_err("  on a stack that is none of Prism's\n");
    if (v && v->domain)
        pr_err("  CPU %u, current d%uv%u\n", smp_processor_id(), v->domain->id, v->id);
    pr_err("  rip %04x:%016lx  rsp %04x:%016lx  rflags %08lx\n", r->cs, r->rip, r->ss, r->rsp, r->rflags);
    pr_err("  rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
    pr_err("  rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx\n", r->rsi, r->rdi, r->rbp, r->r8);
    pr_err("  r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx\n", r->r9, r->r10, r->r11, r->r12);
    pr_err("  r13 %016lx  r14 %016lx  r15 %016lx\n", r->r13, r->r14, r->r15);
    pr_err("  cr0 %016lx  cr2 %016lx  cr3 %016lx  cr4 %08lx\n", READ_CR(0), READ_CR(2), READ_CR(3), READ_CR(4));
    if (r->cs & 3)
        return;
    dump_code(r->rip);
    if (!known)
        return;
    if (on_this_stack(r->rsp)) {
        pr_err("  stack:");
        for (unsigned int i = 0; i < 24 && on_this_stack(r->rsp + 8 * i); i++)
            printk_level(LOG_ERR, "%s%016lx", i % 4 ? " " : "\n   ", ((const unsigned long *)r->rsp)[i]);
        pr_err("\n");
    }
    dump_call_trace(r->rip, r->rbp);
}
