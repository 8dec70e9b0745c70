/* SPDX-License-Identifier: MIT */
/* A machine check: what the banks say (APM vol. 2, chapter 9), and the end. Nothing is recovered from. */
#include "cpu/cpu.h"
#include "cpu/traps.h"
#include "cpu/x86.h"
#include "lib/console.h"
#include "lib/lib.h"

#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a
#define MSR_MC0_STATUS 0x401     /* four registers a bank: control, status, address, miscellaneous */
#define BANKS 0xff               /* in MCG_CAP */
#define STATUS_VALID (1UL << 63)

static u64 read(u32 msr)
{
    u64 value;

    return rdmsr_safe(msr, &value) ? value : 0;
}

/* Any context at all: nothing is locked. */
void machine_check(struct cpu_user_regs *regs)
{
    u32 banks = (u32)read(MSR_MCG_CAP) & BANKS;

    console_force_unlock();
    pr_err("*** Prism: machine check on CPU %u, status %lx\n", smp_processor_id(), read(MSR_MCG_STATUS));
    for (u32 i = 0; i < banks; i++) {
        u64 status = read(MSR_MC0_STATUS + 4 * i);

        if (status & STATUS_VALID)
            pr_err("Bank %u: status %016lx, address %016lx\n", i, status, read(MSR_MC0_STATUS + 4 * i + 1));
    }
    dump_state(regs);
    panic("Machine check on CPU %u", smp_processor_id());
}
