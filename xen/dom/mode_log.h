/* SPDX-License-Identifier: MIT */
/* What is kept of a domain's movements along the spectrum: the last of them, in a ring. */
#ifndef PRISM_DOM_MODE_LOG_H
#define PRISM_DOM_MODE_LOG_H

#include "modes/spectrum.h"

#define MODE_LOG_SIZE 16
#define MODE_REASON_MAX 53   /* with its ending zero */

struct mode_change {
    stime_t when;                /* since the domain's creation */
    u8 column, from, to;         /* enum column, enum answer */
    char reason[MODE_REASON_MAX];
};

/* A zeroed one is empty. */
struct mode_log {
    u32 total;                   /* changes ever recorded: the last MODE_LOG_SIZE of them are here */
    u8 in_use[NR_COLUMNS];       /* the answer that the guest was last seen to use, and 1; 0: none yet */
    struct mode_change change[MODE_LOG_SIZE];   /* change n at n % MODE_LOG_SIZE */
};

#endif
