/* SPDX-License-Identifier: MIT */
/* Populate on demand: a domain in a container starts with more memory than it has frames for, in the hope that its balloon
 * driver gives the rest back before it is used (public header xen/memory.h, XENMEM_set_pod_target).
 *
 * A gfn of type P2M_POD gets a frame when it is first accessed, by whomever. Frames come from the domain's cache
 * (struct pod, mem/p2m.h), which the toolstack fills and which counts as the domain's memory. When it is empty, memory
 * of the guest's that is zero makes room; if there is none, the domain is crashed.
 *
 * pod.lock (RANK_POD, before RANK_P2M) is held over every change of a P2M_POD entry into RAM and back, so whoever has it
 * and sees P2M_POD may rely on that. What replaces an entry by something else does not take it. */
#ifndef PRISM_MEM_POD_H
#define PRISM_MEM_POD_H

#include "mem/p2m.h"

/* ---- For the hypercalls. d: any domain; one without nested tables has nothing on demand. Interrupts on, no lock from
 * RANK_POD on held. */

/* Makes 2^order gfns of d, which have no memory, populate on demand. -EEXIST: some have. Else as p2m_set. */
int pod_mark(struct domain *d, gfn_t gfn, unsigned int order);
/* If 2^order gfns from gfn on are all populate on demand, they have no memory from now on, and frames that are kept in
 * vain go to the heap. -EEXIST: they are not. Else as p2m_set. */
int pod_drop(struct domain *d, gfn_t gfn, unsigned int order);
/* A frame that the guest gave back, and that is not in its tables any more: keeps it, if frames are wanting and the
 * caller's is the only other reference. True: that reference and the frame are not the caller's any more. */
bool pod_keep(struct domain *d, mfn_t mfn);
/* d is to have `frames` in all, used or kept (XENMEM_set_pod_target). What its balloon driver will give back is not taken;
 * what it will ask for itself is not kept. 0; -ERESTART: call again; -ENOMEM: the heap or d's limit is exhausted, and it
 * has what it could get. */
int pod_set_target(struct domain *d, u64 frames);
/* Frames kept for d, and gfns they are for. */
void pod_counts(struct domain *d, u64 *cache, u64 *entries);

/* ---- For whoever accesses a domain's memory */

/* gfn of d is accessed: if it is populate on demand, it gets a zeroed frame. 0: done, or something else is there by now.
 * -ERESTART: not yet, a part of the search is done. Else it gets none: d is dying (-EINVAL), or was crashed (-ENODATA
 * -ENOMEM). Interrupts on, no lock from RANK_POD on held; may flush other CPUs. */
int pod_populate(struct domain *d, gfn_t gfn);
/* As p2m_get_frame, and populates gfn first if it has to. As pod_populate otherwise. A search that takes too long is given up:
 * INVALID_MFN, and goes on with the next one; current's own domain is crashed. */
mfn_t pod_get_frame(struct p2m *p2m, gfn_t gfn, enum p2m_type *type);

/* ---- For p2m's life */
void pod_init(struct p2m *p2m);
/* p2m's domain is dying: gives what is kept back to the heap. 0, or -ERESTART to be called again. Right on a p2m that
 * p2m_init did not make. */
int pod_teardown(struct p2m *p2m);

/* ---- The frames that are kept (pod_cache.c); for mem/pod.c. pod->lock held. */

/* 2^order (P2M_ORDER_4K, _2M) frames in a row, contents zero, that no TLB has; INVALID_MFN. Interrupts on. */
mfn_t pod_cache_take(struct pod *pod, unsigned int order);
/* 2^order frames come in. zero: their contents are, and no guest ever had them. */
void pod_cache_put(struct pod *pod, mfn_t mfn, unsigned int order, bool zero);
/* At most `most` frames, for the heap: the first, and *order; INVALID_MFN: there are none. */
mfn_t pod_cache_give(struct pod *pod, u64 most, unsigned int *order);

#endif
