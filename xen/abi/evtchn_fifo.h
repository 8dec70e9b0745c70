/* SPDX-License-Identifier: MIT */
/* The state behind the queue ABI of event channels; private to abi/evtchn_fifo.c and abi/evtchn_fifo_setup.c. */
#ifndef PRISM_ABI_EVTCHN_FIFO_H
#define PRISM_ABI_EVTCHN_FIFO_H

#include "abi/event.h"

#define FIFO_WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define FIFO_MAX_PAGES (EVTCHN_FIFO_NR_CHANNELS / FIFO_WORDS_PER_PAGE)

struct evtchn_fifo_vcpu {
    struct spinlock lock;                         /* RANK_EVTCHN_FIFO: its queues */
    struct evtchn_fifo_control_block *control;    /* the guest's, in the direct map; NULL: none yet. event_lock */
    mfn_t control_mfn;                            /* with a writable reference */
    u32 tail[EVTCHN_FIFO_MAX_QUEUES];             /* the port linked last; 0: none ever */
};

struct evtchn_fifo_domain {
    volatile u32 pages;                           /* event_lock; read by senders, as page[] below it */
    volatile event_word_t *page[FIFO_MAX_PAGES];  /* the guest's */
    mfn_t mfn[FIFO_MAX_PAGES];                    /* with a writable reference each */
};

#endif
