/* SPDX-License-Identifier: MIT */
/* Requests and answers: free, READY (Prism's last word), INPROCESS, RESP_READY (the server's), free. See slot.h. */
#include "devmodel/slot.h"

bool slot_send(struct slot *s, const struct slot *request)
{
    if ((s->bits & SLOT_STATE) != STATE_IOREQ_NONE)
        return false;
    s->address = request->address;
    s->data = request->data;
    s->count = request->count;
    s->size = request->size;
    s->port = request->port;
    s->pad = 0;
    s->type = request->type;
    smp_wmb();
    s->bits = (u8)(request->bits & ~SLOT_STATE) | STATE_IOREQ_READY;
    return true;
}

enum slot_answer slot_look(struct slot *s, u8 *seen, u64 *data)
{
    u8 state = s->bits & SLOT_STATE;

    switch (state) {
    case STATE_IORESP_READY:
        smp_rmb();
        *data = s->data;
        slot_clear(s);
        return SLOT_ANSWERED;
    case STATE_IOREQ_READY:
    case STATE_IOREQ_INPROCESS:
        if (state < *seen)
            return SLOT_BAD;
        *seen = state;
        return SLOT_WAITS;
    default:
        return SLOT_BAD;
    }
}

bool slot_has_news(const struct slot *s)
{
    u8 state = s->bits & SLOT_STATE;

    return state != STATE_IOREQ_READY && state != STATE_IOREQ_INPROCESS;
}

void slot_clear(struct slot *s)
{
    s->bits = STATE_IOREQ_NONE;
}
