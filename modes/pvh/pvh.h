/* SPDX-License-Identifier: MIT */
/* A domain in a hardware container and its vCPUs: the state behind the HW answer to the privileged column. hw_*.c is what
 * every row with a container needs, pvh_*.c what PVH alone has. */
#ifndef PRISM_MODES_PVH_PVH_H
#define PRISM_MODES_PVH_PVH_H

#include <xen/features.h>
#include <xen/hvm/params.h>

#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "hw/container.h"
#include "mem/frame.h"
#include "mem/p2m.h"
#include "modes/hvm/pc.h"
#include "modes/pvh/hw_lapic.h"
#include "modes/pvh/hw_walk.h"

#define MTRR_PAIRS 8
#define MTRR_FIXED 11

struct hw_mtrr { u64 def_type, fixed[MTRR_FIXED], variable[2 * MTRR_PAIRS]; };

struct hw_compat;

/* The accesses of one instruction to devices. One that waits for its answer is answered later; then the instruction is
 * carried out again from its beginning, with the answers it has had already. */
#define HW_IO_ACCESSES 12
struct hw_io {
    struct exit exit;             /* the exit that the instruction caused */
    struct insn insn;             /* as it was at that time */
    bool fetched;                 /* insn is valid */
    bool waiting;                 /* for answer[answers], which is not answered yet */
    bool abandoned;               /* waiting, but no instruction is to be gone on with: a hypercall's, or INIT came between */
    u8 answers, next;             /* had, and of these used in this turn */
    u32 units;                    /* of a repeated instruction, done since its exit */
    struct io_access answer[HW_IO_ACCESSES];
};

struct hw_vcpu {
    struct vcpu vcpu;             /* first: a struct vcpu * of such a domain is a struct hw_vcpu * */

    /* --- its own CPU while it runs, anyone while it is paused */
    struct lapic lapic;
    struct hw_mtrr mtrr;
    u64 tsc_offset;
    bool hypercall_repeats;       /* the hypercall under way is to be made again: RIP stays */
    bool memory_gone;             /* the hypercall under way has taken memory out: device models are to be told */
    bool window_requested, tpr_watched;
    struct hw_io io;              /* an instruction's accesses to devices, under way */
    u8 insns_reported;            /* how many unknown instructions the console has been told of */
    struct hw_compat *compat;     /* a 32-bit hypercall's arguments in 64-bit form; NULL: it has made none yet */

    /* --- any CPU */
    struct timer lapic_timer;     /* lapic.timer_expires */
    volatile u8 upcall_vector;    /* HVMOP_set_evtchn_upcall_vector; 0: the domain's callback */
    volatile bool init_pending;   /* INIT has arrived: it takes itself down before its next entry */
};

struct hw_domain {
    struct domain domain;         /* first */
    struct p2m p2m;
    volatile u64 params[HVM_NR_PARAMS];   /* domain_lock for writing */
    volatile bool handed_over;    /* of a PC: its firmware has done its work (modes/hvm/hvm.h). Never false again */
    volatile bool io_connected;   /* of a PC: a backend has mapped something. Never false again */
    struct pc *pc;                /* modes/hvm/pc.h; NULL: no PC. constant */
    volatile u8 callback_vector;  /* HVM_PARAM_CALLBACK_IRQ by vector; 0: none */
    struct xen_cpuid_leaf *cpuid_policy; u32 nr_cpuid_leaves;   /* constant once it has run */
    struct xen_msr_entry *msr_policy; u32 nr_msr_entries;
    struct row own_row;           /* of a mix that the spectrum does not name (modes/spectrum_change.c). As domain.row */
};

static inline struct hw_vcpu *to_hw(struct vcpu *v) { return container_of(v, struct hw_vcpu, vcpu); }
static inline const struct hw_vcpu *to_hw_const(const struct vcpu *v) { return container_of(v, struct hw_vcpu, vcpu); }
static inline struct hw_domain *to_hw_domain(struct domain *d) { return container_of(d, struct hw_domain, domain); }
static inline u32 hw_apic_id(const struct vcpu *v) { return v->id * 2; }
static inline struct cpu_user_regs *hw_regs(struct vcpu *v) { return v == current ? guest_regs() : &v->regs; }

/* ---- hw_domain.c */
int hw_domain_init(struct domain *d, const struct xen_domctl_createdomain *config);
int hw_domain_relinquish(struct domain *d);
void hw_domain_free(struct domain *d);
mfn_t hw_get_gfn(struct domain *d, gfn_t gfn);
int hw_map_gfn(struct domain *d, gfn_t gfn, mfn_t mfn);
int hw_unmap_gfn(struct domain *d, gfn_t gfn, mfn_t mfn);
int hw_grant_map(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, bool readonly);
int hw_grant_unmap(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, u64 new_addr);
extern const struct container_abi hw_container_abi;

/* ---- hw_vcpu.c, hw_context.c */
int hw_vcpu_init(struct vcpu *v);
void hw_vcpu_free(struct vcpu *v);
void hw_reset(struct vcpu *v);
void hw_startup(struct vcpu *v, u8 page);               /* as SIPI leaves it: real mode at page << 12. v is down */
int hw_set_context(struct vcpu *v, const struct vcpu_guest_context *context);
void hw_get_context(struct vcpu *v, struct vcpu_guest_context *context);
int hw_set_hvm_context(struct vcpu *v, const struct vcpu_hvm_context *context);
void hw_switch_from(struct vcpu *v);
void hw_switch_to(struct vcpu *v);
bool hw_kernel_mode(const struct vcpu *v);
void hw_dump(struct vcpu *v);
void hw_note_xcr0(struct vcpu *v);                      /* v->xcr0 becomes what the CPU has. v is current */
/* What software may put into CR0, CR4 and EFER together, and RFLAGS, of a guest with domain d's CPUID. */
bool hw_control_ok(struct domain *d, u64 cr0, u64 cr4, u64 efer);

/* ---- hw_run.c, hw_exit.c */
void hw_resume(struct vcpu *v) noreturn;
void hw_trap(struct vcpu *v, struct cpu_user_regs *regs);
bool hw_interrupt_pending(const struct vcpu *v);        /* would v, if blocked, have a reason to run? */
void hw_inject(struct vcpu *v, u8 vector, u32 error_code, u64 cr2);
/* v goes down for good unless another starts it; a domain whose last one this is powers off. v == current */
void hw_down(struct vcpu *v);
void hw_exit(struct vcpu *v, struct exit *exit);
void hw_exit_again(struct vcpu *v, struct exit *exit);   /* goes on with an instruction whose access has been answered */

/* ---- hw_memory.c: current's memory by linear address, as its kernel (hw_copy_*), or as whatever it runs (access). */
size_t hw_copy_from(void *dst, u64 va, size_t n);
size_t hw_copy_to(u64 va, const void *src, size_t n);
void *hw_writable(u64 va, size_t n, mfn_t *mfn);
size_t hw_clear(u64 va, size_t n);
size_t hw_fetch(struct vcpu *v, u64 linear, void *bytes, size_t n);
/* Translates va for an access by current (PFEC_*; PFEC_USER as its CPL has it is the caller's). False: *error */
bool hw_translate(struct vcpu *v, u64 va, u32 access, u64 *gpa, u32 *error);
/* n bytes within one page of guest-physical memory. False: no memory there, or it is not for writing. */
bool hw_read_gpa(struct domain *d, u64 gpa, void *dst, size_t n);
bool hw_write_gpa(struct domain *d, u64 gpa, const void *src, size_t n);

/* ---- hw_io.c: an instruction's accesses to devices. v == current, interrupts on. */
/* One access of the instruction under way: IO_DONE (what nobody answers reads as ones), or IO_RETRY: v sleeps, and
 * whoever is at work for this instruction returns up to hw_resume() without having changed registers. IO_NOT_MINE: a
 * block that has to be split into its units. */
enum io_result hw_io(struct vcpu *v, struct io_access *a);
/* Iterations of a repeated instruction for one exit, in blocks of a page at most: then interrupts have their turn. */
#define HW_IO_UNITS 1024
void hw_io_begin(struct vcpu *v);          /* a new instruction */
void hw_io_next_unit(struct vcpu *v, u32 units);   /* so many units of a repeated one are done */
/* The instruction under way as it was when it left the guest, whatever becomes of its bytes while it waits for an answer.
 * NULL: they have changed before anybody could look; it is to be begun anew. */
const struct insn *hw_io_insn(struct vcpu *v);
/* Before hw_io_insn: the instruction's bytes, n of them (or 0), as the processor gave them with the exit. */
void hw_io_take_insn(struct vcpu *v, const u8 *bytes, size_t n);
/* An answer may have come: true once there is nothing to wait for any more, and the instruction has been gone on with. */
bool hw_io_finish(struct vcpu *v);
void hw_io_invalidate(struct vcpu *v);     /* v == current has given memory back: it waits until its device model knows */
/* Does the PIC pair have an interrupt for v? What the callback's line should say. */
static inline bool hw_extint_pending(const struct vcpu *v)
{
    return unlikely(container_of(v->domain, struct hw_domain, domain)->pc != NULL) &&
           (pc_extint_pending(v) || pc_callback_waits(v));
}

/* ---- hw_mmio.c, hw_port.c: accesses to what is no memory. v == current, interrupts on. */
void hw_nested_fault(struct vcpu *v, struct exit *exit);
void hw_port(struct vcpu *v, struct exit *exit);
/* ---- hw_task.c: the switch of the hardware's tasks that exit.task asks for. v == current, interrupts on. */
void hw_task_switch(struct vcpu *v, struct exit *exit);

/* ---- hw_hypercall.c, hw_compat.c */
void hw_hypercall(struct vcpu *v, struct exit *exit);
void hw_hypercall_again(unsigned int nargs, const unsigned long *args);
void hw_fill_hypercall_page(void *page);
long hw_compat_hypercall(struct vcpu *v, u32 number, const u32 args[6]);
void hw_compat_again(struct vcpu *v, unsigned int nargs, const unsigned long *args);
/* Is va inside the place where the arguments of 32-bit hypercalls are kept in 64-bit form (above any 32-bit address)?
 * Its bytes, n of them; NULL: no. */
void *hw_compat_area(struct vcpu *v, u64 va, size_t n);
void hw_compat_free(struct hw_vcpu *v);
/* current begins to use Prism, or begins anew: from now on its domain lays out what they share as it is running now. */
void hw_note_width(struct vcpu *v);

/* ---- hw_apic.c */
void hw_apic_vcpu_init(struct hw_vcpu *v);
bool hw_has_lapic(const struct domain *d);
bool hw_apic_page(struct vcpu *v, u64 gpa);             /* does v find its APIC's registers there? */
/* Registers by offset in that page (4 bytes, aligned) and by x2APIC MSR. False: #GP (MSR) */
u32 hw_apic_read(struct vcpu *v, u32 offset);
void hw_apic_write(struct vcpu *v, u32 offset, u32 value);
bool hw_apic_rdmsr(struct vcpu *v, u32 msr, u64 *value);
bool hw_apic_wrmsr(struct vcpu *v, u32 msr, u64 value);
bool hw_apic_set_deadline(struct vcpu *v, u64 tsc);
void hw_apic_sync(struct vcpu *v);                      /* TPR from the container */
void hw_apic_restart_timer(struct hw_vcpu *v);
void hw_apic_send_init(struct vcpu *to);                /* INIT, from anybody; interrupts in any state */

/* ---- hw_msr.c, hw_mtrr.c, hw_cpuid.c */
int hw_rdmsr(struct vcpu *v, u32 msr, u64 *value);
int hw_wrmsr(struct vcpu *v, u32 msr, u64 value);
bool hw_mtrr_read(const struct hw_vcpu *v, u32 msr, u64 *value);
bool hw_mtrr_write(struct hw_vcpu *v, u32 msr, u64 value);   /* false: none of these, or a bad value */
bool hw_pat_ok(u64 value);
void hw_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 regs[4]);
void hw_cpuid_max(u32 leaf, u32 subleaf, u32 regs[4]);
/* The domain's CPUID alone: without what depends on a vCPU. */
void hw_cpuid_policy(struct domain *d, u32 leaf, u32 subleaf, u32 regs[4]);
void hw_set_policy(struct domain *d, struct xen_cpuid_leaf *leaves, u32 nr_leaves, struct xen_msr_entry *msrs, u32 nr_msrs);
void hw_get_policy(struct domain *d, const struct xen_cpuid_leaf **leaves, u32 *nr_leaves, const struct xen_msr_entry **msrs,
                   u32 *nr_msrs);

/* ---- hw_save.c */
size_t hw_save_size(const struct domain *d);
long hw_save(struct domain *d, void *buffer, size_t size);
long hw_save_one(struct domain *d, u16 type, u16 instance, void *buffer, size_t size);
int hw_load(struct domain *d, const void *buffer, size_t size);

/* ---- hw_params.c */
int hw_set_param(struct domain *d, u32 index, u64 value, bool by_itself);
int hw_get_param(struct domain *d, u32 index, u64 *value, bool by_itself);

/* ---- pvh_interrupts.c: events as interrupts */
#define CALLBACK_TYPE_SHIFT 56   /* of HVM_PARAM_CALLBACK_IRQ's value */

/* What all answers to platform and interrupts have in common where the guest is in a container. */
#define HW_PLATFORM .features = 1u << XENFEAT_writable_page_tables | 1u << XENFEAT_auto_translated_physmap, \
    .cpuid_max = hw_cpuid_max, .set_policy = hw_set_policy, .get_policy = hw_get_policy, \
    .fill_hypercall_page = hw_fill_hypercall_page, .rdmsr = hw_rdmsr
#define HW_INTERRUPTS .vcpu_init = evtchn_vcpu_init, .vcpu_free = evtchn_vcpu_free, .pending = hw_interrupt_pending, \
    .nmi = vcpu_nmi

extern const struct privileged_ops privileged_hw;
extern const struct platform_ops platform_pvh;
extern const struct interrupt_ops interrupts_pvh;

#endif
