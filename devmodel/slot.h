/* SPDX-License-Identifier: MIT */
/* A request of one vCPU in the page that it shares with a server (public header hvm/ioreq.h, ioreq_t). Pure: the memory is
 * also the server's, who may write there whatever and whenever it likes. */
#ifndef PRISM_DEVMODEL_SLOT_H
#define PRISM_DEVMODEL_SLOT_H

#include <xen/hvm/ioreq.h>

#include "lib/types.h"

/* ioreq_t with its bit fields as the byte that they are: its state is handed over by one store. */
struct slot {
    volatile u64 address, data;
    volatile u32 count, size, port;
    volatile u16 pad;
    volatile u8 bits;      /* SLOT_* */
    volatile u8 type;
};
_Static_assert(sizeof(struct slot) == sizeof(ioreq_t), "a slot is an ioreq_t");
#define SLOT_STATE 0x0f
#define SLOT_POINTER 0x10  /* data is where the data is */
#define SLOT_READ 0x20
#define SLOT_DOWN 0x40

enum slot_answer { SLOT_WAITS, SLOT_ANSWERED, SLOT_BAD };

/* bits without a state. False: the server has left something there that is none of its business; nothing is written. */
bool slot_send(struct slot *s, const struct slot *request);
/* Looks for the answer to what slot_send() has put there. *seen: the state that was last seen, at first
 * STATE_IOREQ_READY. SLOT_ANSWERED: *data has it, the slot is free again. SLOT_BAD: a state that cannot follow. */
enum slot_answer slot_look(struct slot *s, u8 *seen, u64 *data);
/* Would slot_look() have something else to say than SLOT_WAITS? */
bool slot_has_news(const struct slot *s);
void slot_clear(struct slot *s);   /* nobody will answer any more */

#endif
