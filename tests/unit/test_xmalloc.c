/* SPDX-License-Identifier: MIT */
// sources: xen/mem/xmalloc.c xen/mem/alloc_fault.c
/* Small objects over pages of the host: alignment, zeroing, no overlap, every page given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/types.h"
#include "mem/alloc_fault.h"
#include "mem/frame.h"

/* Pieces of a block are freed one by one, so a big arena stands for the heap and only the number of pages is kept. */
#define ARENA_PAGES 65536
static char *arena;
static size_t next_page;
static long pages;
static bool exhausted;

void *page_alloc(unsigned int order)
{
    size_t at = ROUND_UP(next_page, 1UL << order);

    if (exhausted || alloc_must_fail(__builtin_return_address(0)))
        return NULL;
    assert_true(at + (1UL << order) <= ARENA_PAGES);
    next_page = at + (1UL << order);
    pages += 1L << order;
    return memset(arena + at * PAGE_SIZE, 0, PAGE_SIZE << order);
}

void page_free(void *p, unsigned int order)
{
    assert_int_equal(((char *)p - arena) & ((PAGE_SIZE << order) - 1), 0);
    memset(p, 0xdd, PAGE_SIZE << order);
    pages -= 1L << order;
}

static void test_sizes(void **state)
{
    for (size_t size = 0; size < 70000; size = size * 5 / 4 + 1)
        for (size_t align = 1; align <= 512; align *= 2) {
            unsigned char *p = xzalloc_bytes(size, align), *q = xzalloc_bytes(size, align);

            assert_non_null(p);
            assert_int_equal((uintptr_t)p % align, 0);
            assert_true(q + size <= p || p + size <= q);
            for (size_t i = 0; i < size; i++)
                assert_true(p[i] == 0 && q[i] == 0);
            memset(p, 0xff, size);
            memset(q, 0xff, size);
            xfree(p);
            xfree(q);
        }
    xfree(NULL);
    assert_true(pages <= 14);   /* at most one slab a class stays */
    assert_null(xzalloc_bytes(1UL << 31, 1));
    assert_null(xzalloc_bytes(~0UL, 1));
}

static void test_large_is_trimmed(void **state)
{
    long before = pages;
    void *p = xzalloc_bytes(64 * 1024, 8);

    assert_int_equal(pages - before, 17);
    xfree(p);
    assert_int_equal(pages, before);
}

static void test_random(void **state)
{
    static struct { unsigned char *p; size_t size; unsigned char fill; } held[400];
    long most = 0;

    srand(2);
    for (int i = 0; i < 100000; i++) {
        unsigned int k = (unsigned int)rand() % 400;

        if (held[k].p) {
            for (size_t j = 0; j < held[k].size; j += 7)
                assert_int_equal(held[k].p[j], held[k].fill);
            xfree(held[k].p);
            held[k].p = NULL;
        } else {
            held[k].size = 1 + (unsigned int)rand() % 2000;
            held[k].p = xzalloc_bytes(held[k].size, 8);
            held[k].fill = (unsigned char)i;
            for (size_t j = 0; j < held[k].size; j++)
                assert_int_equal(held[k].p[j], 0);
            memset(held[k].p, held[k].fill, held[k].size);
        }
        most = max(most, pages);
    }
    for (unsigned int k = 0; k < 400; k++)
        xfree(held[k].p);
    assert_true(most < 400);
    assert_true(pages <= 14);
}

static void test_no_memory(void **state)
{
    void *p, *first = NULL;

    exhausted = true;
    assert_null(xzalloc_bytes(100000, 8));
    for (int i = 0; i < 300 && (p = xzalloc_bytes(16, 8)) != NULL; i++) {
        *(void **)p = first;
        first = p;
    }
    assert_null(p);
    while ((p = first) != NULL) {
        first = *(void **)p;
        xfree(p);
    }
    exhausted = false;
}

/* Allocations of all sizes, of which the n-th fails, be it the object's or that of the page under it: one object is
 * missing, and all pages come back. */
static void test_fails(void **state)
{
    static const size_t asked[] = { 8, 100, 700, 2000, 2001, 9000 };
    void *held[120];
    u64 left = 0;
    long before = pages;

    for (u64 n = 1; left == 0; n++) {
        unsigned int missing = 0;

        alloc_fail_at(n);
        for (unsigned int i = 0; i < ARRAY_SIZE(held); i++) {
            held[i] = xzalloc_bytes(asked[i % ARRAY_SIZE(asked)], 16);
            missing += !held[i];
        }
        left = alloc_fail_left();
        assert_int_equal(missing, left == 0);
        assert_true(left || n < 3 * ARRAY_SIZE(held));
        for (unsigned int i = 0; i < ARRAY_SIZE(held); i++)
            xfree(held[i]);
        assert_true(pages <= before + 6);         /* at most one slab a class stays */
    }
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes), cmocka_unit_test(test_large_is_trimmed), cmocka_unit_test(test_random),
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_fails),
    };
    arena = aligned_alloc(1 << 20, ARENA_PAGES * PAGE_SIZE);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    free(arena);
    return rc;
}
