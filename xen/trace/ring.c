/* SPDX-License-Identifier: MIT */
/* Records into a ring that somebody else empties at the same time. */
#include "trace/ring.h"

#include "lib/lib.h"

#define LOST_WORDS 4   /* count; vCPU; TSC of the first */
#define TSC_BYTES 8

void trace_ring_init(struct trace_ring *r, void **pages, u32 count)
{
    r->pages = pages;
    r->size = count * (u32)PAGE_SIZE - (u32)sizeof(struct t_buf);
}

static volatile struct t_buf *head_of(const struct trace_ring *r) { return r->pages[0]; }

static u32 bytes_of(const struct trace_record *record)
{
    return (u32)sizeof(u32) * (1 + record->words) + (record->timed ? TSC_BYTES : 0);
}

/* Bytes that the reader has not taken; more than r->size: its mark is none that it can have got here. */
static u32 unread(const struct trace_ring *r)
{
    u32 taken = head_of(r)->cons;

    if (taken >= 2 * r->size)
        return ~0u;
    return r->produced >= taken ? r->produced - taken : r->produced + 2 * r->size - taken;
}

/* Bytes from `at` to the end, if a record of so many does not fit there; else 0. */
static u32 gap(const struct trace_ring *r, u32 at, u32 bytes)
{
    return bytes > r->size - at ? r->size - at : 0;
}

/* ---- Writing; there is room */

static u32 position(const struct trace_ring *r)
{
    return r->produced >= r->size ? r->produced - r->size : r->produced;
}

/* A word never lies across two pages: every record is a multiple of 4. */
static void put_word(struct trace_ring *r, u32 word)
{
    u32 at = position(r) + (u32)sizeof(struct t_buf);
    u8 *page = r->pages[at / PAGE_SIZE];

    *(u32 *)(page + at % PAGE_SIZE) = word;
    r->produced += (u32)sizeof(word);
    if (r->produced == 2 * r->size)
        r->produced = 0;
}

static void put_record(struct trace_ring *r, const struct trace_record *record)
{
    put_word(r, record->event | record->words << TRACE_EXTRA_SHIFT | (record->timed ? (u32)TRC_HD_CYCLE_FLAG : 0));
    if (record->timed) {
        put_word(r, (u32)record->tsc);
        put_word(r, (u32)(record->tsc >> 32));
    }
    for (u32 i = 0; i < record->words; i++)
        put_word(r, record->extra[i]);
}

/* The record that fills the ring's end has as many words as it takes; if those are too many, a time as well. */
static void put_wrap(struct trace_ring *r, u32 bytes, u64 tsc)
{
    static const u32 nothing[TRACE_EXTRA_MAX];
    struct trace_record wrap = { .event = TRC_TRACE_WRAP_BUFFER, .extra = nothing, .tsc = tsc };

    if (!bytes)
        return;
    wrap.words = bytes / (u32)sizeof(u32) - 1;
    if (wrap.words > TRACE_EXTRA_MAX) {
        wrap.timed = true;
        wrap.words -= TSC_BYTES / sizeof(u32);
    }
    put_record(r, &wrap);
}

enum trace_put trace_ring_put(struct trace_ring *r, const struct trace_record *record, u32 where)
{
    const u32 told[LOST_WORDS] = { r->lost, where, (u32)r->first_lost, (u32)(r->first_lost >> 32) };
    const struct trace_record lost = { TRC_LOST_RECORDS, LOST_WORDS, told, true, record->tsc };
    u32 before = unread(r), at = position(r), bytes = bytes_of(record), needed = bytes, gaps[2] = { 0, 0 };

    if (r->lost) {
        gaps[0] = gap(r, at, bytes_of(&lost));
        at = (gaps[0] ? 0 : at) + bytes_of(&lost);
        needed += gaps[0] + bytes_of(&lost);
    }
    gaps[1] = gap(r, at, bytes);
    needed += gaps[1];
    if (before > r->size || needed > r->size - before) {
        if (r->lost++ == 0)
            r->first_lost = record->tsc;
        return TRACE_PUT_LOST;
    }
    if (r->lost) {
        put_wrap(r, gaps[0], record->tsc);
        put_record(r, &lost);
        r->lost = 0;
    }
    put_wrap(r, gaps[1], record->tsc);
    put_record(r, record);
    smp_wmb();
    head_of(r)->prod = r->produced;
    return before < r->size / 2 && before + needed >= r->size / 2 ? TRACE_PUT_HALF : TRACE_PUT;
}
