/* SPDX-License-Identifier: MIT */
/* Names of what crossings were of, and the columns that these crossings are charged to. */
#include <xen/sysctl.h>
#include <xen/arch-x86/xen-mca.h>

#include "abi/hypercalls.h"
#include "cpu/x86.h"
#include "dom/domain.h"

struct kind_name { enum column column; const char *name; };

/* Columns other than the first are those that the handlers name (ledger_charge). */
static enum column hypercall_column(unsigned int number)
{
    switch (number) {
    case __HYPERVISOR_mca:
        return COLUMN_PLATFORM;
    case __HYPERVISOR_set_timer_op:
    case __HYPERVISOR_vcpu_op:
    case __HYPERVISOR_sched_op:
    case __HYPERVISOR_event_channel_op:
        return COLUMN_INTERRUPTS;
    case __HYPERVISOR_console_io:
    case __HYPERVISOR_grant_table_op:
        return COLUMN_IO;
    default:
        return COLUMN_PRIVILEGED;
    }
}

#define HYPERCALL_NAME(call, nargs, where) [__HYPERVISOR_##call] = #call,
static const char *const hypercall_names[HYPERCALL_COUNT] = { HYPERCALLS(HYPERCALL_NAME) };
#undef HYPERCALL_NAME

#define EXITS(X) \
    X(INTERRUPT, INTERRUPTS, "interrupt") X(EXCEPTION, PRIVILEGED, "exception") X(CPUID, PLATFORM, "cpuid") \
    X(HLT, INTERRUPTS, "hlt") X(PAUSE, INTERRUPTS, "pause") \
    X(RDPMC, PRIVILEGED, "rdpmc") X(INVD, PRIVILEGED, "invd") X(WBINVD, PRIVILEGED, "wbinvd") \
    X(MONITOR, PRIVILEGED, "monitor") X(MWAIT, PRIVILEGED, "mwait") X(XSETBV, PRIVILEGED, "xsetbv") \
    X(TPR, PRIVILEGED, "cr8") X(HYPERCALL, PRIVILEGED, "hypercall") X(RDMSR, PLATFORM, "rdmsr") X(WRMSR, PLATFORM, "wrmsr") \
    X(PORT, IO, "port") X(NESTED_FAULT, PRIVILEGED, "nested-page-fault") \
    X(INTERRUPT_WINDOW, INTERRUPTS, "interrupt-window") X(SHUTDOWN, PRIVILEGED, "shutdown") X(INIT, INTERRUPTS, "init") \
    X(TASK_SWITCH, PRIVILEGED, "task-switch") X(VIRTUALIZATION, PRIVILEGED, "virtualization") \
    X(INVALID_STATE, PRIVILEGED, "invalid-state") X(UNKNOWN, PRIVILEGED, "unknown") \
    X(DEBUG_REGISTER, PRIVILEGED, "debug-register") X(IRET, PRIVILEGED, "iret")
#define EXIT_NAME(reason, column, name) [EXIT_##reason] = { COLUMN_##column, name },
static const struct kind_name exit_names[NR_EXIT_REASONS] = { EXITS(EXIT_NAME) };
#undef EXIT_NAME

static const char *const trap_names[32] = {
    [TRAP_DE] = "divide-error", [TRAP_DB] = "debug", [TRAP_NMI] = "nmi", [TRAP_BP] = "breakpoint", [TRAP_OF] = "overflow",
    [TRAP_BR] = "bound", [TRAP_UD] = "invalid-opcode", [TRAP_NM] = "no-fpu", [TRAP_DF] = "double-fault",
    [TRAP_TS] = "invalid-tss", [TRAP_NP] = "segment-not-present", [TRAP_SS] = "stack-fault", [TRAP_GP] = "general-protection",
    [TRAP_PF] = "page-fault", [TRAP_MF] = "x87", [TRAP_AC] = "alignment-check", [TRAP_MC] = "machine-check", [TRAP_XM] = "simd",
};

static void put(struct ledger_kind *out, enum column column, const char *family, const char *name, unsigned int number)
{
    out->column = column;
    if (name)
        snprintf(out->name, sizeof(out->name), "%s:%s", family, name);
    else
        snprintf(out->name, sizeof(out->name), "%s:%u", family, number);
}

void ledger_name_kind(unsigned int kind, struct ledger_kind *out)
{
    unsigned int number;

    if (kind < LEDGER_KIND_EXIT) {
        number = kind - LEDGER_KIND_HYPERCALL;
        put(out, hypercall_column(number), "hypercall", hypercall_names[number], number);
    } else if (kind < LEDGER_KIND_TRAP) {
        number = kind - LEDGER_KIND_EXIT;
        put(out, exit_names[number].column, "exit", exit_names[number].name, number);
    } else {
        number = kind - LEDGER_KIND_TRAP;
        put(out, COLUMN_PRIVILEGED, "trap", trap_names[number], number);
    }
}
