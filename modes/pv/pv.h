/* SPDX-License-Identifier: MIT */
/* A PV domain and its vCPUs: the state behind the PV answers to the privileged and platform columns. */
#ifndef PRISM_MODES_PV_PV_H
#define PRISM_MODES_PV_PV_H

#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "mem/frame.h"

#define PV_BOUNCE_TRAP 1          /* trap_vector waits to be delivered */
#define PV_BOUNCE_FAILSAFE 2      /* the guest's return frame or segments could not be loaded */

#define PV_VM_ASSISTS (1UL << VMASST_TYPE_4gb_segments | 1UL << VMASST_TYPE_4gb_segments_notify | \
                       1UL << VMASST_TYPE_writable_pagetables | 1UL << VMASST_TYPE_pae_extended_cr3 | \
                       1UL << VMASST_TYPE_architectural_iopl | 1UL << VMASST_TYPE_runstate_update_flag | \
                       1UL << VMASST_TYPE_m2p_strict)

struct pv_trap { u64 address; u16 selector; u8 flags; u8 reserved[5]; };   /* flags: TI_* of struct trap_info */

struct pv_vcpu {
    struct vcpu vcpu;             /* first: a struct vcpu * of a PV domain is a struct pv_vcpu * */

    /* --- the fast path (modes/pv/entry.S): current only, one cache line */
    u64 kernel_sp;                /* stack_switch: where a trap from user mode goes; never inside Prism's addresses */
    u64 syscall_entry;            /* CALLBACKTYPE_syscall, canonical; 0: none, SYSCALL from user mode is #UD */
    u64 user_cr3, kernel_cr3;     /* machine addresses; user_cr3 0: none set */
    const struct hypercall *hypercalls;   /* the row's table */
    u8 kernel_mode;               /* 1: registers are the guest kernel's */
    u8 syscall_masks_events;
    u8 nmi_masked;                /* inside the guest's NMI handler, until iret */
    u8 bounce_pending;            /* PV_BOUNCE_*: something for pv_prepare_entry() to deliver */

    u8 syscall32_masks_events, sysenter_masks_events, event_masks, failsafe_masks;
    u64 kernel_ss, event_entry, failsafe_entry, syscall32_entry, sysenter_entry;

    /* --- the rest */
    struct pv_trap traps[256];
    mfn_t kernel_l4, user_l4;     /* with a general and a type reference each; 0: none */
    mfn_t gdt_frames[FIRST_RESERVED_GDT_PAGE]; u32 gdt_entries;
    u64 ldt_base; u32 ldt_entries, ldt_mapped;   /* ldt_mapped: bit per page of the LDT area */
    mfn_t deferred_table; struct domain *deferred_owner;   /* mm_defer.c: a table to be torn down; owner NULL: none */
    u64 fs_base, gs_base_user, gs_base_kernel; u16 fs_sel, gs_sel, ds_sel, es_sel;
    u64 ctrlreg[8];               /* the guest's view: CR0.TS in [0]; CR2, CR4 */
    u64 debugreg[8];
    u64 iopl;                     /* PHYSDEVOP_set_iopl: 0-3 << 12 */
    u64 iobmp, iobmp_limit;       /* PHYSDEVOP_set_iobitmap: guest virtual address, ports */
    u8 trap_vector; bool trap_has_error; u32 trap_error;   /* with PV_BOUNCE_TRAP */
    u64 tsc_aux;                  /* MSR_TSC_AUX as the guest wrote it */
    bool fpu_ts;                  /* fpu_taskswitch(1): the guest wants #NM */
};

struct pv_domain {
    struct domain domain;         /* first */
    struct spinlock mm_lock;      /* RANK_PV_MM: contents of all its page tables, pins, GDT and LDT mappings */
    u64 *perdomain_l3, *perdomain_l2; u64 **perdomain_l1;   /* slot 260: GDT and LDT areas */
    u32 perdomain_l1_count;
    bool relinquishing;           /* no new pins and base pointers */
    mfn_t relinquish_frame;       /* pv_mm_relinquish: the frame it stopped at, with a reference; 0: none */
    bool relinquish_again;        /* it has found something since it last began at the list's head */
    struct xen_cpuid_leaf *cpuid_policy; u32 nr_cpuid_leaves;
    struct xen_msr_entry *msr_policy; u32 nr_msr_entries;
    u32 pci_cf8;                  /* what the control domain last wrote to port 0xcf8: pv's PCI lock */
};

static inline struct pv_vcpu *to_pv(struct vcpu *v) { return container_of(v, struct pv_vcpu, vcpu); }
static inline const struct pv_vcpu *to_pv_const(const struct vcpu *v) { return container_of(v, struct pv_vcpu, vcpu); }
static inline struct pv_domain *to_pv_domain(struct domain *d) { return container_of(d, struct pv_domain, domain); }

/* ---- mm (modes/pv/mm_*.c) */
int pv_mm_domain_init(struct pv_domain *d);              /* slot 260 tables. -ENOMEM */
void pv_mm_domain_free(struct pv_domain *d);
int pv_mm_vcpu_init(struct pv_vcpu *v);                  /* its level-1 table of slot 260. -ENOMEM */
int pv_mm_relinquish(struct pv_domain *d);               /* vCPU tables, then every page table: -ERESTART to be called again */
/* A typed reference to frame mfn of d as a page table of level 1-4 or as FT_SEGDESC: validates what is below it. mm_lock
 * held. preemptible: may return -ERESTART with the work kept in the frame (FRAME_PARTIAL). -EINVAL: contents not allowed. */
int pv_get_table(struct domain *d, mfn_t mfn, enum frame_type type, bool preemptible);
/* Drops it. -ERESTART: dropped, but the teardown of what is below is not done; the frame remembers (mm_defer.c). */
int pv_put_table(struct domain *d, mfn_t mfn, bool preemptible);
/* As MMUEXT_PIN_L1_TABLE and so on: a reference that lasts until the guest's unpin. -EINVAL -ERESTART. mm_lock not held. */
int pv_pin_table(struct domain *d, mfn_t mfn, enum frame_type type, bool preemptible);
/* The kernel (user) level-4 of v; takes and drops the references. -EINVAL -ERESTART. mm_lock not held. */
int pv_new_kernel_l4(struct pv_vcpu *v, mfn_t mfn);
int pv_new_user_l4(struct pv_vcpu *v, mfn_t mfn);
void pv_drop_l4s(struct pv_vcpu *v);
void pv_fill_hypervisor_slots(u64 *l4, struct pv_domain *d);   /* 256-271 */
/* A write fault of the guest kernel at va on a read-only page-table page: emulates it. True if done (RIP advanced). */
bool pv_emulate_pt_write(struct pv_vcpu *v, struct cpu_user_regs *regs, u64 va);
/* A fault at va inside the LDT area: maps the frame on demand. True if the access can be tried again. */
bool pv_ldt_fault(struct pv_vcpu *v, u64 va);
/* As if the processor had looked the selector up. True if its page of the LDT has just been mapped. Interrupts on. */
bool pv_ldt_touch(struct pv_vcpu *v, u16 selector);
int pv_set_gdt(struct pv_vcpu *v, const mfn_t *frames, unsigned int entries);   /* -EINVAL; frames checked and typed */
void pv_destroy_gdt(struct pv_vcpu *v);
void pv_invalidate_ldt(struct pv_vcpu *v);               /* drops its mappings and references */
void pv_load_ldt(struct pv_vcpu *v);
static inline unsigned long pv_gdt_address(const struct pv_vcpu *v)
{ return PERDOMAIN_START + (unsigned long)v->vcpu.id * PERDOMAIN_VCPU_PAGES * PAGE_SIZE; }
static inline unsigned long pv_ldt_address(const struct pv_vcpu *v) { return pv_gdt_address(v) + 16 * PAGE_SIZE; }
void pv_map_cpu_gdt(struct pv_vcpu *v, unsigned int cpu);   /* page 14 of v's GDT area: this CPU's own entries */
mfn_t pv_get_gfn(struct domain *d, gfn_t gfn);
int pv_map_gfn(struct domain *d, gfn_t gfn, mfn_t mfn);
int pv_unmap_gfn(struct domain *d, gfn_t gfn, mfn_t mfn);
/* The entry takes references to mfn of its own, one general and, unless readonly, one writable, and drops them however it
 * goes: by unmap, by the guest's own hand, or with its table. So nothing is left to unmap in a domain that has died.
 * By virtual address (no GNTMAP_contains_pte): d is current's. mm_lock is taken inside: no grant lock held. GNTST_* */
int pv_grant_map(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, bool readonly);
int pv_grant_unmap(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, u64 new_addr);

/* ---- traps (modes/pv/trap*.c, bounce.c, entry.S, guest_copy.c) */
/* Bytes not copied. By the kernel's page tables, whichever mode the guest is in; _here: by those that are loaded. */
size_t pv_copy_from(void *dst, u64 va, size_t n);
size_t pv_copy_from_here(void *dst, u64 va, size_t n);
size_t pv_copy_to_here(u64 va, const void *src, size_t n);
size_t pv_copy_to(u64 va, const void *src, size_t n);
size_t pv_clear(u64 va, size_t n);
void pv_trap(struct vcpu *v, struct cpu_user_regs *regs);
/* Leaves an exception for the guest to take at its next entry; error_code counts for the vectors that have one, cr2 for
 * #PF. v == current. */
void pv_inject(struct vcpu *v, u8 vector, u32 error_code, u64 cr2);
/* Its own software interrupt or trap gate: as pv_inject, without an error code whatever the vector. */
void pv_inject_sw(struct pv_vcpu *v, u8 vector);
void pv_resume(struct vcpu *v) noreturn;
void pv_syscall_init(unsigned int cpu);                  /* installed as syscall_init_hook; heap and vmap must work */
void pv_toggle_mode(struct pv_vcpu *v);                  /* GS bases, CR3. v == current, interrupts off */
void pv_switch_from(struct vcpu *v);
void pv_switch_to(struct vcpu *v);
/* The guest's entry frame on its kernel stack and the jump to address. extra: the words below RIP (error code, or the
 * segments of a failsafe frame), lowest address first. False after crashing the domain: its stack cannot be written. */
bool pv_bounce(struct pv_vcpu *v, u64 address, bool mask_events, const u64 *extra, unsigned int nr_extra);
void pv_fixup_selector(u16 *sel);                        /* forces RPL 3 on what is not null */
/* May a PV guest have this descriptor? Fixes DPL up to 3 where the ABI demands it. Pure. */
bool pv_check_descriptor(u64 *descriptor);
/* -EPERM: an address in Prism's range or a forbidden bit; -EINVAL: no such register, or CR4.DE makes it none. */
int pv_set_debugreg(struct pv_vcpu *v, unsigned int reg, u64 value);
u64 pv_get_debugreg(struct pv_vcpu *v, unsigned int reg);   /* reg 0-3, 6, 7 */
void pv_load_debugregs(const struct pv_vcpu *v);
void pv_unload_debugregs(void);
bool pv_debugregs_active(const struct pv_vcpu *v);
void pv_set_cr4(struct pv_vcpu *v, u64 value);           /* what of it is the guest's to choose. v == current */
void pv_load_cr4(const struct pv_vcpu *v);               /* the CPU's, as v needs it */
void pv_set_ts(struct pv_vcpu *v, bool on);              /* the guest's CR0.TS. v == current */
bool pv_kernel_stack_ok(u64 sp);                         /* canonical; no frame below it reaches Prism's addresses */
/* May the guest's code that runs now (kernel or user) use these ports, by its virtual IOPL and bitmap? */
/* PHYSDEVOP_set_iopl, set_iobitmap (physdev_pv.c). -EINVAL -EFAULT -ENOSYS */
long pv_physdev_op(struct vcpu *v, int cmd, unsigned long arg);
bool pv_port_allowed(struct pv_vcpu *v, u16 port, unsigned int bytes);
u32 pv_port_read(struct pv_vcpu *v, u16 port, unsigned int bytes);
void pv_port_write(struct pv_vcpu *v, u16 port, unsigned int bytes, u32 value);
/* The instruction at RIP, and whether it is 64-bit code. False: it is none, and #GP or #UD is the guest's own; *faulted if its
 * page went away, and #PF is pending. v == current. */
struct insn;
bool pv_fetch(struct pv_vcpu *v, struct cpu_user_regs *regs, struct insn *insn, bool *long_mode, bool *faulted);
/* A privileged or I/O instruction that raised #GP (forced-emulation prefix: #UD). True: carried out, or another
 * exception has been left for the guest. False: the exception is the guest's own. v == current. */
bool pv_emulate_privileged(struct pv_vcpu *v, struct cpu_user_regs *regs);
bool pv_emulate_forced(struct pv_vcpu *v, struct cpu_user_regs *regs);
/* Moves RIP past an instruction that was carried out; single-stepping guests get their #DB. */
void pv_advance_rip(struct pv_vcpu *v, struct cpu_user_regs *regs, unsigned int length);
/* A code or data segment of current as the CPU would load it: its base, and its descriptor. False: none such. */
bool pv_read_segment(struct pv_vcpu *v, u16 selector, u64 *descriptor);
u64 pv_segment_base(struct pv_vcpu *v, const struct cpu_user_regs *regs, unsigned int segment, bool long_mode);
/* Is code at regs 64-bit code? If not, *is16 says of which size. */
bool pv_in_long_mode(struct pv_vcpu *v, const struct cpu_user_regs *regs, bool *is16);
int pv_load_user_gs(u16 selector);                       /* into the user's GS; null if it cannot be loaded */
bool pv_kernel_mode(const struct vcpu *v);
void pv_dump(struct vcpu *v);

int pv_vcpu_init(struct vcpu *v);                        /* -ENOMEM */
void pv_vcpu_free(struct vcpu *v);                       /* right on a half-built vCPU */
int pv_set_context(struct vcpu *v, const struct vcpu_guest_context *context);   /* -EINVAL, -ERESTART: call again */
void pv_get_context(struct vcpu *v, struct vcpu_guest_context *context);
void pv_reset(struct vcpu *v);
void pv_fill_hypercall_page(void *page);                 /* 4096 bytes of 32-byte stubs, for the guest kernel to call */

/* Is [va, va+n) free of Prism's own addresses? n may be 0. What is not canonical faults by itself. */
static inline bool pv_range_ok(u64 va, u64 n)
{ return va + n >= va && (va + n <= HYPERVISOR_START || va >= HYPERVISOR_END); }
/* The value of a register that is a code address: canonical. */
static inline bool pv_entry_ok(u64 address) { return is_canonical(address); }

/* ---- platform (modes/pv/cpuid.c, msr.c) and setup (setup.c, dom0_*.c) */
void pv_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 regs[4]);
void pv_cpuid_max(u32 leaf, u32 subleaf, u32 regs[4]);   /* what no domain's policy can go beyond */
int pv_rdmsr(struct vcpu *v, u32 msr, u64 *value);
int pv_wrmsr(struct vcpu *v, u32 msr, u64 value);
void pv_set_policy(struct domain *d, struct xen_cpuid_leaf *leaves, u32 nr_leaves, struct xen_msr_entry *msrs, u32 nr_msrs);
void pv_get_policy(struct domain *d, const struct xen_cpuid_leaf **leaves, u32 *nr_leaves, const struct xen_msr_entry **msrs,
                   u32 *nr_msrs);
struct boot_info;
/* Builds and starts the control domain from modules 0 (kernel) and 1 (ramdisk, optional). Panics with one line that says
 * what is wrong with them. */
void pv_build_dom0(const struct boot_info *info);

extern const struct privileged_ops privileged_pv;
extern const struct platform_ops platform_pv;
extern const struct interrupt_ops interrupts_pv;
extern const struct io_ops io_pv;

#endif
