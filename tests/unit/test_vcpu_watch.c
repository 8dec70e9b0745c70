/* SPDX-License-Identifier: MIT */
// sources: xen/dom/vcpu_plight.c
/* Whom the watchdog names: who waits or sleeps for too long, once for each stay, and nobody who has a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <xen/vcpu.h>

#include "dom/domain.h"

#define SECOND 1000000000ull
#define PATIENCE (10 * SECOND)

static struct vcpu_watch w;

static enum vcpu_plight look(const struct vcpu_sight *s, u64 seconds)
{
    return vcpu_watch_look(&w, s, seconds * SECOND, PATIENCE);
}

static int start(void **state)
{
    (void)state;
    w = (struct vcpu_watch){ 0 };
    return 0;
}

static void waits(void **state)
{
    struct vcpu_sight s = { .runstate = RUNSTATE_runnable, .since = 5 * SECOND };

    (void)state;
    assert_int_equal(look(&s, 6), PLIGHT_NONE);
    assert_int_equal(look(&s, 14), PLIGHT_NONE);
    assert_int_equal(look(&s, 15), PLIGHT_WAITS);
    assert_int_equal(look(&s, 16), PLIGHT_NONE);      /* it has been said */
    s.since = 20 * SECOND;                            /* it ran, and waits once more */
    assert_int_equal(look(&s, 29), PLIGHT_NONE);
    assert_int_equal(look(&s, 31), PLIGHT_WAITS);
}

/* The wait's beginning is known, however late the first look. */
static void late_look(void **state)
{
    struct vcpu_sight s = { .runstate = RUNSTATE_runnable, .since = 0 };

    (void)state;
    assert_int_equal(look(&s, 100), PLIGHT_WAITS);
}

static void ahead(void **state)
{
    struct vcpu_sight s = { .runstate = RUNSTATE_runnable, .since = 5 * SECOND + 1 };

    (void)state;
    assert_int_equal(look(&s, 5), PLIGHT_NONE);       /* another CPU's clock may be ahead by a little */
    assert_int_equal(look(&s, 6), PLIGHT_NONE);
}

static void sleeps(void **state)
{
    struct vcpu_sight s = { .runstate = RUNSTATE_blocked, .since = 1 * SECOND, .flags = 1 << VPF_BLOCKED };

    (void)state;
    assert_int_equal(look(&s, 1000), PLIGHT_NONE);    /* there is nothing for it */
    s.pending = true;
    assert_int_equal(look(&s, 1001), PLIGHT_NONE);    /* it may have come just now */
    assert_int_equal(look(&s, 1010), PLIGHT_NONE);
    assert_int_equal(look(&s, 1011), PLIGHT_SLEEPS);
    assert_int_equal(look(&s, 1012), PLIGHT_NONE);
    s.since = 1015 * SECOND;                          /* it woke and sleeps again; then again */
    assert_int_equal(look(&s, 1016), PLIGHT_NONE);
    s.since = 1020 * SECOND;
    assert_int_equal(look(&s, 1027), PLIGHT_NONE);
    s.pending = false;
    assert_int_equal(look(&s, 1030), PLIGHT_NONE);
    s.pending = true;
    assert_int_equal(look(&s, 1038), PLIGHT_NONE);
    assert_int_equal(look(&s, 1048), PLIGHT_SLEEPS);
}

static void device(void **state)
{
    struct vcpu_sight s = { .runstate = RUNSTATE_offline, .since = 3 * SECOND, .flags = 1 << VPF_IO };

    (void)state;
    assert_int_equal(look(&s, 4), PLIGHT_NONE);
    assert_int_equal(look(&s, 14), PLIGHT_DEVICE);
}

static void reasons(void **state)
{
    struct vcpu_sight sights[] = {
        { .runstate = RUNSTATE_running },
        { .runstate = RUNSTATE_offline, .flags = 1 << VPF_DOWN },
        { .runstate = RUNSTATE_offline, .flags = 1 << VPF_IO, .paused = true },
        { .runstate = RUNSTATE_offline, .paused = true },
        { .runstate = RUNSTATE_blocked, .flags = 1 << VPF_BLOCKED, .pending = true, .paused = true },
        { .runstate = RUNSTATE_blocked, .flags = 1 << VPF_BLOCKED | 1 << VPF_DOWN, .pending = true },
    };

    (void)state;
    for (unsigned int i = 0; i < ARRAY_SIZE(sights); i++) {
        w = (struct vcpu_watch){ 0 };
        for (u64 seconds = 1; seconds < 100; seconds++)
            assert_int_equal(look(&sights[i], seconds), PLIGHT_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(waits, start), cmocka_unit_test_setup(late_look, start), cmocka_unit_test_setup(ahead, start),
        cmocka_unit_test_setup(sleeps, start), cmocka_unit_test_setup(device, start), cmocka_unit_test_setup(reasons, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
