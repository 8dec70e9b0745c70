/* SPDX-License-Identifier: MIT */
/* Hardware containers: what the machine has, and what is common to all vendors. */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "hw/container.h"
#include "hw/svm/svm.h"
#include "insn/decode.h"
#include "lib/lib.h"
#include "modes/spectrum.h"

#define DR6_BS (1u << 14)
#define DR7_GD (1u << 13)

const struct container_ops *container_ops;

/* ---- what the machine has */

static volatile bool init_failed;

static void init_here(void *ops)
{
    if (((const struct container_ops *)ops)->cpu_init(smp_processor_id()))
        init_failed = true;
}

/* Every CPU or none: a vCPU can be moved to any. */
static void container_init(const struct container_ops *ops)
{
    if (!ops)
        return;
    on_cpus(cpu_online_mask, init_here, (void *)ops, true);
    if (init_failed)
        printk("%s is there, but a CPU could not switch it on (by the firmware?): not used\n", ops->name);
    else
        container_ops = ops;
}

void container_report(void)
{
    container_init(svm_probe());
    if (!container_ops)
        printk("No hardware containers on this machine: it can offer PV alone\n");
    printk("Modes offered:");
    for (unsigned int i = 0; i < NR_ROWS; i++)
        if (!row_refused(&spectrum[i]))
            printk(" %s", spectrum[i].name);
    printk("\n");
}

/* ---- instructions */

enum container_mode container_mode(const struct vcpu *v)
{
    const struct cpu_user_regs *regs = v == current ? guest_regs() : &v->regs;
    struct container_segment cs;

    if (!(container_ops->get(v, CREG_CR0) & X86_CR0_PE))
        return MODE_REAL;
    if (regs->rflags & X86_EFLAGS_VM)
        return MODE_VM86;
    container_ops->get_segment(v, SEGMENT_CS, &cs);
    if (container_ops->get(v, CREG_EFER) & EFER_LMA)
        return cs.attributes & SEGMENT_ATTR_L ? MODE_64 :
               cs.attributes & SEGMENT_ATTR_DB ? MODE_COMPAT32 : MODE_COMPAT16;
    return cs.attributes & SEGMENT_ATTR_DB ? MODE_PROTECTED32 : MODE_PROTECTED16;
}

enum insn_mode container_insn_mode(const struct vcpu *v)
{
    struct container_segment cs;

    switch (container_mode(v)) {
    case MODE_64:
        return INSN_64;
    case MODE_COMPAT32: case MODE_PROTECTED32:
        return INSN_32;
    case MODE_REAL:   /* what protected mode has left in CS counts until the next one is loaded */
        container_ops->get_segment(v, SEGMENT_CS, &cs);
        return cs.attributes & SEGMENT_ATTR_DB ? INSN_32 : INSN_16;
    default:
        return INSN_16;
    }
}

/* RIP as wide as the code is: it wraps at 4 GiB outside 64-bit mode. */
static u64 clip_rip(enum insn_mode mode, u64 rip)
{
    return mode == INSN_64 ? rip : (u32)rip;
}

static size_t fetch(struct vcpu *v, enum insn_mode mode, u8 *bytes, size_t n)
{
    u64 rip = guest_regs()->rip;
    struct container_segment cs;

    if (mode != INSN_64) {
        container_ops->get_segment(v, SEGMENT_CS, &cs);
        rip = (u32)(cs.base + rip);
    }
    return v->container->fetch(v, rip, bytes, n);
}

int container_fetch_insn(struct vcpu *v, struct insn *insn)
{
    enum insn_mode mode = container_insn_mode(v);
    u8 bytes[INSN_MAX];
    size_t n = fetch(v, mode, bytes, sizeof(bytes));

    return n ? insn_decode(bytes, n, mode, insn) : -ENODATA;
}

/* Instructions that exit often have no operands and are the same in every mode: no need to take them apart.
 * 0: another. */
#define SHORT_INSN 3
static u8 short_length(const u8 bytes[SHORT_INSN])
{
    if (bytes[0] == 0xf4)                                   /* HLT */
        return 1;
    if (bytes[0] != 0x0f)
        return 0;
    switch (bytes[1]) {
    case 0x30: case 0x32: case 0xa2:                        /* WRMSR, RDMSR, CPUID */
        return 2;
    case 0x01:                                              /* VMCALL, VMMCALL */
        return bytes[2] == 0xc1 || bytes[2] == 0xd9 ? 3 : 0;
    default:
        return 0;
    }
}

/* A boundary of instructions: the shadow of STI or MOV SS is over, a single step traps (APM vol. 2, 13.1.4). */
static void boundary(struct vcpu *v)
{
    u64 dr7;

    container_ops->set_interrupt_shadow(v, false);
    if (likely(!(guest_regs()->rflags & X86_EFLAGS_TF)))
        return;
    dr7 = container_ops->get(v, CREG_DR7);
    if (dr7 & DR7_GD)
        container_ops->set(v, CREG_DR7, dr7 & ~(u64)DR7_GD);
    container_ops->set(v, CREG_DR6, container_ops->get(v, CREG_DR6) | DR6_BS);
    (void)container_ops->inject(v, TRAP_DB, false, 0, 0);
}

/* The processor's own end of an instruction: it was not begun anew, so RF is clear. */
static void advance(struct vcpu *v, enum insn_mode mode, u8 length)
{
    struct cpu_user_regs *regs = guest_regs();

    regs->rip = clip_rip(mode, regs->rip + length);
    regs->rflags &= ~(u64)X86_EFLAGS_RF;
    boundary(v);
}

void container_between_units(struct vcpu *v)
{
    guest_regs()->rflags |= X86_EFLAGS_RF;
    boundary(v);
}

void container_advance_rip_by(struct vcpu *v, u8 length)
{
    advance(v, container_insn_mode(v), length);
}

bool container_advance_rip(struct vcpu *v, struct exit *exit)
{
    enum insn_mode mode = container_insn_mode(v);
    struct insn insn;

    if (!exit->length) {
        u8 bytes[SHORT_INSN] = { 0 };

        (void)fetch(v, mode, bytes, sizeof(bytes));
        exit->length = short_length(bytes);
    }
    if (!exit->length) {
        if (container_fetch_insn(v, &insn))
            return false;
        exit->length = insn.length;
    }
    advance(v, mode, exit->length);
    return true;
}

/* ---- translations */

static void taken(void *unused)
{
}

/* Each vCPU looks at its flag with interrupts off before it enters, so a CPU that has taken an interrupt since the flag
 * was set does not enter without having seen it. */
void container_flush_domain(struct domain *d)
{
    struct vcpu *v;

    ledger_count(current, LEDGER_TLB_FLUSH);
    for_each_vcpu(d, v)
        if (v->container)
            container_ops->flush(v);
    smp_mb();
    if (d->dirty_cpus & ~(1ULL << smp_processor_id()))
        on_cpus(d->dirty_cpus & ~(1ULL << smp_processor_id()), taken, NULL, true);
}

const char *exit_reason_name(enum exit_reason reason)
{
    static const char *const names[NR_EXIT_REASONS] = {
        [EXIT_INTERRUPT] = "interrupt", [EXIT_EXCEPTION] = "exception", [EXIT_CPUID] = "CPUID", [EXIT_HLT] = "HLT",
        [EXIT_PAUSE] = "PAUSE", [EXIT_RDPMC] = "RDPMC",
        [EXIT_INVD] = "INVD", [EXIT_WBINVD] = "WBINVD", [EXIT_MONITOR] = "MONITOR", [EXIT_MWAIT] = "MWAIT",
        [EXIT_XSETBV] = "XSETBV", [EXIT_TPR] = "CR8", [EXIT_HYPERCALL] = "hypercall",
        [EXIT_RDMSR] = "RDMSR", [EXIT_WRMSR] = "WRMSR",
        [EXIT_PORT] = "port I/O", [EXIT_NESTED_FAULT] = "nested page fault",
        [EXIT_INTERRUPT_WINDOW] = "interrupt window", [EXIT_SHUTDOWN] = "shutdown",
        [EXIT_INIT] = "INIT", [EXIT_TASK_SWITCH] = "task switch", [EXIT_VIRTUALIZATION] = "virtualization instruction",
        [EXIT_INVALID_STATE] = "invalid guest state", [EXIT_UNKNOWN] = "unknown exit",
        [EXIT_DEBUG_REGISTER] = "debug register", [EXIT_IRET] = "IRET",
    };

    return reason < NR_EXIT_REASONS ? names[reason] : "?";
}
