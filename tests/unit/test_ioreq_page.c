/* SPDX-License-Identifier: MIT */
// sources: devmodel/slot.c devmodel/ring.c
/* What Prism shares with a server: requests and the ring of buffered writes, with servers good and bad at the other end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "devmodel/ring.h"
#include "devmodel/slot.h"

/* ---- Requests */

static void slot_is_an_ioreq(void **state)
{
    const struct slot request = { .address = 0x1f0, .data = 0x12345678, .count = 3, .size = 2, .port = 17,
                                  .bits = SLOT_READ | SLOT_POINTER | SLOT_DOWN, .type = IOREQ_TYPE_PIO };
    struct slot s = { 0 };
    ioreq_t r;

    assert_true(slot_send(&s, &request));
    memcpy(&r, (const void *)&s, sizeof(r));
    assert_int_equal(r.addr, 0x1f0);
    assert_int_equal(r.data, 0x12345678);
    assert_int_equal(r.count, 3);
    assert_int_equal(r.size, 2);
    assert_int_equal(r.vp_eport, 17);
    assert_int_equal(r.state, STATE_IOREQ_READY);
    assert_int_equal(r.data_is_ptr, 1);
    assert_int_equal(r.dir, IOREQ_READ);
    assert_int_equal(r.df, 1);
    assert_int_equal(r.type, IOREQ_TYPE_PIO);
}

static void answer_arrives(void **state)
{
    struct slot s = { 0 }, request = { .bits = SLOT_READ };
    u8 seen = STATE_IOREQ_READY;
    u64 data = 1;

    assert_true(slot_send(&s, &request));
    assert_false(slot_has_news(&s));
    assert_int_equal(slot_look(&s, &seen, &data), SLOT_WAITS);
    s.bits = STATE_IOREQ_INPROCESS | SLOT_READ;
    assert_int_equal(slot_look(&s, &seen, &data), SLOT_WAITS);
    assert_int_equal(slot_look(&s, &seen, &data), SLOT_WAITS);
    s.data = 0x55;
    s.bits = STATE_IORESP_READY | SLOT_READ;
    assert_true(slot_has_news(&s));
    assert_int_equal(slot_look(&s, &seen, &data), SLOT_ANSWERED);
    assert_int_equal(data, 0x55);
    assert_int_equal(s.bits & SLOT_STATE, STATE_IOREQ_NONE);
    assert_true(slot_send(&s, &request));
}

/* Every state in place of every other: only a step forward is taken. */
static void hostile_states(void **state)
{
    for (u8 before = STATE_IOREQ_READY; before <= STATE_IOREQ_INPROCESS; before++)
        for (unsigned int now = 0; now <= SLOT_STATE; now++) {
            struct slot s = { .data = 7, .bits = (u8)(now | 0xf0) };
            u8 seen = before;
            u64 data = 0;
            enum slot_answer expected = now == STATE_IORESP_READY ? SLOT_ANSWERED
                : (now == STATE_IOREQ_READY || now == STATE_IOREQ_INPROCESS) && now >= before ? SLOT_WAITS : SLOT_BAD;

            assert_int_equal(slot_look(&s, &seen, &data), expected);
            assert_int_equal(data, expected == SLOT_ANSWERED ? 7 : 0);
        }
    for (unsigned int now = 1; now <= SLOT_STATE; now++) {
        struct slot s = { .bits = (u8)now }, request = { .address = 5 };

        assert_false(slot_send(&s, &request));
        assert_int_equal(s.address, 0);
    }
}

/* ---- The ring */

static struct { struct buffered_iopage ring; u8 behind[64]; } page;

static struct ring_write write_of(u64 address, u64 data, u8 size)
{
    return (struct ring_write){ .address = address, .data = data, .type = IOREQ_TYPE_COPY, .size = size };
}

/* Takes one write as a server does. */
static bool take(struct ring_write *w)
{
    const struct buf_ioreq *e;
    u32 entries;

    if (page.ring.read_pointer == page.ring.write_pointer)
        return false;
    e = &page.ring.buf_ioreq[page.ring.read_pointer % IOREQ_BUFFER_SLOT_NUM];
    *w = (struct ring_write){ .address = e->addr, .data = e->data, .type = e->type, .size = (u8)(1u << e->size) };
    assert_int_equal(e->dir, IOREQ_WRITE);
    entries = w->size == 8 ? 2 : 1;
    if (entries == 2)
        w->data |= (u64)page.ring.buf_ioreq[(page.ring.read_pointer + 1) % IOREQ_BUFFER_SLOT_NUM].data << 32;
    page.ring.read_pointer += entries;
    return true;
}

static int setup(void **state)
{
    memset(&page, 0, sizeof(page));
    assert_int_equal(sizeof(page.ring), PAGE_SIZE);
    return 0;
}

static void writes_in_order(void **state)
{
    static const u8 sizes[] = { 1, 2, 4, 8 };
    struct ring_write out[IOREQ_BUFFER_SLOT_NUM], in;
    unsigned int head = 0, tail = 0, turns = 0;

    for (unsigned int step = 0; step < 200000; step++) {
        u8 size = sizes[rand() % 4];
        struct ring_write w = write_of(0xa0000 + (u64)(rand() & 0x1ffff), (u64)rand() << 32 | (u32)rand(), size);

        if (size < 8)
            w.data &= (1UL << 8 * size) - 1;
        if (rand() % 2 && ring_put(&page.ring, true, &w)) {
            out[head++ % IOREQ_BUFFER_SLOT_NUM] = w;
        } else if (take(&in)) {
            const struct ring_write *expected = &out[tail++ % IOREQ_BUFFER_SLOT_NUM];
            assert_int_equal(in.address, expected->address);
            assert_int_equal(in.data, expected->data);
            assert_int_equal(in.size, expected->size);
        }
        turns += page.ring.write_pointer < IOREQ_BUFFER_SLOT_NUM;
        assert_true(page.ring.write_pointer < 3 * IOREQ_BUFFER_SLOT_NUM);
    }
    assert_true(turns > 0);
}

static void full(void **state)
{
    struct ring_write w = write_of(0xb8000, 1, 4), wide = write_of(0xb8000, 1, 8), in;
    unsigned int n = 0;

    while (ring_put(&page.ring, false, &w))
        n++;
    assert_int_equal(n, IOREQ_BUFFER_SLOT_NUM);
    assert_true(take(&in));
    assert_false(ring_put(&page.ring, false, &wide));   /* needs two */
    assert_true(take(&in));
    assert_true(ring_put(&page.ring, false, &wide));
    assert_false(ring_put(&page.ring, false, &w));
    w.address = RING_ADDRESSES;
    assert_true(take(&in));
    assert_false(ring_put(&page.ring, false, &w));
}

/* Whatever the pointers say, nothing but the ring is written, and each call ends. */
static void hostile_pointers(void **state)
{
    static const u32 odd[] = { 0, 1, 510, 511, 512, 1022, 0x7fffffff, 0x80000000, 0xfffffe00, 0xffffffff };
    struct ring_write w = write_of(0xa0000, ~0UL, 8);

    memset(page.behind, 0x5a, sizeof(page.behind));
    for (unsigned int r = 0; r < ARRAY_SIZE(odd); r++)
        for (unsigned int i = 0; i < ARRAY_SIZE(odd); i++) {
            page.ring.read_pointer = odd[r];
            page.ring.write_pointer = odd[i];
            (void)ring_ends_with(&page.ring, IOREQ_TYPE_COPY);
            (void)ring_put(&page.ring, true, &w);
        }
    for (unsigned int i = 0; i < sizeof(page.behind); i++)
        assert_int_equal(page.behind[i], 0x5a);
}

static void last_entry(void **state)
{
    struct ring_write w = write_of(0, 0, 4), in;

    assert_false(ring_ends_with(&page.ring, IOREQ_TYPE_COPY));
    assert_true(ring_put(&page.ring, true, &w));
    assert_true(ring_ends_with(&page.ring, IOREQ_TYPE_COPY));
    assert_false(ring_ends_with(&page.ring, IOREQ_TYPE_INVALIDATE));
    assert_true(take(&in));
    assert_false(ring_ends_with(&page.ring, IOREQ_TYPE_COPY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slot_is_an_ioreq),
        cmocka_unit_test(answer_arrives),
        cmocka_unit_test(hostile_states),
        cmocka_unit_test_setup(writes_in_order, setup),
        cmocka_unit_test_setup(full, setup),
        cmocka_unit_test_setup(hostile_pointers, setup),
        cmocka_unit_test_setup(last_entry, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
