/* SPDX-License-Identifier: MIT */
/* What is wrong with a vCPU that does not run, and since when (dom/vcpu_watch.h). */
#include <xen/vcpu.h>

#include "dom/domain.h"

static enum vcpu_plight plight_of(const struct vcpu_sight *s)
{
    if (s->paused)
        return PLIGHT_NONE;
    if (s->runstate == RUNSTATE_runnable)
        return PLIGHT_WAITS;
    if (s->flags == 1ul << VPF_IO)
        return PLIGHT_DEVICE;
    if (s->runstate == RUNSTATE_blocked && s->flags == 1ul << VPF_BLOCKED && s->pending)
        return PLIGHT_SLEEPS;
    return PLIGHT_NONE;
}

/* When a wait for a CPU began is known. When something came that a sleeper has missed is not: it counts from the first look. */
enum vcpu_plight vcpu_watch_look(struct vcpu_watch *w, const struct vcpu_sight *s, stime_t now, stime_t patience)
{
    enum vcpu_plight plight = plight_of(s);

    if (w->plight != plight || w->since != s->since)
        *w = (struct vcpu_watch){ .since = s->since, .plight = (u8)plight,
                                  .first = plight == PLIGHT_WAITS ? s->since : now };
    if (plight == PLIGHT_NONE || w->told || now < w->first || now - w->first < patience)
        return PLIGHT_NONE;
    w->told = true;
    return plight;
}
