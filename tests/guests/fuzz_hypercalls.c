/* SPDX-License-Identifier: MIT */
// modes: pv pvh64 pvh32 hvm32
/* A life of hypercalls by a grammar (fuzz/fuzz.h), with the words that the kernel is given: seed=, calls=, mortal=1 if what
 * may end it is among them, neighbour= a domain's number, tell= the call from which on each is said. The same seed makes the
 * same calls. It says how far it has come, on lines of its own since calls write to the console too, and ends well, or with
 * what it has found. */
#include "fuzz/fuzz.h"
#include "lib/console.h"
#include "lib/words.h"

#define STEP 1024u            /* calls between what is said */
#define MORTAL_STEP 64u
#define REFRESH 256u
#define WITNESSES 4096

static u32 seed, calls_done;
static u8 witness[WITNESSES];

/* Debug exceptions and NMIs are what calls have asked for. Others end the life: it has brought them upon itself. */
static bool on_trap(struct trap_frame *frame)
{
    if (frame->vector == 1 || frame->vector == 2 || frame->vector == 3) {
        frame->rflags |= 0x10000;
        return true;
    }
    if (frame->vector >= 32 && !world_interrupted())
        frame->rflags &= ~0x200u;
    if (!trap_resume && frame->vector < 32) {
        say("\nFUZZ seed %u calls %u trap %lu at %lx\n", seed, calls_done, (unsigned long)frame->vector,
            (unsigned long)frame->rip);
        finish();
    }
    return false;
}

static void look_at_witnesses(void)
{
    for (u32 i = 0; i < WITNESSES && !mortal; i++)
        if (witness[i] != (u8)(i * 7)) {
            FAIL("call %u or one before it: memory that none was about has changed", calls_done);
            return;
        }
}

void test_main(void)
{
    u32 calls = number_in(world_words(), "calls=", 1000), from = number_in(world_words(), "tell=", ~0u), step;

    seed = number_in(world_words(), "seed=", 1);
    mortal = number_in(world_words(), "mortal=", 0);
    neighbour = (domid_t)number_in(world_words(), "neighbour=", 0);
    step = number_in(world_words(), "step=", mortal ? MORTAL_STEP : STEP);
    for (u32 i = 0; i < WITNESSES; i++)
        witness[i] = (u8)(i * 7);
    console_attach(NULL, 0);
    seed_values(seed);
    world_begin();
    issue_begin();
    trap_hook = on_trap;
    say("FUZZ seed %u calls 0 of %u\n", seed, calls);
    for (calls_done = 0; calls_done < calls; calls_done++) {
        tell = calls_done >= from;
        issue(calls_done);
        if (chance(4))
            world_scribble();
        if (calls_done % REFRESH == REFRESH - 1)
            world_refresh();
        if (calls_done % step == step - 1) {
            look_at_witnesses();
            say("\nFUZZ seed %u calls %u\n", seed, calls_done + 1);
        }
    }
    look_at_witnesses();
    say("\nFUZZ seed %u calls %u over\n", seed, calls_done);
}
