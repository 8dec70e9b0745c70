/* SPDX-License-Identifier: MIT */
/* The frames that are kept for populate on demand. None is on its domain's list: nobody gets a reference to it by the
 * domain's name. What a guest has had is zeroed when it is handed out again, after the last translation to it is gone. */
#include "cpu/cpu.h"
#include "mem/frame.h"
#include "mem/pod.h"

static void push(u32 *list, mfn_t mfn)
{
    mfn_to_frame(mfn)->next = *list;
    *list = (u32)mfn;
}

static mfn_t pop(u32 *list)
{
    mfn_t mfn = *list;

    if (mfn == FRAME_NIL)
        return INVALID_MFN;
    *list = mfn_to_frame(mfn)->next;
    mfn_to_frame(mfn)->next = FRAME_NIL;
    return mfn;
}

/* A block becomes single frames, the lowest first in the list. */
static bool split(struct pod *pod)
{
    mfn_t mfn = pop(&pod->large);

    if (mfn == INVALID_MFN)
        return false;
    for (unsigned long i = 1UL << P2M_ORDER_2M; i-- > 0; )
        push(&pod->clean, mfn + i);
    return true;
}

/* A frame that a guest has had; others may have had it mapped, and their TLBs are asked at last. */
static mfn_t take_used(struct pod *pod)
{
    mfn_t mfn = pop(&pod->used);
    cpumask_t stale;

    if (mfn == INVALID_MFN)
        return mfn;
    stale = tlb_filter(cpu_online_mask, mfn_to_frame(mfn)->tlb_stamp);
    if (stale)
        flush_tlb_mask(stale);
    frames_zero(mfn, 1);
    return mfn;
}

mfn_t pod_cache_take(struct pod *pod, unsigned int order)
{
    mfn_t mfn;

    if (order == P2M_ORDER_2M) {
        mfn = pop(&pod->large);
    } else {
        mfn = pop(&pod->clean);
        if (mfn == INVALID_MFN)
            mfn = take_used(pod);
        if (mfn == INVALID_MFN && split(pod))
            mfn = pop(&pod->clean);
    }
    if (mfn != INVALID_MFN)
        pod->count -= 1UL << order;
    return mfn;
}

void pod_cache_put(struct pod *pod, mfn_t mfn, unsigned int order, bool zero)
{
    push(order ? &pod->large : zero ? &pod->clean : &pod->used, mfn);
    pod->count += 1UL << order;
}

/* Single frames first: blocks are worth more to the guest. */
mfn_t pod_cache_give(struct pod *pod, u64 most, unsigned int *order)
{
    mfn_t mfn = most ? pop(&pod->used) : INVALID_MFN;

    *order = P2M_ORDER_4K;
    if (mfn == INVALID_MFN && most)
        mfn = pop(&pod->clean);
    if (mfn == INVALID_MFN && most >= 1UL << P2M_ORDER_2M) {
        *order = P2M_ORDER_2M;
        mfn = pop(&pod->large);
    } else if (mfn == INVALID_MFN && most && split(pod)) {
        mfn = pop(&pod->clean);
    }
    if (mfn != INVALID_MFN)
        pod->count -= 1UL << *order;
    return mfn;
}
