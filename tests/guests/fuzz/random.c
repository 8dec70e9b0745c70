/* SPDX-License-Identifier: MIT */
/* Numbers by a seed. */
#include "fuzz/random.h"
#include "lib/vcpu.h"

#define STACK 16384u   /* bytes of the second vCPU's */

static u64 states[2];

bool second_vcpu(void)
{
    return (unsigned long)second_vcpu_stack_end - (unsigned long)__builtin_frame_address(0) < STACK;
}

void seed_random(u32 seed)
{
    states[0] = 0x9e3779b97f4a7c15ull * (seed + 1ull);
    states[1] = ~states[0];
}

u64 random(void)
{
    u64 *state = &states[second_vcpu()];

    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

u32 below(u32 n)
{
    return (u32)((random() >> 32) * n >> 32);
}

u64 one_of(const u64 *values, unsigned int n)
{
    return values[below(n)];
}

u64 any_number(void)
{
    switch (below(6)) {
    case 0: return below(20);
    case 1: return 1ull << below(64);
    case 2: return (1ull << below(64)) - 1;
    case 3: return random();
    case 4: return (u32)random();
    default:
        return ONE_OF(0, 1, 0x7f, 0xff, 0x7fff, 0xfff, 0x1000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe,
                      0x7ff0, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, ~0ull, ~0ull - 1, -4096ull);
    }
}
