/* SPDX-License-Identifier: MIT */
/* Hardware containers: running a vCPU with the processor's own virtualization, whoever made the processor.
 *
 * A row that uses containers calls container_ops->vcpu_init() for each of its vCPUs, and then, in a loop with no lock
 * held: look at softirqs and what is to be injected; irq_disable(); container_ops->enter(v, &exit); irq_enable();
 * act on `exit`. An instruction that was carried out in the guest's stead is passed by container_advance_rip(), which
 * is the only place where RIP moves; a fault is raised by container_inject() and leaves RIP alone.
 *
 * General registers, RIP, RSP and RFLAGS of current are in cpu_info()->regs, as a PV guest's are; those of a vCPU
 * that is not on a CPU in v->regs. cs and ss there are copies of the selectors, for a reader (ask cpl() for the
 * ring); segments are set by set_segment(). All other state is behind get() and set().
 *
 * Everything but flush and container_flush_domain() is for v == current with interrupts in any state, or for a vCPU
 * that does not run (down, paused and waited for, being created). Nothing here takes a lock unless it says so. */
#ifndef PRISM_HW_CONTAINER_H
#define PRISM_HW_CONTAINER_H

#include "insn/decode.h"
#include "lib/types.h"

struct cpu_user_regs;
struct domain;
struct p2m;
struct vcpu;

/* ---- The exit record. What hardware said, no vendor's encoding in it. */
enum exit_reason {
    EXIT_INTERRUPT,        /* an interrupt, NMI or SMI of the host's: taken once interrupts are on. Nothing to do */
    EXIT_EXCEPTION,        /* one of the intercepted ones: exit.exception; not yet delivered to the guest. #DB and #AC
                            * are always intercepted (a guest could hang the CPU with them): inject the same */
    EXIT_CPUID, EXIT_HLT, EXIT_PAUSE, EXIT_RDPMC, EXIT_INVD, EXIT_WBINVD, EXIT_MONITOR, EXIT_MWAIT,
    EXIT_XSETBV,           /* the instruction, not carried out; operands in general registers. Exits come before the
                            * instruction's own checks: the row looks at exit.cpl where only ring 0 may */
    EXIT_TPR,              /* MOV to CR8, not carried out: that was asked for, or an interrupt window; CPL 0 has been checked */
    EXIT_HYPERCALL,        /* VMMCALL or VMCALL as fits the vendor, at any CPL (see exit.cpl) */
    EXIT_RDMSR, EXIT_WRMSR,   /* ECX, EDX:EAX; CPL 0 has been checked by hardware */
    EXIT_PORT,             /* exit.port; I/O permission (IOPL, TSS bitmap) has been checked by hardware */
    EXIT_NESTED_FAULT,     /* exit.nested: the guest-physical address is not mapped so in the p2m */
    EXIT_INTERRUPT_WINDOW, /* asked for by request_interrupt_window(): an interrupt could be injected now */
    EXIT_SHUTDOWN,         /* triple fault: the guest's state is undefined, it cannot go on */
    EXIT_INIT,             /* an INIT signal arrived at this CPU; nothing to do */
    EXIT_TASK_SWITCH,      /* exit.task */
    EXIT_VIRTUALIZATION,   /* VMRUN, VMLOAD, VMXON, ...: not offered; the row answers #UD */
    EXIT_INVALID_STATE,    /* hardware refused to enter: a bug, or state the toolstack set; dump and crash the domain */
    EXIT_UNKNOWN,          /* exit.code says which; dump and crash the domain */
    /* Never in a record: the vendor's file answers these itself and enters the guest again. Counted in the ledger. */
    EXIT_DEBUG_REGISTER,   /* the guest's debug registers are loaded at their first use */
    EXIT_IRET,             /* the end of an NMI's handler, watched for */
    NR_EXIT_REASONS
};

struct exit {
    enum exit_reason reason;
    u8 length;             /* of the instruction, in bytes; 0: not known yet (container_advance_rip() finds out) */
    u8 cpl;
    u64 code;              /* raw, for dumps alone */
    u64 info[2];           /* raw, for dumps alone */
    union {
        struct { u8 vector; bool has_error; u32 error; u64 cr2; } exception;   /* cr2: of a #PF (not in CR2 yet) */
        struct {
            u16 port;
            u8 size;                       /* 1, 2, 4 */
            bool in, string, rep;          /* string: memory operand to be decoded (ES:rDI for INS) */
            u8 address_size;               /* string: 2, 4, 8 */
            u8 segment;                    /* of OUTS, enum insn_segment; INSN_NO_SEGMENT: decode it */
            u64 next_rip;
        } port;
        struct {
            u64 gpa;
            bool read, write, fetch;       /* the access (write: may have been a read-modify-write) */
            bool present;                  /* a translation exists and does not allow it */
            bool reserved;                 /* reserved bits set in the nested tables: a bug of Prism's */
            bool in_walk;                  /* while the guest's own page tables were walked; gpa is the table's */
            bool gla_valid; u64 gla;       /* linear address, where hardware tells (not SVM) */
            u8 bytes, code[15];            /* instruction bytes, where hardware gives them; bytes 0: fetch them */
        } nested;
        /* by_event: an event's delivery, which is pending still unless it is `software` (INT n, INT3, INTO of this
         * vector: RIP is at the instruction); else by IRET, far JMP, or far CALL, at which RIP is. resume_flag: RFLAGS.RF
         * as the old task has it saved. */
        struct { u16 selector; bool iret, jump, by_event, software, has_error, resume_flag; u8 vector; u32 error; } task;
    };
};
const char *exit_reason_name(enum exit_reason reason);

/* ---- State */
enum container_segment_id { SEGMENT_ES, SEGMENT_CS, SEGMENT_SS, SEGMENT_DS, SEGMENT_FS, SEGMENT_GS, SEGMENT_LDTR,
                            SEGMENT_TR, NR_SEGMENTS };   /* the first six as enum insn_segment */
/* attributes: descriptor bits 55:52 and 47:40 as 12 bits: type 0-3, S 4, DPL 5-6, P 7, AVL 8, L 9, D/B 10, G 11.
 * limit in bytes (granularity applied). */
struct container_segment { u16 selector, attributes; u32 limit; u64 base; };
#define SEGMENT_ATTR_S 0x10
#define SEGMENT_ATTR_DPL 0x60
#define SEGMENT_ATTR_P 0x80
#define SEGMENT_ATTR_L 0x200
#define SEGMENT_ATTR_DB 0x400
#define SEGMENT_ATTR_G 0x800
struct container_table { u32 limit; u64 base; };

/* get() and set(). Values are the guest's view; set() takes any value that is architecturally valid (the row has
 * checked: a bad one shows as EXIT_INVALID_STATE), and flushes the guest's translations where the change demands it. */
enum container_reg {
    CREG_CR0, CREG_CR2, CREG_CR3, CREG_CR4, CREG_EFER,   /* EFER: LMA as the guest sees it; SVME never shows */
    CREG_TPR,                                            /* the local APIC's register, of which bits 7:4 are kept */
    CREG_DR0, CREG_DR1, CREG_DR2, CREG_DR3, CREG_DR6, CREG_DR7,
    CREG_PAT, CREG_STAR, CREG_LSTAR, CREG_CSTAR, CREG_SFMASK, CREG_KERNEL_GS_BASE,
    CREG_SYSENTER_CS, CREG_SYSENTER_ESP, CREG_SYSENTER_EIP, CREG_TSC_AUX,
    NR_CREGS
};

enum container_mode { MODE_REAL, MODE_VM86, MODE_PROTECTED16, MODE_PROTECTED32, MODE_COMPAT16, MODE_COMPAT32, MODE_64 };

/* What every vendor's per-vCPU structure begins with; v->container points to it. Its own CPU writes it while v runs. */
struct container {
    struct vcpu *vcpu;
    /* The row's: instruction bytes at linear address `linear` as current's kernel and user mode would fetch them,
     * through the guest's page tables. Returns how many of the n bytes it could get. Interrupts on. */
    size_t (*fetch)(struct vcpu *v, u64 linear, void *bytes, size_t n);
    volatile bool flush_pending;    /* any CPU: its translations go before it is entered again */
};

struct container_ops {
    const char *name;               /* "SVM" */
    /* Switches the extension on for this CPU, interrupts off: called on each by container_report(). -ENODEV */
    int (*cpu_init)(unsigned int cpu);
    /* Makes v->container: the state after INIT (real mode at f000:fff0, APM vol. 2, 14.1.3; caches on; RIP, RFLAGS and
     * the general registers in v->regs are set as well), all ports and MSRs
     * intercepted but those that hardware switches with the vCPU (FS, GS and KernelGS bases, STAR, LSTAR, CSTAR,
     * SFMASK, SYSENTER_*), the TSC readable with offset 0, nested paging on with p2m's tables. -ENOMEM */
    int (*vcpu_init)(struct vcpu *v, struct p2m *p2m,
                     size_t (*fetch)(struct vcpu *v, u64 linear, void *bytes, size_t n));
    void (*vcpu_free)(struct vcpu *v);          /* right where vcpu_init failed or never ran */
    /* The row's switch_to and switch_from call these; interrupts off. switch_to leaves Prism's own page tables loaded
     * and the FPU state v's; switch_from leaves nothing of v's in this CPU but the FPU state, which dom/context.c
     * saves. */
    void (*switch_from)(struct vcpu *v);
    void (*switch_to)(struct vcpu *v);
    /* Runs v (current) until it exits. Interrupts off on entry and return, no lock held. On entry the crossing under
     * way is charged to cpu_info()->ledger_cell; on return the next has begun (entry_tsc), and the row charges it. */
    void (*enter)(struct vcpu *v, struct exit *exit);

    void (*get_segment)(const struct vcpu *v, enum container_segment_id id, struct container_segment *out);
    /* SS's DPL is the CPL. A null or unusable segment: attributes 0. */
    void (*set_segment)(struct vcpu *v, enum container_segment_id id, const struct container_segment *segment);
    void (*get_tables)(const struct vcpu *v, struct container_table *gdt, struct container_table *idt);
    void (*set_tables)(struct vcpu *v, const struct container_table *gdt, const struct container_table *idt);
    u64 (*get)(const struct vcpu *v, enum container_reg reg);
    void (*set)(struct vcpu *v, enum container_reg reg, u64 value);
    u8 (*cpl)(const struct vcpu *v);

    /* Events. One at most is pending for the next entry; an event whose delivery an exit interrupted is pending again
     * by itself. inject(): an exception; joined with a pending one as the processor does (APM vol. 2, 8.2.9: a second
     * contributory one becomes #DF, one on top of #DF a triple fault - false: the row shuts the domain down). A #PF
     * sets CR2. Interrupts and NMIs: only if can_inject_*() says so. */
    bool (*inject)(struct vcpu *v, u8 vector, bool has_error, u32 error, u64 cr2);
    void (*inject_interrupt)(struct vcpu *v, u8 vector);
    void (*inject_nmi)(struct vcpu *v);
    bool (*event_pending)(const struct vcpu *v);
    u64 (*get_event)(const struct vcpu *v);   /* it, as struct hvm_hw_cpu has it: pending_event, above it error_code */
    /* What is pending has been delivered by the row itself. An NMI stays under way. */
    void (*drop_event)(struct vcpu *v);
    /* As INIT leaves it: nothing pending, no NMI handler under way, no window asked for, no shadow. */
    void (*reset_events)(struct vcpu *v);
    int (*injecting)(const struct vcpu *v);               /* the interrupt's vector that the next entry delivers; -1: none */
    bool (*can_inject_interrupt)(const struct vcpu *v);   /* IF, no shadow, nothing pending. TPR: the row's to ask */
    /* No NMI handler under way (its IRET has been seen, and an exit since then), no shadow, nothing pending. */
    bool (*can_inject_nmi)(const struct vcpu *v);
    /* An exit as soon as that is so, or (in the shadow of MOV SS with interrupts off) soon after. For one entry. v is
     * current, interrupts off. */
    void (*request_nmi_window)(struct vcpu *v);
    /* An exit as soon as an interrupt of this vector could be taken (IF, shadow, TPR below its class); stays until it
     * has happened or is cancelled. Any number of times; the last vector counts. */
    void (*request_interrupt_window)(struct vcpu *v, u8 vector);
    void (*cancel_interrupt_window)(struct vcpu *v);
    void (*intercept_tpr)(struct vcpu *v, bool on);       /* MOV to CR8. While a window is asked for it exits anyway */
    bool (*interrupt_shadow)(const struct vcpu *v);
    void (*set_interrupt_shadow)(struct vcpu *v, bool on);

    void (*set_tsc_offset)(struct vcpu *v, u64 offset);   /* guest TSC = host TSC + offset */
    /* The guest is to see every change of its nested tables, and keep no translation of its own, from its next entry
     * on: any CPU, any context; does not wait (container_flush_domain does). */
    void (*flush)(struct vcpu *v);
    void (*dump)(struct vcpu *v);                         /* state to the console, as domain_crash() wants it */
};
extern const struct container_ops *container_ops;   /* NULL: this machine has none */

static inline bool container_available(void) { return container_ops != NULL; }
/* Once on the boot CPU when all CPUs are up, interrupts on: finds the vendor and switches containers on everywhere, or
 * nowhere. Says on the console what the machine has and which rows that leaves. */
void container_report(void);

/* Passes the instruction that caused `exit`: RIP and the end of the interrupt shadow (and #DB after it, if RFLAGS.TF).
 * Where hardware did not give its length, its bytes are fetched and taken apart; if that fails (the guest has changed
 * them meanwhile) the instruction is begun anew: false, and its effects must be repeatable or the row crashes the
 * domain. v == current, interrupts on. */
bool container_advance_rip(struct vcpu *v, struct exit *exit);
/* The same for an instruction that the row has taken apart itself. */
void container_advance_rip_by(struct vcpu *v, u8 length);
/* Between two iterations of a repeated instruction RIP stays, but the shadow ends, a single step traps, and a breakpoint
 * on the instruction is not hit again. */
void container_between_units(struct vcpu *v);
/* Fetches and takes apart the instruction at current's RIP. 0, or insn_decode()'s errors; -ENODATA: no bytes. */
int container_fetch_insn(struct vcpu *v, struct insn *insn);
enum container_mode container_mode(const struct vcpu *v);
enum insn_mode container_insn_mode(const struct vcpu *v);

/* No CPU uses a translation of d's nested tables made before this call when it returns. Interrupts on; may be called
 * under locks below RANK_IPI (d's p2m lock is one). */
void container_flush_domain(struct domain *d);

#endif
