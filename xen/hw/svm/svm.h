/* SPDX-License-Identifier: MIT */
/* AMD's Secure Virtual Machine: what its files share. */
#ifndef PRISM_HW_SVM_SVM_H
#define PRISM_HW_SVM_SVM_H

#include "dom/domain.h"
#include "hw/container.h"
#include "hw/svm/asid.h"
#include "hw/svm/vmcb.h"

enum nmi_state { NMI_OPEN, NMI_MASKED, NMI_IRET };

/* A vCPU's. Written by its own CPU while it runs, by anyone while it does not; container.flush_pending by all. */
struct svm_container {
    struct container container;
    struct vmcb *vmcb;             /* a page of its own */
    maddr_t vmcb_maddr;
    u64 event;                     /* for the next entry, in EVENTINJ's format; 0: none */
    bool posted;                   /* this entry has it as a virtual interrupt */
    struct asid_holder asid;
    u64 dr[4];                     /* DR0 to DR3 while they are not loaded */
    bool dr_loaded;                /* they are in the CPU, and accesses are not intercepted */
    u64 tsc_aux;
    enum nmi_state nmi;
    u64 nmi_iret_rip;              /* NMI_IRET: where the handler's IRET is */
    bool nmi_window;               /* the row wants an exit behind that IRET */
    bool stepping;                 /* this entry is to execute it and nothing else */
    bool guest_steps;              /* while stepping: the guest's own TF; what its DR6 and intercepts were */
    u32 step_exceptions;
    u64 step_dr6;
    unsigned int last_cpu;         /* where the clean bits hold */
};
static inline struct svm_container *to_svm(const struct vcpu *v)
{ return container_of(v->container, struct svm_container, container); }

/* A CPU's. Its own, interrupts off. */
struct svm_cpu {
    maddr_t hsave;                 /* the host's state while a guest runs: hardware's, in a format of its own */
    maddr_t host_vmcb;             /* the host's FS, GS, TR, LDTR, SYSCALL and SYSENTER state, for VMLOAD */
    struct asid_pool asids;
};
extern struct svm_cpu svm_cpus[NR_CPUS];

/* The operations, if this machine has SVM with nested paging and there is memory for it; else NULL, having said why
 * on the console. Boot CPU, interrupts on. */
const struct container_ops *svm_probe(void);

static inline bool svm_has(u32 feature) { return cpu_features.svm_features & feature; }
/* Fields of these groups were changed: the CPU reads them again at the next entry. */
static inline void svm_touch(struct svm_container *s, u32 groups) { s->vmcb->clean &= ~groups; }

/* The registers of v: in the CPU's frame for current, else in v->regs. */
static inline struct cpu_user_regs *svm_regs(const struct vcpu *v)
{ return v == current ? guest_regs() : (struct cpu_user_regs *)&v->regs; }

/* vmrun.S: enters the guest with general registers from cpu_info()->regs and comes back with its in there (but RAX,
 * RSP, RIP and RFLAGS, which are in the VMCB). Interrupts off; an NMI that is pending afterwards has been taken. */
void svm_vmrun(maddr_t vmcb, maddr_t host_vmcb);

/* svm.c */
extern maddr_t svm_iopm, svm_msrpm;

/* vcpu.c */
int svm_vcpu_init(struct vcpu *v, struct p2m *p2m, size_t (*fetch)(struct vcpu *, u64, void *, size_t));
void svm_vcpu_free(struct vcpu *v);

/* exit.c: what the VMCB says after an exit. False: nothing that concerns a row; v is to be entered again. */
bool svm_exit_record(struct svm_container *s, struct exit *exit);

/* state.c */
void svm_get_segment(const struct vcpu *v, enum container_segment_id id, struct container_segment *out);
void svm_set_segment(struct vcpu *v, enum container_segment_id id, const struct container_segment *segment);
void svm_get_tables(const struct vcpu *v, struct container_table *gdt, struct container_table *idt);
void svm_set_tables(struct vcpu *v, const struct container_table *gdt, const struct container_table *idt);
u64 svm_get(const struct vcpu *v, enum container_reg reg);
void svm_set(struct vcpu *v, enum container_reg reg, u64 value);
u8 svm_cpl(const struct vcpu *v);
void svm_dump(struct vcpu *v);
void svm_load_dr(struct svm_container *s);     /* into the CPU; accesses exit no more */
void svm_unload_dr(struct svm_container *s);   /* back into memory */

/* inject.c */
bool svm_inject(struct vcpu *v, u8 vector, bool has_error, u32 error, u64 cr2);
void svm_inject_interrupt(struct vcpu *v, u8 vector);
bool svm_event_pending(const struct vcpu *v);
u64 svm_get_event(const struct vcpu *v);
void svm_drop_event(struct vcpu *v);
void svm_reset_events(struct vcpu *v);
int svm_injecting(const struct vcpu *v);
bool svm_can_inject_interrupt(const struct vcpu *v);
void svm_request_interrupt_window(struct vcpu *v, u8 vector);
void svm_cancel_interrupt_window(struct vcpu *v);
void svm_intercept_tpr(struct vcpu *v, bool on);
bool svm_interrupt_shadow(const struct vcpu *v);
void svm_set_interrupt_shadow(struct vcpu *v, bool on);
void svm_post_event(struct svm_container *s);               /* for an entry: s->event into the VMCB */
void svm_keep_interrupted_event(struct svm_container *s);   /* after an exit: what was not delivered is to be again */
bool svm_software_event(u64 event);                         /* as EXITINTINFO has it */

/* nmi.c */
bool svm_can_inject_nmi(const struct vcpu *v);
void svm_inject_nmi(struct vcpu *v);
void svm_request_nmi_window(struct vcpu *v);
void svm_iret_seen(struct svm_container *s);
void svm_begin_step(struct svm_container *s);               /* for an entry with nmi_window */
bool svm_end_step(struct svm_container *s);                 /* after one that stepped. True: its exit is nothing else */

/* intercept.c */
void svm_set_tsc_offset(struct vcpu *v, u64 offset);
void svm_intercept_init(struct vmcb *vmcb);
void svm_maps_init(void *iopm, void *msrpm);
#define IOPM_ORDER 2      /* 12 KiB */
#define MSRPM_ORDER 1     /* 8 KiB */

#endif
