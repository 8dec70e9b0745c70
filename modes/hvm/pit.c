/* SPDX-License-Identifier: MIT */
/* The 8254: waveforms as functions of time, and the registers. */
#include "lib/lib.h"
#include "modes/hvm/pit.h"
#include "modes/hvm/scale.h"

#define REFRESH_NS 15085        /* half a period of what refreshes memory: port 61H, bit 4 */
#define NEVER INT64_MAX

enum { RW_LATCH, RW_LSB, RW_MSB, RW_BOTH };
enum { STATE_LSB = 1, STATE_MSB, STATE_FIRST, STATE_SECOND };   /* of two bytes, which is next */

typedef struct hvm_hw_pit_channel hw_channel;
typedef struct pit_channel_state channel_state;

static s64 ticks(stime_t now) { return (s64)tick_at(now, PIT_HZ); }
static bool is_periodic(const hw_channel *c) { return c->mode == 2 || c->mode == 3; }
static u32 modulus(const hw_channel *c) { return c->bcd ? 10000 : 65536; }

/* ---- Waveforms */

/* Ticks since the count was loaded; before that, none. */
static s64 elapsed(const channel_state *s, s64 t)
{
    return s->frozen >= 0 ? s->frozen : max(t - s->start, (s64)0);
}

/* A count that waits for the end of a period takes over once that has come. */
static void take_over(hw_channel *c, channel_state *s, s64 t)
{
    if (!s->next || !is_periodic(c) || !s->armed || s->frozen >= 0 || t < s->switch_at)
        return;
    c->count = s->next;
    s->start = s->switch_start;
    s->next = 0;
    s->null_count = false;
}

static bool output(const hw_channel *c, const channel_state *s, s64 t)
{
    s64 n = c->count, e = elapsed(s, t);

    if (!s->armed)
        return c->mode != 0;
    switch (c->mode) {
    case 0: return e >= n;
    case 1: return e >= n;
    case 2: return s->frozen >= 0 || e % n != n - 1;
    case 3: return s->frozen >= 0 || e % n < (n + 1) / 2;
    default: return e != n;
    }
}

/* Mode 3 counts by two: a half period of it is one way through the count. */
static u32 counter(const hw_channel *c, const channel_state *s, s64 t)
{
    s64 n = c->count, e = elapsed(s, t), half = (n + 1) / 2, wrap = modulus(c);

    if (!s->armed)
        return (u32)(n % wrap);
    if (c->mode == 2)
        return (u32)((n - e % n) % wrap);
    if (c->mode == 3)
        return (u32)(((n & ~1L) - 2 * (e % n < half ? e % n : e % n - half)) % wrap);
    return (u32)(((n - e) % wrap + wrap) % wrap);
}

/* How often the output has risen up to t since the count was loaded, by counting alone. A count of 1 makes no wave. */
static s64 rises(const hw_channel *c, const channel_state *s, s64 t)
{
    s64 n = c->count, e = t - s->start;

    if (!s->armed || s->frozen >= 0 || e < 0)
        return 0;
    if (is_periodic(c))
        return n > 1 ? e / n : 0;
    return e >= n + (c->mode >= 4);
}

static s64 next_rise(const hw_channel *c, const channel_state *s, s64 t)
{
    s64 n = c->count, first;

    if (!s->armed || s->frozen >= 0)
        return NEVER;
    if (is_periodic(c))
        return n > 1 ? s->start + (elapsed(s, t) / n + 1) * n : NEVER;
    first = s->start + n + (c->mode >= 4);
    return first > t ? first : NEVER;
}

/* Brings a channel up to now; edges of channel 0 are kept to be told of. */
static void bring_up(struct pit *p, unsigned int channel, stime_t now)
{
    if (channel == 0)
        p->edges = pit_run(p, now);
    else
        take_over(&p->hw.channels[channel], &p->state[channel], ticks(now));
}

bool pit_output(struct pit *p, unsigned int channel, stime_t now)
{
    bring_up(p, channel, now);
    return output(&p->hw.channels[channel], &p->state[channel], ticks(now));
}

u64 pit_run(struct pit *p, stime_t now)
{
    hw_channel *c = &p->hw.channels[0];
    channel_state *s = &p->state[0];
    s64 t = ticks(now), from = p->looked;
    u64 n = p->edges;

    if (s->next && is_periodic(c) && s->armed && s->frozen < 0 && t >= s->switch_at) {
        n += (u64)(rises(c, s, s->switch_at) - rises(c, s, from));
        from = s->switch_at;
        take_over(c, s, t);
    }
    n += (u64)(rises(c, s, t) - rises(c, s, from));
    p->looked = t;
    p->edges = 0;
    return n;
}

stime_t pit_next(const struct pit *p)
{
    const channel_state *s = &p->state[0];
    s64 at = p->edges ? p->looked : next_rise(&p->hw.channels[0], s, p->looked);

    if (s->next && is_periodic(&p->hw.channels[0]) && s->armed && s->frozen < 0)
        at = min(at, s->switch_at);
    return at == NEVER ? STIME_NEVER : tick_begins((u64)at, PIT_HZ);
}

u64 pit_period(const struct pit *p)
{
    return is_periodic(&p->hw.channels[0]) ? tick_begins(p->hw.channels[0].count, PIT_HZ) : 0;
}

/* ---- Counts and gates */

static void begin(hw_channel *c, channel_state *s, u32 count, s64 t)
{
    c->count = count;
    s->next = 0;
    s->null_count = false;
    s->armed = true;
    s->start = t + 1;
    s->frozen = c->gate || c->mode == 1 || c->mode == 5 ? -1 : 0;
}

/* Modes 2 and 3 finish the period, or half of it, with the old count. */
static void begin_later(hw_channel *c, channel_state *s, u32 count, s64 t)
{
    s64 n = c->count, at = elapsed(s, t) % n, half = (n + 1) / 2;

    s->next = count;
    s->null_count = true;
    if (c->mode == 3 && at < half) {
        s->switch_at = t - at + half;
        s->switch_start = s->switch_at - (count + 1) / 2;
    } else {
        s->switch_at = s->switch_start = t - at + n;
    }
}

static u32 from_bcd(u32 v)
{
    u32 value = (v >> 12 & 15) * 1000 + (v >> 8 & 15) * 100 + (v >> 4 & 15) * 10 + (v & 15);

    return min(value, 9999u);
}

static u32 to_bcd(u32 v)
{
    return (v / 1000 % 10) << 12 | (v / 100 % 10) << 8 | (v / 10 % 10) << 4 | v % 10;
}

static void load_count(hw_channel *c, channel_state *s, u32 raw, s64 t)
{
    u32 count = c->bcd ? from_bcd(raw) : raw;

    if (!count)
        count = modulus(c);
    if (c->mode == 1 || c->mode == 5) {
        s->next = count;
        s->null_count = true;
    } else if (is_periodic(c) && s->armed && s->frozen < 0 && t >= s->start) {
        begin_later(c, s, count, t);
    } else {
        begin(c, s, count, t);
    }
}

static void set_gate(hw_channel *c, channel_state *s, bool gate, s64 t)
{
    bool was = c->gate;

    c->gate = gate;
    if (gate == was)
        return;
    if (c->mode == 1 || c->mode == 5) {
        if (gate && (s->next || s->armed))
            begin(c, s, s->next ? s->next : c->count, t);
    } else if (s->armed && !gate) {
        s->frozen = elapsed(s, t);
    } else if (s->armed && is_periodic(c)) {
        begin(c, s, s->next ? s->next : c->count, t);
    } else if (s->armed) {
        s->start = t - s->frozen;
        s->frozen = -1;
    }
}

/* ---- Registers */

static void latch_count(hw_channel *c, channel_state *s, s64 t)
{
    u32 value;

    if (c->count_latched)
        return;
    value = counter(c, s, t);
    c->latched_count = (u16)(c->bcd ? to_bcd(value) : value);
    c->count_latched = c->rw_mode;
}

static void latch_status(hw_channel *c, channel_state *s, s64 t)
{
    if (c->status_latched)
        return;
    c->status = (u8)(output(c, s, t) << 7 | s->null_count << 6 | c->rw_mode << 4 | c->mode << 1 | c->bcd);
    c->status_latched = 1;
}

static void read_back(struct pit *p, u8 command, s64 t)
{
    for (unsigned int i = 0; i < 3; i++) {
        if (!(command >> (i + 1) & 1))
            continue;
        if (!(command & 0x20))
            latch_count(&p->hw.channels[i], &p->state[i], t);
        if (!(command & 0x10))
            latch_status(&p->hw.channels[i], &p->state[i], t);
    }
}

static void write_control(struct pit *p, u8 value, s64 t)
{
    unsigned int select = value >> 6, rw = value >> 4 & 3, mode = value >> 1 & 7;
    hw_channel *c;

    if (select == 3) {
        read_back(p, value, t);
        return;
    }
    c = &p->hw.channels[select];
    if (rw == RW_LATCH) {
        latch_count(c, &p->state[select], t);
        return;
    }
    c->rw_mode = (u8)rw;
    c->read_state = c->write_state = rw == RW_BOTH ? STATE_FIRST : (u8)rw;
    c->count_latched = c->status_latched = 0;
    c->mode = (u8)(mode > 5 ? mode - 4 : mode);
    c->bcd = value & 1;
    p->state[select] = (channel_state){ .null_count = true, .frozen = -1 };
    if (c->count > modulus(c))
        c->count = modulus(c);
}

static u8 read_counter(hw_channel *c, channel_state *s, s64 t)
{
    u32 value;

    if (c->status_latched) {
        c->status_latched = 0;
        return c->status;
    }
    switch (c->count_latched) {
    case STATE_LSB: c->count_latched = 0; return (u8)c->latched_count;
    case STATE_FIRST: c->count_latched = STATE_SECOND; return (u8)c->latched_count;
    case STATE_MSB:
    case STATE_SECOND: c->count_latched = 0; return (u8)(c->latched_count >> 8);
    }
    value = counter(c, s, t);
    if (c->bcd)
        value = to_bcd(value);
    if (c->read_state >= STATE_FIRST)
        c->read_state ^= STATE_FIRST ^ STATE_SECOND;
    return c->read_state == STATE_MSB || c->read_state == STATE_FIRST ? (u8)(value >> 8) : (u8)value;
}

/* The first byte of two stops mode 0's counting. */
static void write_counter(hw_channel *c, channel_state *s, u8 value, s64 t)
{
    switch (c->write_state) {
    case STATE_LSB:
        load_count(c, s, value, t);
        break;
    case STATE_MSB:
        load_count(c, s, (u32)value << 8, t);
        break;
    case STATE_FIRST:
        c->write_latch = value;
        c->write_state = STATE_SECOND;
        if (c->mode == 0)
            s->armed = false;
        break;
    case STATE_SECOND:
        c->write_state = STATE_FIRST;
        load_count(c, s, c->write_latch | (u32)value << 8, t);
        break;
    }
}

u8 pit_read(struct pit *p, u16 port, stime_t now)
{
    if (port == PIT_GATE_PORT)
        return (u8)(p->hw.channels[2].gate | !!p->hw.speaker_data_on << 1 | (now / REFRESH_NS & 1) << 4 |
                    pit_output(p, 2, now) << 5);
    if (port == 0x43)
        return 0xff;
    bring_up(p, port & 3, now);
    return read_counter(&p->hw.channels[port & 3], &p->state[port & 3], ticks(now));
}

void pit_write(struct pit *p, u16 port, u8 value, stime_t now)
{
    s64 t = ticks(now);

    for (unsigned int i = 0; i < 3; i++)
        bring_up(p, i, now);
    if (port == PIT_GATE_PORT) {
        set_gate(&p->hw.channels[2], &p->state[2], value & 1, t);
        p->hw.speaker_data_on = value >> 1 & 1;
    } else if (port == 0x43) {
        write_control(p, value, t);
    } else {
        write_counter(&p->hw.channels[port & 3], &p->state[port & 3], value, t);
    }
}

void pit_reset(struct pit *p)
{
    memset(p, 0, sizeof(*p));
    for (unsigned int i = 0; i < 3; i++) {
        hw_channel *c = &p->hw.channels[i];
        c->count = 65536;
        c->rw_mode = RW_BOTH;
        c->read_state = c->write_state = STATE_FIRST;
        c->gate = i != 2;
        p->state[i] = (channel_state){ .null_count = true, .frozen = -1 };
    }
}

/* ---- Records */

static bool channel_ok(const hw_channel *c, bool has_gate)
{
    return c->count >= 1 && c->count <= modulus(c) && c->count_latched <= STATE_SECOND && c->status_latched <= 1 &&
           c->read_state >= STATE_LSB && c->read_state <= STATE_SECOND && c->write_state >= STATE_LSB &&
           c->write_state <= STATE_SECOND && c->rw_mode >= RW_LSB && c->rw_mode <= RW_BOTH && c->mode <= 5 &&
           c->bcd <= 1 && c->gate <= 1 && (c->gate || has_gate);
}

bool pit_load(struct pit *p, const struct hvm_hw_pit *hw, stime_t now)
{
    for (unsigned int i = 0; i < 3; i++)
        if (!channel_ok(&hw->channels[i], i == 2))
            return false;
    if (hw->speaker_data_on > 1)
        return false;
    p->hw = *hw;
    for (unsigned int i = 0; i < 3; i++) {
        p->state[i] = (channel_state){ .null_count = true, .frozen = -1 };
        load_count(&p->hw.channels[i], &p->state[i], hw->channels[i].bcd ? to_bcd(hw->channels[i].count)
                                                                         : hw->channels[i].count & 0xffff, ticks(now));
    }
    p->looked = ticks(now);
    p->edges = 0;
    return true;
}

/* A count that waits for its turn is the one that the channel goes on with. */
void pit_save(const struct pit *p, struct hvm_hw_pit *hw)
{
    *hw = p->hw;
    for (unsigned int i = 0; i < 3; i++)
        if (p->state[i].next)
            hw->channels[i].count = p->state[i].next;
}
