/* SPDX-License-Identifier: MIT */
/* The last words. From here on nothing waits for a lock. */
#include "boot/boot.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "lib/bitops.h"
#include "lib/console.h"
#include "lib/lib.h"

static volatile u32 owner;         /* CPU + 1 that panics; the first one wins */
static volatile u32 bug_depth;     /* above 1: a bug met while reporting one */

/* Makes this CPU the one that speaks; one that comes second has nothing to add and stands still. */
static void claim_panic(void)
{
    u32 me = smp_processor_id() + 1, first = cmpxchg(&owner, 0u, me);

    while (first && first != me)
        asm volatile("cli; hlt");
    console_force_unlock();
    if (!options.com1_base)   /* too early for the command line */
        cmdline_parse("", &options);
    console_init_early();
}

static void noreturn stop(void)
{
    static volatile bool stopping;

    if (xchg(&stopping, true))   /* stopping has failed too */
        for (;;)
            asm volatile("cli; hlt");
    if (options.noreboot)
        machine_halt();
    machine_restart();
}

static void noreturn vpanic(const char *fmt, va_list args)
{
    char text[512];

    irq_disable();
    claim_panic();
    vsnprintf(text, sizeof(text), fmt, args);
    pr_err("Panic on CPU %u: %s\n", smp_processor_id(), text);
    stop();
}

void panic(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vpanic(fmt, args);
}

/* Everything that a callee keeps is still what the code with the bug had. */
static noinline void dump_caller(void)
{
    struct cpu_user_regs regs = { 0 };

    asm volatile("mov %%rbx, %0; mov %%r12, %1; mov %%r13, %2; mov %%r14, %3; mov %%r15, %4"
                 : "=m" (regs.rbx), "=m" (regs.r12), "=m" (regs.r13), "=m" (regs.r14), "=m" (regs.r15));
    asm volatile("mov %%cs, %0; mov %%ss, %1" : "=r" (regs.cs), "=r" (regs.ss));
    asm volatile("pushf; pop %0" : "=r" (regs.rflags));
    regs.rip = (u64)__builtin_return_address(0);
    regs.rsp = (u64)__builtin_frame_address(0) + 16;   /* above the saved rbp and the return address */
    regs.rbp = *(const u64 *)__builtin_frame_address(0);
    dump_state(&regs);
}

void bug_at(const char *file, int line, const char *what)
{
    irq_disable();
    claim_panic();
    if (bug_depth++ == 0) {
        pr_err("Bug at %s:%d: %s\n", file, line, what);
        dump_caller();
    }
    panic("%s:%d: %s", file, line, what);
}
