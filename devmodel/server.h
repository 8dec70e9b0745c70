/* SPDX-License-Identifier: MIT */
/* I/O request servers from inside; private to devmodel/.
 *
 * Servers are made, changed and taken out under domain.domain_lock; the array, `enabled` and the rings' contents change
 * under devmodel.lock too, which is all that an access takes (ranges have locks of their own). An access uses its server
 * after that without a lock: whoever has taken a server out of the array pauses the domain before it goes on. */
#ifndef PRISM_DEVMODEL_SERVER_H
#define PRISM_DEVMODEL_SERVER_H

#include <xen/hvm/dm_op.h>

#include "devmodel/devmodel.h"
#include "devmodel/ring.h"
#include "devmodel/slot.h"
#include "dom/domain.h"

#define MAX_SERVERS 8
#define MAX_SLOTS (PAGE_SIZE / sizeof(struct slot))
#define RANGE_KINDS 3                 /* XEN_DMOP_IO_RANGE_* */

/* A page of Prism's that server and guest's tables may be shown. domain_lock; memory: constant. */
struct server_page {
    void *memory;
    gfn_t gfn;                        /* its place in the guest's memory, by which old tools map it; INVALID_GFN: none */
    u8 place;                         /* if it has one: its bit in places_used */
    bool is_there;                    /* in the guest's tables now */
    mfn_t displaced;                  /* what was there before, with a reference; INVALID_MFN: nothing */
};

struct server {
    ioservid_t id;                    /* constant */
    domid_t owner;                    /* who made it, and alone may use it. constant */
    bool atomic;                      /* the ring's pointers. constant */
    bool enabled;                     /* both locks */
    bool flush_due;                   /* devmodel.lock: the ring had no room for word of a flush */
    struct server_page slots, ring;   /* ring.memory NULL: none. constant */
    u32 ring_port, *port;             /* port[vcpu]. constant */
    struct rangeset range[RANGE_KINDS];
};

#define BARS 6
#define NO_FUNCTION (~0u)

/* The platform device, as far as a guest's accesses have shown where it is. devmodel.lock */
struct platform_device {
    u32 function;                     /* XEN_DMOP_PCI_SBDF; NO_FUNCTION: not seen yet */
    u32 vendor_seen;                  /* the last function that has its vendor */
    u32 bar[BARS], bar_mask[BARS];    /* address, and what a write of ones reads back as (0: not seen) */
};

/* Memory whose writes are noted for a device model's display. lock: devmodel.vram_busy, taken by xchg. */
struct dirty_vram {
    gfn_t first;
    u32 nr;                           /* 0: none */
    u32 armed;                        /* frames from the first that are write-protected */
    u32 told;                         /* frames that the answer under way has dealt with */
    bool fresh;                       /* nothing has been told yet: all count as written */
};

struct devmodel {
    struct spinlock lock;             /* RANK_DEVMODEL */
    struct server *server[MAX_SERVERS];
    u64 places_used;                  /* of the guest frames set aside for servers' pages. domain_lock */
    volatile u32 cf8;                 /* PCI address latch: the guest's own to serialize */
    volatile bool platform_hidden;    /* set once */
    volatile u16 unplugged;           /* atomic */
    struct platform_device platform;
    volatile bool vram_busy;
    struct dirty_vram vram;
};

/* A vCPU's request under way. Its own CPU; anyone while it is paused. */
struct devmodel_vcpu {
    struct server *server;            /* who has it; NULL: gone */
    bool busy;
    u8 seen;                          /* slot_look() */
    u8 type;                          /* IOREQ_TYPE_* and address that it was sent with */
    u64 address;
};

/* Where an access goes: a range of one kind, and how it is written into a request. */
struct place { unsigned int kind; u64 first, last, address; u8 type; };

/* ---- select.c: pure but for the ranges' locks. */
/* False: an access that no server can have. */
bool place_of(const struct io_access *a, u32 cf8, struct place *p);
/* The server that claims p: the last one, by number, if several do. devmodel.lock held. NULL: none. */
struct server *server_for(struct devmodel *dm, const struct place *p);
static inline bool is_pci_latch(const struct io_access *a)
{ return a->port && a->address == 0xcf8 && a->size == 4 && a->count == 1; }

/* ---- server.c. domain_lock held, interrupts on. */
struct server *server_find(struct domain *d, u32 id, int *rc);   /* current's own. NULL: *rc is -ENOENT or -EPERM */
/* The following return what the dm_op of that name does. No lock held. */
int server_create(struct domain *d, u8 buffered, ioservid_t *id);
int server_destroy(struct domain *d, u32 id);
int server_info(struct domain *d, struct xen_dm_op_get_ioreq_server_info *info);
int server_set_state(struct domain *d, u32 id, bool enabled);
int server_map(struct domain *d, const struct xen_dm_op_ioreq_server_range *r, bool map);
void servers_remove_all(struct domain *d);

/* ---- server_page.c. domain_lock held, interrupts on. */
int server_page_init(struct domain *d, struct server_page *p);    /* -ENOMEM */
void server_page_free(struct domain *d, struct server_page *p);   /* right where init failed or never ran */
/* Guest frames for tools that cannot map a server's pages otherwise: base and count as the domain's parameters have
 * them, asked for without a lock. */
struct server_places { gfn_t base, single[2]; u32 count; };
void server_places(struct domain *d, struct server_places *places);
int server_page_place(struct domain *d, struct server_page *p, const struct server_places *places);   /* -ENOMEM -EINVAL */
int server_page_show(struct domain *d, struct server_page *p);    /* nothing to do for one that has no place, or is none */
void server_page_hide(struct domain *d, struct server_page *p);

/* ---- platform_device.c. No lock held. */
/* Is an access to p one that a guest is to find nobody at? */
bool platform_hides(struct devmodel *dm, const struct place *p);
bool is_unplug(const struct io_access *a);   /* by which a guest says what it has no more need of */
/* What an access to configuration space tells: a value written, or read. */
void platform_learn(struct devmodel *dm, u64 address, u8 size, u32 value, bool write);

/* ---- dm_op.c and its parts: a dm_op under way. A handler returns the hypercall's result; -ERESTART: to be issued again
 * with op as it is then. */
struct dm_call {
    struct domain *d;
    u32 nr_buffers;
    struct xen_dm_op_buf buffer[2];   /* size 0 beyond nr_buffers */
    struct xen_dm_op op;
};
long dm_modified_memory(struct dm_call *c);
long dm_set_mem_type(struct dm_call *c);
long dm_relocate_memory(struct dm_call *c);
long dm_pin_memory_cacheattr(struct dm_call *c);
long dm_track_dirty_vram(struct dm_call *c);
long dm_inject_event(struct dm_call *c);

#endif
