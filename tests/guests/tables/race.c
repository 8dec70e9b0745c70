/* SPDX-License-Identifier: MIT */
/* Two vCPUs at the same tables at once: nobody can say what is accepted, but when both have come to an end the tables must be
 * in order, and the stores of the second vCPU, which go on while mappings and uses change, must be in none of them. */
#include "tables/tables.h"

#define OPERATIONS 96u          /* of a vCPU in a race */
#define STORES_EACH 4u          /* of the second vCPU before each operation */

bool racing;
static volatile u32 wanted, done;
static u32 stores, faults;      /* of the second vCPU's stores */

static void (*const operations[])(void) = {
    op_update, op_update, op_update, op_update_va, op_update_va, op_update_va, op_fill, op_fill, op_pin, op_pin, op_unpin,
    op_pins, op_page, op_flush, op_batch, op_dense, op_tree,
};

static void operate(void)
{
    if (chance(6))
        interrupt_soon();
    operations[below(ARRAY_SIZE(operations))]();
}

/* A store that a mapping does not allow is left out. */
static void store_somewhere(void)
{
    if (!store_unless_fault((u64 *)window[below(WINDOWS)] + spot(), BAD_ENTRY))
        faults++;
}

static void second(void)
{
    for (;;) {
        while (wanted == done)
            nap(1000000);
        for (u32 i = 0; i < OPERATIONS; i++) {
            for (u32 n = 0; n < STORES_EACH; n++, stores++)
                store_somewhere();
            operate();
        }
        done = wanted;
    }
}

bool race_begin(void)
{
    if (vcpus() < 2)
        return false;
    allow_faulting_stores();
    return start_second_vcpu(second);
}

/* Before and after it all is undone. */
void race(void)
{
    racing = true;
    wanted++;
    for (u32 i = 0; i < OPERATIONS; i++)
        operate();
    while (done != wanted)
        CALL2(sched_op, SCHEDOP_yield, 0);
    racing = false;
    note("race", wanted, 0, 0);
    for (u32 i = 0; i < POOL; i++)
        dense[i] = true;
    audit();
}

void race_end(void)
{
    say("races %u, stores in them %u, of which faults %u\n", wanted, stores, faults);
    if (wanted && (!faults || faults == stores))
        verdict(ERROR, "the stores of the second vCPU meet with nothing");
}
