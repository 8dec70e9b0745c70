/* SPDX-License-Identifier: MIT */
// sources: xen/mem/frame_audit.c
/* The account of a dying domain's frames: what may be left, what may not, and that all of them are looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "dom/domain.h"
#include "mem/frame.h"

#define FRAMES 40000
static struct frame table[FRAMES];
struct frame *frame_table = table;
mfn_t max_mfn = FRAMES;
static struct domain d;
static jmp_buf away;
static char said[256];

void panic(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(said, sizeof(said), fmt, args);
    va_end(args);
    longjmp(away, 1);
}

static int setup(void **state)
{
    memset(table, 0, sizeof(table));
    d = (struct domain){ .id = 7 };
    return 0;
}

/* "" or what is wrong. */
static const char *audited(bool gone)
{
    said[0] = 0;
    d.audited = 0;
    if (setjmp(away) == 0)
        while (!frames_audit_some(&d, gone))
            ;
    return said;
}

static const char *of_last(bool gone, u64 count, u64 type, u8 flags)
{
    table[FRAMES - 1] = (struct frame){ .owner = 7, .count = count, .type = type, .flags = flags };
    return audited(gone);
}

static void test_all_are_seen(void **state)
{
    unsigned int steps = 1;

    while (!frames_audit_some(&d, false))
        steps++;
    assert_in_range(steps, 2, FRAMES / 2);
    assert_int_equal(d.audited, 0);
    assert_string_equal(of_last(false, FRAME_ALLOCATED | 1, 0, 0),
                        "d7 dies, and frame 9c3f of it is not given up: count 8000000000000001, type 0, flags 0");
}

static void test_may_be_left(void **state)
{
    table[1] = (struct frame){ .owner = 8, .count = FRAME_ALLOCATED | 1 };
    assert_string_equal(audited(true), "");
    assert_string_equal(of_last(true, 0, FRAME_TYPE(FT_L1), 0), "");                /* free */
    assert_string_equal(of_last(true, FRAME_ALLOCATED | 1, FRAME_TYPE(FT_SHARED) | 1, FRAME_F_XENHEAP), "");
    assert_string_equal(of_last(true, 1, 0, FRAME_F_RESERVED), "");
    assert_string_equal(of_last(false, 2, FRAME_TYPE(FT_WRITABLE) | FRAME_VALIDATED | 2, 0), "");
    assert_string_equal(of_last(false, 2, FRAME_TYPE(FT_L2), 0), "");               /* mapped read-only */
}

static void test_may_not(void **state)
{
    assert_non_null(strstr(of_last(false, 2, FRAME_TYPE(FT_L1) | FRAME_PINNED | FRAME_VALIDATED | 1, 0), "only its owner"));
    assert_non_null(strstr(of_last(false, 1, FRAME_TYPE(FT_SEGDESC) | 1, 0), "only its owner"));
    assert_non_null(strstr(of_last(false, 1, FRAME_TYPE(FT_WRITABLE) | 2, 0), "more users"));
    assert_non_null(strstr(of_last(false, 1, FRAME_TYPE(FT_SHARED) | 1, FRAME_F_XENHEAP), "not allocated"));
    assert_non_null(strstr(of_last(false, FRAME_ALLOCATED | 1, FRAME_TYPE(FT_SHARED), FRAME_F_XENHEAP), "no type"));
    assert_non_null(strstr(of_last(true, 1, 0, 0), "owned by nobody"));
    table[FRAMES - 1].owner = 8;
    d.tot_pages = 1;
    assert_string_equal(audited(false), "");
    assert_non_null(strstr(audited(true), "charged with 1 frames"));
    d.tot_pages = 0;
    d.outstanding_pages = 3;
    assert_non_null(strstr(audited(true), "claim of 3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_all_are_seen, setup), cmocka_unit_test_setup(test_may_be_left, setup),
        cmocka_unit_test_setup(test_may_not, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
