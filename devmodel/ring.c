/* SPDX-License-Identifier: MIT */
/* The ring of buffered writes. See ring.h. */
#include "devmodel/ring.h"

#include "lib/bitops.h"

/* Both pointers count entries without end, as long as the server does not take part in keeping them small. */
union pointers { struct { u32 read, write; }; u64 both; };

static union pointers get(const struct buffered_iopage *ring)
{
    return (union pointers){ .both = ACCESS_ONCE(*(const u64 *)(const void *)ring) };
}

static u8 log2_size(u8 size)
{
    return size == 8 ? 3 : size >> 1;
}

static void put_entry(struct buffered_iopage *ring, u32 at, const struct ring_write *w, u32 data)
{
    ring->buf_ioreq[at % IOREQ_BUFFER_SLOT_NUM] = (struct buf_ioreq){
        .type = w->type, .dir = IOREQ_WRITE, .size = log2_size(w->size) & 3,
        .addr = (u32)w->address & (RING_ADDRESSES - 1), .data = data,
    };
}

/* Takes whole turns of the ring off both pointers at once. A server that keeps changing them does without. */
static void keep_small(struct buffered_iopage *ring)
{
    for (unsigned int tries = 0; tries < IOREQ_BUFFER_SLOT_NUM; tries++) {
        union pointers old = get(ring), new = old;

        if (old.read < IOREQ_BUFFER_SLOT_NUM)
            return;
        new.read -= IOREQ_BUFFER_SLOT_NUM;
        new.write -= IOREQ_BUFFER_SLOT_NUM;
        (void)cmpxchg((u64 *)(void *)ring, old.both, new.both);
    }
}

bool ring_put(struct buffered_iopage *ring, bool atomic, const struct ring_write *w)
{
    union pointers p = get(ring);
    u32 entries = w->size == 8 ? 2 : 1, used = p.write - p.read;

    if (w->address >= RING_ADDRESSES || used > IOREQ_BUFFER_SLOT_NUM - entries)
        return false;
    put_entry(ring, p.write, w, (u32)w->data);
    if (entries == 2)
        put_entry(ring, p.write + 1, w, (u32)(w->data >> 32));
    smp_wmb();
    ACCESS_ONCE(ring->write_pointer) = p.write + entries;
    if (atomic)
        keep_small(ring);
    return true;
}

bool ring_ends_with(const struct buffered_iopage *ring, u8 type)
{
    union pointers p = get(ring);
    u32 used = p.write - p.read;

    return used != 0 && used <= IOREQ_BUFFER_SLOT_NUM && ring->buf_ioreq[(p.write - 1) % IOREQ_BUFFER_SLOT_NUM].type == type;
}
