/* SPDX-License-Identifier: MIT */
/* Values for hypercalls: mostly such as mean something, at times edges, neighbours of what was answered before, or anything. */
#include <xen/hvm/params.h>

#include "fuzz/fuzz.h"

#define POOL 8

bool mortal;
domid_t neighbour;
static struct { u64 value[POOL]; u32 used; } pools[K_LIVE + 1];
static domid_t self;

void seed_values(u32 seed)
{
    seed_random(seed);
    self = own_domid();
}

void remember(u8 kind, u64 value)
{
    pools[kind].value[pools[kind].used++ % POOL] = value;
}

/* Something answered before, or what is beside it. */
static u64 recall(u8 kind)
{
    u64 value = pools[kind].value[below(POOL)];

    return chance(12) ? value + below(3) - 1 : value;
}

static u64 draw_domid(void)
{
    switch (below(16)) {
    case 0: return 0;
    case 1: return neighbour;
    case 2: return ONE_OF(DOMID_IO, DOMID_XEN, DOMID_COW, DOMID_INVALID, DOMID_IDLE, DOMID_FIRST_RESERVED, 0x8000, 0xffff);
    case 3: return below(12);
    case 4: return any_number();
    case 5: case 6: case 7: return self;
    default: return DOMID_SELF;
    }
}

static u64 draw_port(void)
{
    switch (below(8)) {
    case 0: return below(4200);
    case 1: return any_number();
    case 2: case 3: return below(24);
    default: return recall(K_PORT);
    }
}

static u64 draw_vcpu(void)
{
    return chance(6) ? ONE_OF(2, 31, 32, 63, 64, 127, 128, 8191, 8192, 0x7fffffff, 0xffffffff, ~0ull) : below(2);
}

static u64 draw_frame(void)
{
    u64 frame = chance(12) ? recall(K_FRAME) : world_frame();

    return !mortal && world_needs(frame) ? ~0ull : frame;
}

static u64 draw_pointer(void)
{
    switch (below(12)) {
    case 0: return world_bad_pointer(true);
    case 1: return world_pointer() + below(4096);
    case 2: case 3: return world_pointer();
    case 4: return (unsigned long)output[1] - below(64);
    default: return (unsigned long)output + (below(500) & ~7u);
    }
}

static u64 draw_soon(void)
{
    static u64 now;

    now += 10000;
    return chance(4) ? 1 : start_ns + now + below(3000000);
}

static u64 draw_callback(void)
{
    return (u64)below(3) << 56 | (chance(2) ? 0x20 + below(0xe0) : 0xff);
}

u64 draw(u8 kind, u64 arg)
{
    switch (kind) {
    case K_CONST: return mortal && chance(200) ? any_number() : arg;
    case K_BITS: return chance(12) ? any_number() : random() & random() & arg;
    case K_BELOW: return chance(12) ? any_number() : below((u32)arg + 1 - !chance(8));
    case K_RANGE: return (u32)arg + below((u32)(arg >> 32) - (u32)arg);
    case K_ORDER:
        return chance(8) ? ONE_OF(1, 2, 3, 4, 6, 9, 9, 10, 18, 20, 31, 32, 52, 63, 64, 255, 0xffffffff) : chance(6) ? 1 : 0;
    case K_DOMID: return draw_domid();
    case K_PORT: return draw_port();
    case K_VCPU: return draw_vcpu();
    case K_REF: return chance(8) ? ONE_OF(511, 512, 1023, 1024, 8191, 8192, 32767, 32768, 0x7fffffff, 0xffffffff) : below(40);
    case K_HANDLE: return chance(12) ? any_number() : chance(3) ? below(16) : recall(K_HANDLE);
    case K_FRAME: return draw_frame();
    case K_PLACE: return chance(16) ? world_nowhere() : world_place() + (chance(12) ? below(8) : 0);
    case K_SOON: return draw_soon();
    case K_POINTER: return draw_pointer();
    case K_VECTOR: return (mortal && chance(20) ? 0 : 0x20) + below(0xe0);
    case K_CALLBACK: return draw_callback();
    case K_PTE: case K_TABLE: case K_VA: case K_LIVE: return world_value(kind, arg);
    default: return any_number();
    }
}
