/* SPDX-License-Identifier: MIT */
// modes: pv
/* A life of page-table operations (tables/tables.h), with the words that the kernel is given: seed=, calls= operations, tell=
 * the operation from which on each is said, step= how often it says how far it is. The same seed makes the same operations. */
#include <xen/vcpu.h>

#include "lib/console.h"
#include "lib/words.h"
#include "tables/tables.h"

#define CLEAN 512u            /* operations between two times when all is undone */
#define RACE 2u               /* so many of them between two races, if there is a second vCPU */
#define ENOUGH 2000u          /* operations after which each kind of them must have been accepted */

static const struct { u8 weight; void (*make)(void); } operations[] = {
    { 34, op_update }, { 30, op_update_va }, { 30, op_fill }, { 26, op_pin }, { 8, op_unpin }, { 24, op_store },
    { 20, op_probe }, { 6, op_stale }, { 8, op_tree }, { 4, op_base }, { 5, op_user_base }, { 6, op_page }, { 5, op_flush },
    { 2, op_pins }, { 4, op_gdt },
    { 4, op_descriptor }, { 3, op_ldt }, { 5, op_grant }, { 4, op_ungrant }, { 6, op_batch },
    { 2, op_dense }, { 3, op_machphys },
};

u32 operation, counted[COUNTED];
bool tell;
static struct { const char *what; u64 a, b, c; } noted;
static u32 seed;

static const char *words(void)
{
    return (const char *)start_info->cmd_line;
}

void note(const char *what, u64 a, u64 b, u64 c)
{
    noted.what = what;
    noted.a = a;
    noted.b = b;
    noted.c = c;
    if (tell)
        say("%u %s %lx %lx %lx\n", operation, what, a, b, c);
}

void wrong(const char *why, u64 a, u64 b)
{
    FAIL("%u, %s %lx %lx %lx: %s: %lx %lx", operation, noted.what, noted.a, noted.b, noted.c, why, a, b);
    finish();
}

void judge(enum guess guess, long answer)
{
    if (answer > 0 || answer < -4095)
        wrong("strange answer", (u64)answer, 0);
    if (racing)
        return;
    if (guess == YES && answer)
        wrong("refused", (u64)-answer, 0);
    if (guess == NO && !answer)
        wrong("accepted", 0, 0);
}

long update(u64 ptr, u64 value, u32 domains)
{
    mmu_update_t one = { .ptr = ptr, .val = value };

    return CALL4(mmu_update, &one, 1, NULL, domains);
}

long extended(u32 cmd, u64 first, u64 second, u32 domain)
{
    struct mmuext_op op = { .cmd = cmd };

    op.arg1.mfn = first;
    op.arg2.src_mfn = second;
    return CALL4(mmuext_op, &op, 1, NULL, domain);
}

void interrupt_soon(void)
{
    struct vcpu_set_singleshot_timer timer = { .timeout_abs_ns = now_ns() + below(40000) };

    CALL3(vcpu_op, VCPUOP_set_singleshot_timer, second_vcpu(), &timer);
}

static void operate(void)
{
    u32 total = 0, at;

    for (u32 i = 0; i < ARRAY_SIZE(operations); i++)
        total += operations[i].weight;
    at = below(total);
    if (chance(5))
        interrupt_soon();
    for (u32 i = 0; i < ARRAY_SIZE(operations); i++) {
        if (at < operations[i].weight) {
            operations[i].make();
            break;
        }
        at -= operations[i].weight;
    }
    audit();
}

static void say_counted(u32 calls)
{
    static const char *const names[COUNTED] = {
        "pin 1", "pin 2", "pin 3", "pin 4", "refused pin", "base", "user base", "store", "faulting store", "probe",
        "faulting probe", "grant", "gdt", "ldt", "tree"
    };

    for (u32 i = 0; i < COUNTED; i++) {
        say("%s %u%s", names[i], counted[i], i + 1 < COUNTED ? ", " : "\n");
        if (calls >= ENOUGH && !counted[i])
            verdict(ERROR, "no operation did this: %s", names[i]);
    }
}

static void clean(bool two)
{
    bool races = two && operation / CLEAN % RACE == 0;

    all_back(races || !chance(4));
    if (races) {
        race();
        all_back(true);
    }
}

void test_main(void)
{
    u32 calls = number_in(words(), "calls=", 1000), from = number_in(words(), "tell=", ~0u);
    u32 step = number_in(words(), "step=", 1024);

    bool two;

    seed = number_in(words(), "seed=", 1);
    console_attach(NULL, 0);
    seed_random(seed);
    model_begin();
    two = race_begin();
    say("FUZZ seed %u calls 0 of %u\n", seed, calls);
    for (operation = 0; operation < calls; operation++) {
        tell = operation >= from;
        operate();
        if (operation % CLEAN == CLEAN - 1)
            clean(two);
        if (operation % step == step - 1)
            say("FUZZ seed %u calls %u\n", seed, operation + 1);
    }
    all_back(true);
    give_frames_back();
    say_counted(calls);
    race_end();
    say("FUZZ seed %u calls %u over\n", seed, operation);
}
