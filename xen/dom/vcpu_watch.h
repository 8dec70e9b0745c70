/* SPDX-License-Identifier: MIT */
/* The watchdog's eye on vCPUs: one that should run, and does not, is named. What is seen of a vCPU is taken down in a struct
 * vcpu_sight, and judged without looking at anything else. */
#ifndef PRISM_DOM_VCPU_WATCH_H
#define PRISM_DOM_VCPU_WATCH_H

#include "lib/types.h"

enum vcpu_plight {
    PLIGHT_NONE,
    PLIGHT_WAITS,             /* it could run, and gets no CPU */
    PLIGHT_SLEEPS,            /* it sleeps, though what it would wake for is there: a wake-up is lost */
    PLIGHT_DEVICE,            /* its device model does not answer */
};

/* What is remembered of a vCPU from one look to the next. RANK_SCHED of its processor. */
struct vcpu_watch {
    stime_t since, first;     /* the stay in its state that was seen last; when it was first seen in that plight there */
    u8 plight;
    bool told;
};

struct vcpu_sight {
    int runstate;             /* RUNSTATE_* */
    stime_t since;            /* when that began */
    unsigned long flags;      /* vcpu->pause_flags */
    bool paused, pending;     /* pending: something that would wake it; looked at only while it sleeps */
};

/* A vCPU as it is at time now: its plight, once that has lasted for `patience` ns, and once only for each stay in a state;
 * else PLIGHT_NONE. Pure, but for *w. */
enum vcpu_plight vcpu_watch_look(struct vcpu_watch *w, const struct vcpu_sight *s, stime_t now, stime_t patience);

/* Looks at all vCPUs and names on the console those that have been in a plight for so long. From a timer's function on one
 * CPU only: no locks held, interrupts on. */
void vcpu_watch_all(stime_t patience);

#endif
