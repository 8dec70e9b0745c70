/* SPDX-License-Identifier: MIT */
/* The emulated PC of a domain, for pc*.c alone: its board, the time that the board lives in, and the host's timer that
 * wakes it. */
#ifndef PRISM_MODES_HVM_PC_STATE_H
#define PRISM_MODES_HVM_PC_STATE_H

#include "modes/hvm/board.h"
#include "modes/hvm/pc.h"
#include "modes/pvh/pvh.h"

struct pc {
    struct domain *d;                /* constant */

    struct spinlock lock;            /* RANK_PC: all that follows */
    struct board board;
    struct timer timer;              /* for board_next() */
    stime_t armed;                   /* what it is set to; STIME_NEVER: it is not */
    stime_t fired;                   /* it ran last at: it does not run again at once */
    stime_t now;                     /* the board's time, the latest that it has been told of */
    u64 behind;                      /* the board's time lags system time by this */
    bool stands; stime_t stands_at;  /* HVMPTM_delay_for_missed_ticks: it stands still, since this system time */
    bool parked;                     /* the domain is paused: the timer waits until it runs again */
    u32 timer_mode;                  /* HVMPTM_* */
    u32 next_lowest;                 /* the vCPU to begin with for the next interrupt of lowest priority */
    volatile bool extint;            /* the PIC pair's output; read without the lock */
};

static inline struct pc *pc_of(const struct domain *d)
{ return container_of(d, const struct hw_domain, domain)->pc; }

/* Takes the lock and brings pc->now up to date. Returns flags for pc_end(). */
unsigned long pc_begin(struct pc *pc);
/* What the board wants done, and releases the lock. */
void pc_end(struct pc *pc, unsigned long flags);

extern const struct board_ops pc_board_ops;   /* pc_deliver.c */

#endif
