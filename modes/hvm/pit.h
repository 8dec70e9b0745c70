/* SPDX-License-Identifier: MIT */
/* The 8254 programmable interval timer of a PC and the port that gates its third channel (Intel 8254 data sheet; port
 * 61H: Intel 82371SB data sheet, 3.5). Nothing counts: a channel's value and output are worked out from when its count
 * was loaded. Pure: the caller's lock guards it. Moments never go back. */
#ifndef PRISM_MODES_HVM_PIT_H
#define PRISM_MODES_HVM_PIT_H

#include <xen/hvm/save.h>

#include "lib/types.h"

#define PIT_HZ 1193182UL
#define PIT_GATE_PORT 0x61

/* What the record has no place for. Moments are in ticks of the PIT since system time 0. */
struct pit_channel_state {
    bool armed;          /* counting, or would be if its gate were high */
    bool null_count;     /* what was written last is not being counted yet */
    s64 start;           /* when the count was, or will be, loaded */
    s64 frozen;          /* how far it had come when its gate went low; -1: it counts */
    u32 next;            /* a count that waits for the end of a period or for a trigger; 0: none */
    s64 switch_at, switch_start;   /* modes 2 and 3: when it takes over, and the start of its first period */
};

struct pit {
    struct hvm_hw_pit hw;
    struct pit_channel_state state[3];
    s64 looked;          /* pit_run() has told of edges of channel 0 up to then */
    u64 edges;           /* and of these not yet */
};

void pit_reset(struct pit *p);
static inline bool pit_has_port(u16 port) { return (port & ~3) == 0x40 || port == PIT_GATE_PORT; }
/* Reading moves latches alone, so that channel 0's output is what it was. */
u8 pit_read(struct pit *p, u16 port, stime_t now);
void pit_write(struct pit *p, u16 port, u8 value, stime_t now);

bool pit_output(struct pit *p, unsigned int channel, stime_t now);
/* Channel 0, which interrupts: how often its output has risen by counting since the last call (programming may raise it
 * too: pit_output() before and after shows that); when pit_run() has a rise to tell of next (STIME_NEVER);
 * the period of its rises in ns (0: it has none). */
u64 pit_run(struct pit *p, stime_t now);
stime_t pit_next(const struct pit *p);
u64 pit_period(const struct pit *p);

/* Counting begins anew with each channel's count. False: a bad record; nothing is changed. */
bool pit_load(struct pit *p, const struct hvm_hw_pit *hw, stime_t now);
void pit_save(const struct pit *p, struct hvm_hw_pit *hw);

#endif
