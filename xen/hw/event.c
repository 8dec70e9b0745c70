/* SPDX-License-Identifier: MIT */
/* Exceptions on top of exceptions (AMD64 APM vol. 2, 8.2.9). */
#include "cpu/x86.h"
#include "hw/event.h"

static bool contributory(u8 vector)
{
    return vector == TRAP_DE || (vector >= TRAP_TS && vector <= TRAP_GP);
}

enum event_join event_join(u8 first, u8 second)
{
    bool bad = contributory(second) || second == TRAP_PF;

    if (first == TRAP_DF)
        return bad ? EVENT_TRIPLE_FAULT : EVENT_REPLACE;
    if (first == TRAP_PF && bad)
        return EVENT_DOUBLE_FAULT;
    if (contributory(first) && contributory(second))
        return EVENT_DOUBLE_FAULT;
    return EVENT_REPLACE;
}
