/* SPDX-License-Identifier: MIT */
/* The ledger: every crossing between guest and hypervisor is charged to one event of one column: a count, and the time
 * from entry to return in TSC ticks. A vCPU writes its own ledger only, from the CPU it runs on; no lock. */
#ifndef PRISM_DOM_LEDGER_H
#define PRISM_DOM_LEDGER_H

#include "abi/hypercalls.h"
#include "cpu/percpu.h"
#include "hw/container.h"
#include "modes/spectrum.h"

/* Events, column by column. X(column, symbol, name). Counted alone, being parts of crossings that are charged to others:
 * cr3-load (those of the straight lines of a system call and its return left out, which are one each), tlb-flush,
 * tlb-page-flush, upcall, vcpu-switch (the vCPU was given a CPU), device-model-request. */
#define LEDGER_EVENTS(X) \
    X(PRIVILEGED, SYSCALL, "syscall") X(PRIVILEGED, IRET, "iret") X(PRIVILEGED, HYPERCALL, "hypercall") \
    X(PRIVILEGED, PAGE_FAULT, "page-fault") X(PRIVILEGED, PT_WRITE, "page-table-write") \
    X(PRIVILEGED, PT_HYPERCALL, "page-table-hypercall") X(PRIVILEGED, EXCEPTION, "exception") \
    X(PRIVILEGED, EMULATE, "emulated-instruction") X(PRIVILEGED, FPU, "fpu") X(PRIVILEGED, MARK, "mark") \
    X(PRIVILEGED, NESTED_FAULT, "nested-page-fault") X(PRIVILEGED, EXIT, "other-exit") \
    X(PRIVILEGED, CR3_LOAD, "cr3-load") X(PRIVILEGED, TLB_FLUSH, "tlb-flush") X(PRIVILEGED, TLB_PAGE, "tlb-page-flush") \
    X(PLATFORM, CPUID, "cpuid") X(PLATFORM, MSR, "msr") X(PLATFORM, PLATFORM_CALL, "platform-hypercall") \
    X(PLATFORM, PLATFORM_DEVICE, "platform-device") \
    X(INTERRUPTS, PHYSICAL, "physical-interrupt") X(INTERRUPTS, EVENT, "event-channel") X(INTERRUPTS, TIMER, "timer") \
    X(INTERRUPTS, SCHED, "schedule") X(INTERRUPTS, UPCALL, "upcall") X(INTERRUPTS, SWITCH, "vcpu-switch") \
    X(INTERRUPTS, HALT, "halt") X(INTERRUPTS, WINDOW, "interrupt-window") X(INTERRUPTS, APIC, "local-apic") \
    X(IO, PORT, "port") X(IO, DEVICE_MEMORY, "device-memory") \
    X(IO, GRANT, "grant") X(IO, CONSOLE, "console") X(IO, REQUEST, "device-model-request")

#define LEDGER_ENUM(column, symbol, name) LEDGER_##symbol,
enum ledger_event { LEDGER_EVENTS(LEDGER_ENUM) NR_LEDGER_EVENTS };
#undef LEDGER_ENUM

struct ledger_cell { u64 count, ticks; };   /* layout known to assembly */

/* What crossings were of, in numbers as the interface or the processor gives them: hypercalls, each of a multicall's too, and
 * once more each time one goes on after a pause; exits from a container, by enum exit_reason; exceptions that reached Prism,
 * by vector. Counted alone, when they arrive. An iret hypercall is not among them: the event of that name counts it. */
enum {
    LEDGER_KIND_HYPERCALL, LEDGER_KIND_EXIT = LEDGER_KIND_HYPERCALL + HYPERCALL_COUNT,
    LEDGER_KIND_TRAP = LEDGER_KIND_EXIT + NR_EXIT_REASONS, NR_LEDGER_KINDS = LEDGER_KIND_TRAP + 32
};

struct ledger {
    struct ledger_cell cell[NR_LEDGER_EVENTS];
    u64 kinds[NR_LEDGER_KINDS];
    /* TSC ticks of its own in user mode, where the row sees each change of mode; else 0. While the vCPU is there, or in a
     * crossing from there, less the TSC when it got there and less what has not been its own since then: < 0 as s64. */
    u64 user;
};

/* Where an event is named, counted, or, in the middle of a crossing, settled: a table in the ELF file, for who follows
 * instructions (harness/steps.py). It costs none, and is not in memory. event is a constant. */
enum ledger_site { LEDGER_NAMED, LEDGER_COUNTED, LEDGER_SETTLED };
#define LEDGER_SITE(kind, event) \
    asm volatile(".pushsection .ledger_sites, \"\", @progbits; .quad 1f, %c0, %c1; .popsection; 1:" :: "i" (kind), "i" (event))

/* Names the crossing under way; a later, closer name wins. The exit path charges it (modes' return-to-guest code). */
#define ledger_charge(v, event) do { \
    LEDGER_SITE(LEDGER_NAMED, event); \
    cpu_info()->ledger_cell = &(v)->ledger.cell[event]; \
} while (0)
/* One more of an event that is part of a crossing charged elsewhere: counted, no time of its own. */
#define ledger_count(v, event) do { \
    LEDGER_SITE(LEDGER_COUNTED, event); \
    (v)->ledger.cell[event].count++; \
} while (0)
/* One more of a kind: first + number. The number is in range. */
#define ledger_count_kind(v, first, number) (((v)->ledger.kinds + (first))[number]++)

struct domain;
extern const struct ledger_name { enum column column; const char *name; } ledger_names[NR_LEDGER_EVENTS];
extern const char *const column_names[NR_COLUMNS];   /* "privileged", "platform", "interrupts", "io" */
struct ledger_cell ledger_sum(const struct domain *d, enum ledger_event event);   /* over d's vCPUs */
u64 ledger_sum_kind(const struct domain *d, unsigned int kind);
/* Calls line for each event and kind that d has, with its column and name; ticks NULL: of a kind, which has none. */
typedef void ledger_line_fn(void *context, const char *column, const char *name, u64 count, const u64 *ticks);
void ledger_each(const struct domain *d, ledger_line_fn *line, void *context);
void ledger_dump(const struct domain *d);   /* to the console, by column */

/* ---- ledger_kinds.c: "hypercall:sched_op", "exit:cpuid", "trap:page-fault"; numbers that have no name as they are */
struct ledger_kind { enum column column; char name[48]; };
void ledger_name_kind(unsigned int kind, struct ledger_kind *out);   /* kind < NR_LEDGER_KINDS. column: where it is charged */

/* ---- ledger_cpu.c: the same by CPU, over all domains that are or were, since the last reset. */
struct vcpu;
void ledger_settle(struct vcpu *v);   /* v, not running, is leaving v->processor, whose run queue's lock is held */
/* counts[cpu][event]. A vCPU that moves meanwhile may be missed in part. Interrupts on, no lock from RANK_DOMLIST on held. */
void ledger_by_cpu(u64 (*counts)[NR_LEDGER_EVENTS]);
void ledger_by_cpu_reset(void);       /* locks as above; the vCPUs' own ledgers stay as they are */

#endif
