/* SPDX-License-Identifier: MIT */
// sources: xen/dom/fair_queue.c
/* The fair scheduler's arithmetic on a made-up CPU: shares by weight, sleepers, newcomers, moves between CPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dom/fair_queue.h"

#define MS 1000000ULL
#define MAX 32

struct task { struct fair_entity e; u32 weight; u64 ran; };
static struct task tasks[MAX];
static struct fair_queue q;

static struct task *task_of(struct fair_entity *e) { return container_of(e, struct task, e); }

static void start(unsigned int n, const u32 *weights, u64 clock)
{
    fair_queue_init(&q);
    q.min_vruntime = clock;
    for (unsigned int i = 0; i < n; i++) {
        fair_entity_init(&tasks[i].e);
        tasks[i].weight = weights[i];
        tasks[i].ran = 0;
        tasks[i].e.vruntime = clock;
        fair_insert(&q, &tasks[i].e);
    }
}

/* The first one runs for ns, then queues again. */
static struct task *run_first(u64 ns)
{
    struct task *t = task_of(fair_first(&q));

    fair_remove(&q, &t->e);
    fair_charge(&t->e, ns, t->weight);
    t->ran += ns;
    fair_advance(&q, &t->e);
    fair_insert(&q, &t->e);
    return t;
}

/* Each one's share of the time is its share of the weights, to 1%, whatever the slices' lengths. */
static void check_shares(unsigned int n, const u32 *weights, u64 clock)
{
    u64 total = 0, sum = 0;

    start(n, weights, clock);
    for (int i = 0; i < 100000; i++)
        run_first(MS / 10 + (u64)rand() % FAIR_SLICE);
    for (unsigned int i = 0; i < n; i++) {
        total += tasks[i].ran;
        sum += weights[i];
    }
    for (unsigned int i = 0; i < n; i++) {
        double share = (double)tasks[i].ran / (double)total, wanted = (double)weights[i] / (double)sum;

        assert_true(share > wanted * 0.99 && share < wanted * 1.01);
    }
}

static void shares(void **state)
{
    static const u32 equal[] = { 256, 256, 256 }, mixed[] = { 256, 512, 64, 1024 }, extreme[] = { 4096, 64, 64 };

    check_shares(3, equal, 0);
    check_shares(4, mixed, 0);
    check_shares(3, extreme, 12345678);
    check_shares(4, mixed, ~0ULL - 1000 * MS);   /* clocks wrap */
}

static void order(void **state)
{
    static const u32 equal[] = { 256, 256, 256 };

    start(3, equal, 0);
    for (int i = 0; i < 9; i++)
        assert_ptr_equal(run_first(MS), &tasks[i % 3]);   /* of equals, who came first */
    assert_int_equal(q.count, 3);
    assert_int_equal(q.min_vruntime, 3 * MS);
}

/* After a long sleep one gets the CPU soon, but does not keep it until it has caught up. */
static void sleeper(void **state)
{
    static const u32 equal[] = { 256, 256 };
    u64 before;

    start(2, equal, 0);
    fair_remove(&q, &tasks[1].e);
    for (int i = 0; i < 1000; i++)
        run_first(FAIR_SLICE);
    fair_place_waker(&q, &tasks[1].e);
    assert_true(fair_preempts(&tasks[1].e, &tasks[0].e));
    fair_insert(&q, &tasks[1].e);
    before = tasks[0].ran;
    tasks[1].ran = 0;
    for (int i = 0; i < 100; i++)
        run_first(MS);
    assert_true(tasks[0].ran - before >= 45 * MS);
    assert_true(tasks[1].ran >= 50 * MS);
    assert_false(fair_preempts(&tasks[1].e, &tasks[0].e));
}

/* A short nap earns nothing: its own time counts. */
static void napper(void **state)
{
    static const u32 equal[] = { 256, 256 };
    u64 own;

    start(2, equal, 0);
    fair_remove(&q, &tasks[1].e);
    fair_charge(&tasks[1].e, 50 * MS, 256);
    own = tasks[1].e.vruntime;
    run_first(MS);
    fair_place_waker(&q, &tasks[1].e);
    assert_int_equal(tasks[1].e.vruntime, own);
}

static void moving(void **state)
{
    struct fair_queue other;
    struct fair_entity e;

    fair_queue_init(&q);
    fair_queue_init(&other);
    q.min_vruntime = 5000 * MS;
    other.min_vruntime = 10 * MS;
    fair_entity_init(&e);
    e.vruntime = q.min_vruntime + 3 * MS;
    fair_rebase(&e, &q, &other);
    assert_int_equal(e.vruntime, other.min_vruntime + 3 * MS);
    fair_rebase(&e, &other, &q);
    assert_int_equal(e.vruntime, 5003 * MS);
}

static void yielding(void **state)
{
    static const u32 equal[] = { 256, 256 };
    struct fair_entity *first;

    start(2, equal, 0);
    first = fair_first(&q);
    fair_remove(&q, first);
    fair_yield(&q, first);
    fair_insert(&q, first);
    assert_ptr_not_equal(fair_first(&q), first);
    fair_remove(&q, fair_first(&q));
    fair_remove(&q, first);
    fair_yield(&q, first);   /* alone: nobody to yield to */
    assert_int_equal(q.count, 0);
    assert_false(fair_queued(first));
}

static u64 weights_in(const struct fair_queue *queue)
{
    struct fair_entity *e;
    u64 sum = 0;

    list_for_each(e, &queue->entities, link)
        sum += task_of(e)->weight;
    return sum;
}

/* One of two made-up CPUs runs its first for a slice, and gives as the scheduler does. */
static void turn(struct fair_queue *mine, struct fair_queue *other)
{
    struct task *t = task_of(fair_first(mine));

    fair_remove(mine, &t->e);
    fair_charge(&t->e, FAIR_SLICE, t->weight);
    t->ran += FAIR_SLICE;
    fair_advance(mine, &t->e);
    if (mine->count && fair_gives(fair_lag(mine, other), weights_in(mine) + t->weight, weights_in(other))) {
        struct fair_entity *e = fair_first(mine);

        fair_remove(mine, e);
        fair_rebase_fully(e, mine, other);
        fair_insert(other, e);
    }
    fair_insert(mine, &t->e);
}

/* Wherever they begin, and however far the CPUs' clocks are apart. */
static void check_balance(unsigned int n, const u32 *weights, unsigned int on_first)
{
    struct fair_queue queues[2];
    u64 sum = 0, total = 0;

    for (int i = 0; i < 2; i++)
        fair_queue_init(&queues[i]);
    queues[1].min_vruntime = 777777 * MS;
    for (unsigned int i = 0; i < n; i++) {
        struct fair_queue *start_at = &queues[i >= on_first];

        tasks[i] = (struct task){ .weight = weights[i] };
        fair_entity_init(&tasks[i].e);
        tasks[i].e.vruntime = start_at->min_vruntime;
        fair_insert(start_at, &tasks[i].e);
        sum += weights[i];
    }
    for (int i = 0; i < 20000; i++)
        turn(&queues[i % 2], &queues[(i + 1) % 2]);
    for (unsigned int i = 0; i < n; i++)
        total += tasks[i].ran;
    for (unsigned int i = 0; i < n; i++) {
        double share = (double)tasks[i].ran / (double)total, wanted = (double)weights[i] / (double)sum;

        assert_true(share > wanted * 0.98 && share < wanted * 1.02);
    }
}

static void balance(void **state)
{
    static const u32 equal[] = { 256, 256, 256, 256, 256 }, mixed[] = { 512, 512, 768 }, halves[] = { 256, 256, 512, 512 };

    for (unsigned int first = 1; first < 3; first++) {
        check_balance(3, equal, first);
        check_balance(5, equal, first);
        check_balance(3, mixed, first);
        check_balance(4, halves, first);
    }
}

/* With equal weights on both CPUs nobody moves, whatever their clocks say; nor from one that has had more. */
static void settled(void **state)
{
    struct fair_queue other;

    assert_false(fair_gives((s64)FAIR_LAG_MOST, 512, 512));
    assert_false(fair_gives((s64)FAIR_LAG_MOST, 512, 768));
    assert_false(fair_gives((s64)FAIR_LAG - 1, 768, 512));
    assert_false(fair_gives(-(s64)FAIR_LAG, 768, 512));
    assert_true(fair_gives((s64)FAIR_LAG, 768, 512));
    fair_queue_init(&q);
    fair_queue_init(&other);
    other.min_vruntime = ~0ULL - 5 * MS;         /* clocks wrap */
    assert_int_equal(fair_lag(&q, &other), -5 * (s64)MS - 1);
    assert_int_equal(fair_lag(&other, &q), 5 * (s64)MS + 1);
    other.min_vruntime = 5000 * MS;              /* one that was idle is not owed all of that time */
    assert_int_equal(fair_lag(&q, &other), FAIR_LAG_MOST);
    other.min_vruntime += MS;
    assert_int_equal(fair_lag(&other, &q), -(s64)FAIR_LAG_MOST);
    q.min_vruntime += 6 * MS;
    assert_int_equal(fair_lag(&q, &other), FAIR_LAG_MOST - 6 * MS);
}

/* It wakes another `wakes` times, `gap` ns apart, then sleeps. Returns how often it was let go on. */
static unsigned int ran_on(struct fair_habit *h, u64 *now, unsigned int wakes, u64 gap)
{
    unsigned int on = 0;

    for (unsigned int i = 0; i < wakes; i++, *now += gap) {
        if (fair_sleeps_soon(h, *now))
            fair_learn(h, *now, false);
        else
            on++;
    }
    fair_learn(h, *now, true);
    return on;
}

static void habits(void **state)
{
    struct fair_habit h = { .asked = 0 };
    unsigned int on = 0;
    u64 now = 1000;

    for (int i = 0; i < 320; i++)
        on += ran_on(&h, &now, 1, FAIR_SOON / 5);
    assert_int_equal(on, 320 / FAIR_TRIES);      /* one that waits for answers makes way, but for the tries */
    for (int i = 0; i < 3; i++)
        (void)ran_on(&h, &now, 2 * FAIR_TRIES - 10, FAIR_SOON / 5);
    assert_int_equal(ran_on(&h, &now, FAIR_TRIES, FAIR_SOON / 5), FAIR_TRIES);   /* one with more to do is let do it */
    for (int i = 0; i < FAIR_BELIEF; i++)
        assert_int_equal(ran_on(&h, &now, 1, FAIR_SOON / 5), 1);
    assert_int_equal(ran_on(&h, &now, 1, FAIR_SOON / 5), 0);                       /* and back */
    h = (struct fair_habit){ .went_on = 1 };
    assert_false(fair_sleeps_soon(&h, now));
    fair_learn(&h, now + FAIR_SOON / 2, false);  /* interrupted before it has shown anything */
    assert_int_equal(h.went_on, 1);
    fair_learn(&h, now + FAIR_SOON / 2, true);   /* nobody was put off */
    assert_int_equal(h.went_on, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares), cmocka_unit_test(order), cmocka_unit_test(sleeper), cmocka_unit_test(napper),
        cmocka_unit_test(moving), cmocka_unit_test(yielding), cmocka_unit_test(habits),
        cmocka_unit_test(balance), cmocka_unit_test(settled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
