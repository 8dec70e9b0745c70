/* SPDX-License-Identifier: MIT */
/* The virtualization spectrum: a mode is a row of four columns, each column an answer. The five rows stand in
 * spectrum.c; the core reaches a mode only through domain->row. Every function pointer below is required unless its
 * comment says "may be NULL"; row_check() verifies that when a domain is created. */
#ifndef PRISM_MODES_SPECTRUM_H
#define PRISM_MODES_SPECTRUM_H

#include <xen/xen.h>

#include "lib/types.h"
#include "modes/io.h"

struct domain;
struct vcpu;
struct hypercall;
struct vcpu_hvm_context;
struct xen_cpuid_leaf;
struct xen_domctl_createdomain;
struct xen_msr_entry;

enum column { COLUMN_PRIVILEGED, COLUMN_PLATFORM, COLUMN_INTERRUPTS, COLUMN_IO, NR_COLUMNS };
enum answer { ANSWER_PV, ANSWER_HW, ANSWER_EMU, NR_ANSWERS };

/* What only a guest in a container has, as the ABI names it: HVM parameters, contexts, upcall vectors. Errors as the
 * hypercalls return them (public headers hvm/hvm_op.h, hvm/params.h, hvm/save.h). Interrupts on. */
struct container_abi {
    /* by_itself: the caller is the domain. -EINVAL: no such parameter or value. -EPERM: not the guest's to set or know.
     * -EEXIST: it has a value that stays. */
    int (*set_param)(struct domain *d, u32 index, u64 value, bool by_itself);
    int (*get_param)(struct domain *d, u32 index, u64 *value, bool by_itself);
    int (*set_upcall_vector)(struct domain *d, u32 vcpu, u8 vector);   /* -EINVAL -ENOENT */
    int (*flush_tlbs)(struct domain *d);
    int (*mem_type)(struct domain *d, gfn_t gfn);   /* hvmmem_type_t. -EINVAL */
    /* VCPUOP_initialise. -EINVAL. v is down, domain_lock held. */
    int (*set_context)(struct vcpu *v, const struct vcpu_hvm_context *context);
    /* XEN_DOMCTL_{get,set}hvmcontext*: d is paused. save: the bytes written, at most size (-ENOSPC); save_one: one
     * record's contents without descriptor (-ENOENT: no such record). load: all or what comes before the bad record
     * (-EINVAL). */
    size_t (*save_size)(const struct domain *d);
    long (*save)(struct domain *d, void *buffer, size_t size);
    long (*save_one)(struct domain *d, u16 type, u16 instance, void *buffer, size_t size);
    int (*load)(struct domain *d, const void *buffer, size_t size);
    int (*set_pool)(struct domain *d, u64 bytes);   /* XEN_DOMCTL_set_paging_mempool_size. -EINVAL -EBUSY -E2BIG */
    u64 (*get_pool)(struct domain *d);
    gfn_t (*highest_gfn)(struct domain *d);
    /* Enters 2^order frames in a row. As map_gfn; -EINVAL also if they are not aligned. */
    int (*map_extent)(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order);
};

/* Column 1: how the guest's privileged instructions are carried out, and so how its CPU is entered and left. */
struct privileged_ops {
    const char *name;
    enum answer answer;
    bool external_guest_tables;   /* a guest frame number is not a machine frame number (XEN_DOMINF_hvm_guest) */
    const char *capabilities;     /* XENVER_capabilities: what such a guest may be built as, "xen-3.0-x86_64" */
    u32 physcaps;                 /* XEN_SYSCTL_PHYSCAP_*: what the machine offers by this answer */
    const char *(*unavailable)(void);   /* why this machine cannot do it; NULL: it can. May be NULL: any machine can */
    const struct container_abi *container;   /* NULL: not in a container */
    size_t domain_size, vcpu_size;   /* of this answer's structures, which begin with struct domain / struct vcpu */
    int (*domain_init)(struct domain *d, const struct xen_domctl_createdomain *config);
    /* Gives up what the domain holds: page tables first. 0, or -ERESTART to be called again. Domain is dying, not running. */
    int (*domain_relinquish)(struct domain *d);
    void (*domain_free)(struct domain *d);   /* last reference gone; right on a half-built domain */
    int (*vcpu_init)(struct vcpu *v);
    void (*vcpu_free)(struct vcpu *v);       /* right on a half-built vCPU */
    /* State before the first instruction (VCPUOP_initialise, DOMCTL_setvcpucontext). context is checked here. v is down. */
    int (*set_context)(struct vcpu *v, const struct vcpu_guest_context *context);
    void (*get_context)(struct vcpu *v, struct vcpu_guest_context *context);
    void (*reset)(struct vcpu *v);           /* gives up what set_context took */
    /* Scheduler: v's state leaves or enters this CPU; interrupts off. v->regs is copied by the caller. */
    void (*switch_from)(struct vcpu *v);
    void (*switch_to)(struct vcpu *v);
    void (*resume)(struct vcpu *v) noreturn; /* into the guest from cpu_info()->regs: softirqs, events, then enter */
    /* A trap taken while v was in the guest; cpu_info()->regs has vector and error code; interrupts off on entry. */
    void (*trap)(struct vcpu *v, struct cpu_user_regs *regs);
    bool (*kernel_mode)(const struct vcpu *v);   /* of current's registers: is it the guest's kernel? */
    void (*inject)(struct vcpu *v, u8 vector, u32 error_code, u64 cr2);   /* an exception, at the next entry. v == current */
    /* Guest memory by virtual address of current's kernel, in whatever mode it was interrupted. Return bytes NOT copied.
     * Interrupts on; may fault, never sleep. */
    size_t (*copy_from)(void *dst, u64 va, size_t n);
    size_t (*copy_to)(u64 va, const void *src, size_t n);
    size_t (*clear)(u64 va, size_t n);
    /* n bytes there for several writes in a row, if they are in one page of memory that may be written: put_frame(*mfn)
     * afterwards. NULL: they are not, or copy_to is no dearer. */
    void *(*writable)(u64 va, size_t n, mfn_t *mfn);
    /* The machine frame behind gfn, with a general reference, RAM of d only; INVALID_MFN. */
    mfn_t (*get_gfn)(struct domain *d, gfn_t gfn);
    /* Enters (removes) a frame of d at gfn. PV: the M2P entry alone. -EINVAL -ENOMEM */
    int (*map_gfn)(struct domain *d, gfn_t gfn, mfn_t mfn);
    int (*unmap_gfn)(struct domain *d, gfn_t gfn, mfn_t mfn);
    /* Grants mapped into d by host address (PV: level-1 entry; HW: gfn). flags: GNTMAP_*. See abi/grant.h. GNTST_* */
    int (*grant_map)(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, bool readonly);
    int (*grant_unmap)(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, u64 new_addr);
    /* PHYSDEVOP_set_iopl and set_iobitmap, which are about the guest's view of its CPU. May be NULL: -ENOSYS */
    long (*physdev_op)(struct vcpu *v, int cmd, unsigned long arg);
    /* current's registers as if it were about to make its hypercall with these arguments (abi/hypercall.c). nargs <= 6. */
    void (*hypercall_again)(unsigned int nargs, const unsigned long *args);
    /* trace_on, and one of a list of hypercalls begins: its record. May be NULL: none is wanted of such guests */
    void (*trace_subcall)(unsigned long number, const unsigned long args[6]);
    const struct hypercall *hypercalls;      /* HYPERCALL_COUNT entries: abi/hypercalls.h with what exists here */
    void (*dump)(struct vcpu *v);            /* guest registers and what else explains a crash, to the console */
};

/* Lines of the platform's interrupt controllers that devices outside of Prism drive (dm_op, physdev_op). Numbers are
 * checked: isa_irq < 16, device < 32, intx < 4, link < 4. Interrupts in any state. */
struct platform_inputs {
    void (*isa_irq)(struct domain *d, unsigned int isa_irq, bool level);
    void (*pci_intx)(struct domain *d, unsigned int device, unsigned int intx, bool level);
    void (*pci_link_route)(struct domain *d, unsigned int link, unsigned int isa_irq);
    int (*msi)(struct domain *d, u64 address, u32 data);   /* -EINVAL: no interrupt message */
};

/* Column 2: what machine the guest sees: CPUID, MSRs, memory map, boot protocol, clocks to read. */
struct platform_ops {
    const char *name;
    enum answer answer;
    u32 features;                 /* XENFEAT_* bits (XENVER_get_features, submap 0) that come with this answer */
    int (*domain_init)(struct domain *d);
    void (*domain_free)(struct domain *d);
    /* CPUID as v sees it. */
    void (*cpuid)(struct vcpu *v, u32 leaf, u32 subleaf, u32 regs[4]);
    /* CPUID as the most that a guest by this answer may be given (XEN_SYSCTL_get_cpu_policy). May be NULL: the machine's. */
    void (*cpuid_max)(u32 leaf, u32 subleaf, u32 regs[4]);
    /* What the toolstack has decided d is to see; set_policy takes over both arrays (xzalloc_array), which were checked
     * against cpuid_max; get_policy gives a count of 0 before that. d has not run yet, or is paused. */
    void (*set_policy)(struct domain *d, struct xen_cpuid_leaf *leaves, u32 nr_leaves, struct xen_msr_entry *msrs, u32 nr_msrs);
    void (*get_policy)(struct domain *d, const struct xen_cpuid_leaf **leaves, u32 *nr_leaves,
                       const struct xen_msr_entry **msrs, u32 *nr_msrs);
    /* Writes the stubs by which a guest makes hypercalls into a page of its own. */
    void (*fill_hypercall_page)(void *page);
    /* 0, or -EPERM for #GP. */
    int (*rdmsr)(struct vcpu *v, u32 msr, u64 *value);
    int (*wrmsr)(struct vcpu *v, u32 msr, u64 value);
    /* An access of v == current, in a container, to a device of the platform's own. May be NULL: it has none. */
    enum io_result (*access)(struct vcpu *v, struct io_access *a);
    const struct platform_inputs *inputs;    /* NULL: no line to drive */
    int (*button)(struct domain *d, bool sleep);   /* power or sleep button. -EOPNOTSUPP. May be NULL: none */
};

/* Column 3: how the guest is interrupted and gets its timers. */
struct interrupt_ops {
    const char *name;
    enum answer answer;
    int (*vcpu_init)(struct vcpu *v);
    void (*vcpu_free)(struct vcpu *v);
    /* vcpu_info->evtchn_upcall_pending was just set for v: make it notice. Any CPU, interrupts in any state. */
    void (*upcall)(struct vcpu *v);
    /* Would v, if blocked, have a reason to run? */
    bool (*pending)(const struct vcpu *v);
    void (*nmi)(struct vcpu *v);             /* an NMI is to be delivered to v */
    u32 features;                            /* XENFEAT_* bits that come with this answer */
    bool pv_timers;                          /* a vCPU's timers by hypercall exist */
    /* The remaining three are asked of rows with a container alone.
     * callback: the vector by which v is to be told of its events now, past its local APIC; 0: none.
     * set_callback: HVM_PARAM_CALLBACK_IRQ, checked here. -EINVAL. set_upcall_vector: -EINVAL -ENOENT. */
    u8 (*callback)(const struct vcpu *v);
    int (*set_callback)(struct domain *d, u64 via);
    int (*set_upcall_vector)(struct domain *d, u32 vcpu, u8 vector);
};

/* Column 4: how the guest does I/O. */
struct io_ops {
    const char *name;
    enum answer answer;
    int (*domain_init)(struct domain *d);
    /* The domain is dying: whoever serves its I/O lets go. Again and again is right. May be NULL */
    void (*domain_stop)(struct domain *d);
    void (*domain_free)(struct domain *d);
    int (*vcpu_init)(struct vcpu *v);        /* may be NULL */
    void (*vcpu_free)(struct vcpu *v);       /* right on a half-built vCPU. May be NULL */
    /* An access of v == current, in a container, to what the platform does not have; finish: after IO_RETRY, before v is
     * entered again. May be NULL: there is nothing. */
    enum io_result (*access)(struct vcpu *v, struct io_access *a);
    enum io_result (*finish)(struct vcpu *v, struct io_access *a);
    /* Another domain has mapped a page that d has granted it (beyond the toolstack's own rings). Called often; any
     * context with interrupts on. May be NULL */
    void (*page_shared)(struct domain *d);
};

struct row {
    const char *name;             /* "PV", "PVH", ... */
    const struct privileged_ops *privileged;
    const struct platform_ops *platform;
    const struct interrupt_ops *interrupts;
    const struct io_ops *io;
    const char *refused;          /* why the row cannot be had in this build; NULL: it can */
};

enum row_id { ROW_PV, ROW_PVH, ROW_PVHVM, ROW_PVIO, ROW_HVM, NR_ROWS };
extern const struct row spectrum[NR_ROWS];
/* Why a row cannot be had in this build or on this machine; NULL: it can. */
const char *row_refused(const struct row *row);
/* The row that a createdomain request asks for; NULL with *why set if there is none or its answers do not exist. */
const struct row *row_for(const struct xen_domctl_createdomain *config, const char **why);
struct boot_info;
/* Once, on the boot CPU, before descriptor tables are loaded: the answers install what they need in every CPU. */
void spectrum_init(void);
/* Builds the control domain from the boot modules and lets it run. Panics, saying what is wrong with them. */
void build_control_domain(const struct boot_info *info);
/* NULL if the row is complete, else the name of the first missing function. */
const char *row_check(const struct row *row);

#endif
