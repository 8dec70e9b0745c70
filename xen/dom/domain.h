/* SPDX-License-Identifier: MIT */
/* Domains and their vCPUs. A domain knows its row and nothing else about modes. */
#ifndef PRISM_DOM_DOMAIN_H
#define PRISM_DOM_DOMAIN_H

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/vcpu.h>

#include "cpu/percpu.h"
#include "cpu/time.h"
#include "dom/ledger.h"
#include "dom/mode_log.h"
#include "dom/vcpu_watch.h"
#include "lib/bitops.h"
#include "lib/lib.h"
#include "lib/list.h"
#include "lib/rangeset.h"
#include "lib/spinlock.h"
#include "modes/spectrum.h"

struct domain;
struct evtchn_fifo_vcpu;
struct sched_unit;
struct multicall_state;
struct grant_table;
struct evtchn;
struct evtchn_fifo_domain;
struct fpu_state;
struct pirq;
struct container;
struct accounts;
struct p2m;
struct devmodel;
struct devmodel_vcpu;

/* vcpu->pause_flags: any bit set and v does not run. Atomic bit operations. */
enum { VPF_DOWN, VPF_BLOCKED, VPF_POLLING, VPF_DYING, VPF_MIGRATING, VPF_IO };   /* VPF_IO: waits for a device model */

struct vcpu {
    struct domain *domain;            /* constant */
    u32 id;                           /* constant */
    volatile u32 processor;           /* CPU it runs on or last ran on: RANK_SCHED of that CPU */

    /* --- its own CPU only while it runs; anyone after vcpu_pause() */
    struct cpu_user_regs regs;        /* while it is not on a CPU; else in that CPU's cpu_info */
    struct fpu_state *fpu;
    struct devmodel_vcpu *devmodel;   /* NULL: the domain has none. constant */
    struct container *container;      /* hw/container.h; NULL: it runs in none. constant once set by vcpu_init */
    bool fpu_dirty;                   /* its FPU state is in the registers of v->processor */
    u64 xcr0;
    struct ledger ledger;
    u64 ran;                          /* TSC ticks it had a CPU; while it has one, less the TSC when it got it: < 0 as s64 */

    /* --- atomic */
    volatile unsigned long pause_flags;
    volatile u32 pause_count;         /* vcpu_pause() nesting */
    volatile bool is_running;         /* on a CPU, registers there; cleared after its state has left */
    volatile bool nmi_pending, mce_pending;
    bool is_initialised;              /* set_context has succeeded */

    /* --- domain->domain_lock */
    vcpu_info_t *vcpu_info;           /* in shared_info, or where VCPUOP_register_vcpu_info put it; never NULL */
    mfn_t vcpu_info_mfn;              /* INVALID_MFN while it is in shared_info */
    u64 runstate_guest;               /* guest virtual address of a registered struct vcpu_runstate_info, or 0 */
    u64 time_guest;                   /* guest virtual address of a registered struct vcpu_time_info, or 0 */
    bool single_shot_armed, is_urgent;
    int pause_requests;               /* VCPUOP / domctl debugging */

    /* --- scheduler (RANK_SCHED of processor) */
    struct sched_unit *sched;         /* the scheduler's own */
    cpumask_t hard_affinity, soft_affinity;
    cpumask_t saved_affinity; bool affinity_overridden;   /* SCHEDOP_pin_override */
    struct vcpu_runstate_info runstate;
    stime_t last_run;

    /* --- timers (VIRQ_TIMER) */
    struct timer singleshot_timer, periodic_timer, poll_timer;
    stime_t periodic_period, periodic_last;
    u64 virq_port[NR_VIRQS];          /* 0: not bound. domain->event_lock */
    int poll_evtchn;                  /* SCHEDOP_poll: 0 none, -1 many, else the one port */
    u32 evtchn_pending_sel_shadow;
    struct evtchn_fifo_vcpu *fifo;

    /* --- hypercall under way: continuation */
    volatile bool preempted;
    struct multicall_state *multicall;   /* abi/multicall.c: on the stack while one runs, else NULL. Its own CPU only */
    struct vcpu_time_info time_shadow; /* last values, version not used */
    const struct vcpu_time_info *time_written; u64 time_guest_written;   /* where they were last written to */
    u32 trap_nesting;
    struct list domain_link;
    volatile cpumask_t dirty_cpus;    /* CPUs whose TLB may hold its translations (0 or 1 bit) */
    u64 ledger_settled[NR_LEDGER_EVENTS];   /* of the ledger's counts: dom/ledger_cpu.c. RANK_SCHED of processor */
    struct vcpu_watch watch;          /* RANK_SCHED of processor */
};

enum domain_dying { DOMDYING_ALIVE, DOMDYING_DYING, DOMDYING_DEAD };

struct domain {
    domid_t id;                       /* constant */
    const struct row *row;            /* constant once it has run: until then as the control domain sets it. domain_lock */
    bool is_privileged;               /* the control domain. constant */
    bool is_idle;
    xen_domain_handle_t handle;       /* domain_lock */
    u32 max_vcpus;                    /* constant once vcpu[] exists */
    struct vcpu **vcpu;               /* vcpu[i] NULL until made; domain_lock for writing, published whole */
    struct list list;                 /* domain_list: RANK_DOMLIST */
    volatile u32 refs;                /* domain_get/put; the last put frees it. 0: being built, or freed */
    u32 create_flags;                 /* xen_domctl_createdomain.flags */
    u32 emulation_flags;              /* xen_arch_domainconfig.emulation_flags */
    u32 ssidref;
    stime_t created;

    struct spinlock domain_lock;      /* RANK_DOMAIN */
    enum domain_dying dying;          /* domain_lock; read without for an early refusal */
    bool is_shutting_down, is_shut_down; u32 shutdown_code;
    bool controller_paused; u32 controller_pause_count;
    volatile u32 pause_count;
    bool is_unpaused_once, time_paused;
    u32 tsc_mode;
    s64 time_offset_seconds;          /* DOMCTL_settimeoffset */
    u64 vm_assist;                    /* VMASST_TYPE_* bits */
    volatile bool narrow;             /* it lays out what it shares with Prism as 32-bit code does (dom/shared_layout.h) */
    u32 suspend_evtchn;
    struct timer watchdog[2]; u8 watchdogs_used;   /* SCHEDOP_watchdog; domain_lock */
    struct domain *next_dead;         /* the reaper's list */
    u32 debugger_attached;

    struct spinlock page_lock;        /* RANK_PAGE_LIST */
    u32 frames, frames_tail;          /* list of its frames by mfn: head and tail; FRAME_NIL */
    u64 tot_pages, max_pages, outstanding_pages, shared_pages;
    bool owns_frames;                 /* registered as an owner and referred to (mem/domain_frames.c, its lock) */
    mfn_t audited;                    /* frames_audit_some: where it goes on; who destroys d */
    struct xen_e820entry *memory_map; u32 nr_memory_map;   /* XENMEM_set_memory_map. domain_lock; abi/memory_map.c */

    struct spinlock event_lock;       /* RANK_EVTCHN: everything about its event channels */
    struct evtchn **evtchn_bucket;
    u32 valid_evtchns, max_evtchn_port, active_evtchns;
    u32 consumer_evtchns;             /* of the active ones, those at which Prism listens (abi/event.h) */
    u32 free_evtchn_hint;             /* no port below it is free */
    u32 evtchn_cursor;                /* a reset or teardown under way: the next port to close */
    const struct evtchn_port_ops *evtchn_ops;
    struct evtchn_fifo_domain *evtchn_fifo;
    u64 poll_mask[8];                 /* vCPUs in SCHEDOP_poll */
    struct pirq **pirqs; u32 nr_pirqs;   /* guest interrupts: abi/pirq.c, RANK_PIRQ inside */
    struct spinlock pirq_lock;
    u64 *pirq_eoi_map; mfn_t pirq_eoi_map_mfn; bool auto_unmask;

    struct grant_table *grant_table;  /* RANK_GRANT inside; abi/grant.h */
    struct rangeset io_ports, io_frames, irqs;
    struct rangeset io_frames_read_only;   /* of io_frames, those it may not write: mapped read-only whatever it asks for */
    shared_info_t *shared_info;       /* a page of Prism's, shared with the domain */
    mfn_t shared_info_mfn;
    u64 irq_cap_cursor;
    cpumask_t node_affinity;
    volatile cpumask_t dirty_cpus;    /* CPUs whose TLB may hold its translations. atomic */
    struct devmodel *devmodel;        /* devmodel/devmodel.h; NULL: it has no emulated devices. constant */
    struct p2m *p2m;                  /* mem/p2m.h; NULL: gfns are mfns. constant once set by domain_init */
    struct sched_dom *sched;          /* the scheduler's own, per domain: weight, cap. RANK_SCHED rules of it */
    char name_for_log[16];            /* "d3" */
    struct mode_log mode_log;         /* RANK_MODE_LOG */
    struct accounts *accounts;        /* dom/account.h; NULL until its first mark, then constant */
    char console_line[120]; u8 console_used;       /* abi/console_io.c: a line begun. domain_lock */
    stime_t console_second; u32 console_lines, console_lost;   /* of its rate: used at that time; lines left out. domain_lock */
};

extern struct list domain_list;       /* by rising id; domlist_lock */
extern struct spinlock domlist_lock;
extern struct domain *hardware_domain;   /* domain 0, or NULL before it is made */
extern struct domain idle_domain;        /* DOMID_IDLE: one vCPU a CPU; has no row and is in no list */
void idle_domain_init(void);             /* once, by the boot CPU's sched_init_cpu */
#define SHUTDOWN_CODE_NONE (~0u)         /* shutdown_code of a domain that gave none yet */
#define MAX_VCPUS 512                    /* of a domain: bits in poll_mask */

#define for_each_vcpu(d, v) \
    for (unsigned int _i = 0; _i < (d)->max_vcpus; _i++) if (((v) = (d)->vcpu[_i]) != NULL)

/* Makes a domain of a row. On success it is in domain_list, paused by its controller (controller_pause_count 1), with no
 * vCPUs, no memory, max_pages 0. id: a wanted id, or DOMID_INVALID for the next free one. -EINVAL -EEXIST -ENOMEM
 * -EOPNOTSUPP (row refused; says why on the console). Interrupts on. */
int domain_create(domid_t id, const struct row *row, const struct xen_domctl_createdomain *config, bool privileged,
                  struct domain **out);
/* A reference by id (DOMID_SELF: current's). NULL if there is none. Any context with interrupts on. */
struct domain *domain_get(domid_t id);
bool domain_ref(struct domain *d);    /* another reference; false if it is being freed */
void domain_put(struct domain *d);
/* Starts or goes on with destruction: 0 when its memory and ports are gone, -ERESTART to be called again. */
int domain_kill(struct domain *d);
void domain_shutdown(struct domain *d, u32 reason);   /* SHUTDOWN_*; the hardware domain's own acts on the machine */
void domain_resume(struct domain *d);
/* A guest did what cannot be answered: one line why, state dumped, domain shut down with SHUTDOWN_crash. Returns; the vCPU
 * will not run again. d may be current's. Any context with interrupts on or off. */
void domain_crash(struct domain *d, const char *fmt, ...) printf_like(2, 3);
void domain_pause(struct domain *d);          /* and waits until no vCPU of it runs; not on current's domain */
void domain_pause_nosync(struct domain *d);
void domain_unpause(struct domain *d);
int domain_pause_by_controller(struct domain *d);     /* counted; -EINVAL past a limit */
int domain_unpause_by_controller(struct domain *d);   /* -EINVAL if it is not paused so */

/* vCPU `id` of d on CPU `cpu`, down and not initialised. -EINVAL -EEXIST -ENOMEM. domain_lock not held. */
int vcpu_create(struct domain *d, unsigned int id, unsigned int cpu, struct vcpu **out);
void vcpu_pause(struct vcpu *v);              /* and waits; not on current */
void vcpu_pause_nosync(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);
/* Registers a vcpu_info at offset in frame gfn (VCPUOP_register_vcpu_info). -EINVAL. v is current or down. */
int vcpu_map_info(struct vcpu *v, gfn_t gfn, u32 offset);
void vcpu_unmap_info(struct vcpu *v);         /* back to the one in shared_info, or a dummy */
void vcpu_info_init(struct vcpu *v);          /* the first one: in shared_info, or the dummy */
bool vcpu_info_is_dummy(const struct vcpu *v);   /* v is beyond XEN_LEGACY_MAX_VCPUS and has registered none */
void vcpu_free(struct vcpu *v);               /* right on a half-built vCPU; not running, nobody refers to it */
static inline bool vcpu_runnable(const struct vcpu *v)
{ return !(v->pause_flags | v->pause_count | v->domain->pause_count); }

/* Timers of a guest (vcpu_timer.c): VIRQ_TIMER */
long vcpu_set_singleshot(struct vcpu *v, stime_t when, bool future_only);   /* -ETIME; past: fires at once */
void vcpu_stop_singleshot(struct vcpu *v);
long vcpu_set_periodic(struct vcpu *v, u64 period_ns);                      /* 0: stops. -EINVAL */
void vcpu_timers_migrate(struct vcpu *v, unsigned int cpu);
void vcpu_timers_init(struct vcpu *v);
void vcpu_timers_kill(struct vcpu *v);
/* The periodic timer runs only while v is on a CPU: stopped and started by the scheduler, a missed tick delivered then. */
void vcpu_periodic_stop(struct vcpu *v);
void vcpu_periodic_start(struct vcpu *v, stime_t now);

#endif
