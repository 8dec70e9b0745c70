/* SPDX-License-Identifier: MIT */
/* One hypercall of the grammar: chosen, its structures built in memory that may be in the wrong place, made, its answer looked
 * at and remembered. */
#include "fuzz/fuzz.h"

#define AREA_SIZE (AREA_PAGES * 4096u)
#define MOST_ECHOES 64
#define MOST_DEPTH 4
#define MOST_ENTRIES 8

bool tell;
static u32 used;                      /* bytes of the area */
static u32 list_count;                /* elements of the last list */
static bool list_over;                /* more of them are asked for than there are */
static bool list_first;               /* no list since the last count */
static bool moved;                    /* events are told of where this kernel does not look */
static long last_result;
static u32 total_weight;
static u8 staging[MOST_DEPTH][4096];
static struct { const u8 *at; u8 size, kind; } echoes[MOST_ECHOES];
static unsigned int echo_count;

static const struct book *const books[] = { &book_common, &book_memory, &book_own };

/* ---- Choice */

static bool open_to_choice(const struct call *call)
{
    return mortal || !(call->flags & MORTAL);
}

static const struct call *choose(void)
{
    u32 at = below(total_weight);

    for (unsigned int b = 0; b < ARRAY_SIZE(books); b++)
        for (unsigned int i = 0; i < books[b]->count; i++) {
            const struct call *call = &books[b]->calls[i];

            if (!open_to_choice(call))
                continue;
            if (at < call->weight)
                return call;
            at -= call->weight;
        }
    return &book_common.calls[0];
}

void issue_begin(void)
{
    for (unsigned int b = 0; b < ARRAY_SIZE(books); b++)
        for (unsigned int i = 0; i < books[b]->count; i++)
            if (open_to_choice(&books[b]->calls[i]))
                total_weight += books[b]->calls[i].weight;
}

/* ---- Structures */

static u64 build(const struct field *field, unsigned int depth);

static bool has_pool(u8 kind)
{
    return kind == K_PORT || kind == K_HANDLE || kind == K_FRAME;
}

static void fill(u8 *to, const struct shape *shape, unsigned int depth)
{
    list_first = true;
    if (chance(6))
        for (u32 i = 0; i < shape->size; i++)
            to[i] = (u8)random();
    else
        memset(to, 0, shape->size);
    for (unsigned int i = 0; i < shape->fields; i++) {
        const struct field *field = &shape->field[i];
        u64 value = build(field, depth);

        memcpy(to + field->offset, &value, min((size_t)field->size, sizeof(value)));
    }
}

static void echo(const u8 *at, const struct shape *shape, u32 n)
{
    for (u32 e = 0; e < min(n, 4u); e++)
        for (unsigned int i = 0; i < shape->fields; i++)
            if (has_pool(shape->field[i].kind) && echo_count < MOST_ECHOES) {
                echoes[echo_count].at = at + e * shape->size + shape->field[i].offset;
                echoes[echo_count].size = shape->field[i].size;
                echoes[echo_count++].kind = shape->field[i].kind;
            }
}

/* Where n bytes go: in order, across a page's end, or where the last of them meet the hole. */
static u8 *place(u32 n, u32 *there)
{
    u8 *const end = area[AREA_PAGES];
    u8 *at;

    *there = n;
    if (list_over)
        return end - n;
    if (chance(24)) {
        *there = n - below(min(n, 64u));
        return end - *there;
    }
    if (chance(20))
        used = ((used + 4095) & ~4095u) + 4096 - 1 - below(min(n, 2048u));
    else if (chance(20))
        used += 1 + below(7);
    if (used + n > AREA_SIZE - 8192)
        used = 0;
    at = &area[0][0] + used;
    used += (n + 7) & ~7u;
    return at;
}

static u64 build_list(const struct field *field, unsigned int depth)
{
    const struct shape *shape = field->shape;
    u32 most = min((u32)field->arg & ~TOGETHER, (u32)sizeof(staging[0]) / shape->size);
    u32 n = most == 1 ? 1 : chance(8) ? most : 1 + below(min(most, 4u)), there, before;
    bool over = most > 1 && !(field->arg & TOGETHER) && chance(16), first = list_first;
    u8 *at;

    if (depth == MOST_DEPTH || chance(40)) {
        list_count = first ? n : min(n, list_count);
        list_over = list_first = false;
        return mortal && chance(3) ? world_pointer() : world_bad_pointer(mortal);
    }
    before = list_count;
    for (u32 i = 0; i < n; i++)
        fill(staging[depth] + i * shape->size, shape, depth + 1);
    list_count = first ? n : min(n, before);
    list_over = over;
    list_first = false;
    at = place(n * shape->size, &there);
    memcpy(at, staging[depth], there);
    if (there == n * shape->size)
        echo(at, shape, n);
    return (unsigned long)at;
}

static u64 build_count(void)
{
    if (list_over)
        return list_count + (chance(2) ? 1 + below(5000) : (u32)any_number());
    return chance(10) ? below(list_count + 1) : list_count;
}

static u64 build(const struct field *field, unsigned int depth)
{
    u64 value;

    switch (field->kind) {
    case K_LIST:
        return build_list(field, depth);
    case K_COUNT:
        value = build_count();
        list_over = false;
        list_first = true;
        return value;
    default:
        return draw(field->kind, field->arg);
    }
}

/* ---- The call */

struct made { unsigned long number, args[6]; const char *name; u8 flags; };

static void make(struct made *made)
{
    const struct call *call = choose();

    memset(made, 0, sizeof(*made));
    made->number = call->number;
    made->name = call->name;
    made->flags = call->flags;
    list_first = true;
    for (unsigned int i = 0; i < call->args; i++)
        made->args[i] = (unsigned long)build(&call->arg[i], 0);
    list_over = false;
}

static void say_call(u32 number, const struct made *made, unsigned int entry)
{
    if (tell)
        say("= %ld; %u.%u %s %lu(%lx, %lx, %lx, %lx, %lx)\n", last_result, number, entry, made->name, made->number,
            made->args[0], made->args[1], made->args[2], made->args[3], made->args[4]);
}

static void harvest(void)
{
    for (unsigned int i = 0; i < echo_count; i++) {
        u64 value = 0;

        memcpy(&value, echoes[i].at, min((size_t)echoes[i].size, sizeof(value)));
        remember(echoes[i].kind, value);
    }
}

static void judge(u32 number, const struct made *made, long result)
{
    if (result < -4095 && !(made->flags & ANSWERS))
        FAIL("call %u, %s, answered %ld", number, made->name, result);
    if ((made->flags & DENIED) && !mortal && result >= 0)   /* a mortal one may have made another call of it */
        FAIL("call %u, %s, answered %ld", number, made->name, result);
    if ((made->flags & MOVES) && result == 0)
        moved = true;
}

/* A list of calls. Their results are looked at as those of single ones are, if the list has come to its end and is not where a
 * call may have written over it. */
static u8 several(u32 number)
{
    static struct made made[MOST_ENTRIES];
    static multicall_entry_t entries[MOST_ENTRIES], *list = entries;
    unsigned int n = 1 + below(MOST_ENTRIES);
    u8 flags = 0;
    long result;

    for (unsigned int i = 0; i < n; i++) {
        do
            make(&made[i]);
        while ((made[i].flags & BLOCKS) && !mortal);   /* the calls before it might take away what would end it */
        say_call(number, &made[i], i + 1);
        flags |= made[i].flags;
        entries[i].op = chance(100) ? __HYPERVISOR_multicall : made[i].number;
        entries[i].result = 0;
        for (unsigned int a = 0; a < 6; a++)
            entries[i].args[a] = made[i].args[a];
    }
    if ((flags & BLOCKS) && moved)
        return flags;
    if (flags & BLOCKS)
        world_wake();
    list = entries;
    if (chance(3)) {   /* right before the hole, which ends a list that is said to be longer */
        list = (multicall_entry_t *)(list_page[1] - n * sizeof(entries[0]));
        memcpy(list, entries, n * sizeof(entries[0]));
    }
    result = CALL2(multicall, list, list != entries && chance(8) ? n + (u32)any_number() : n);
    last_result = result;
    judge(number, &(struct made){ .name = "multicall" }, result);
    for (unsigned int i = 0; i < n && result == 0 && list == entries; i++)
        judge(number, &made[i], (long)entries[i].result);
    if (flags & MOVES)
        moved = true;
    return flags;
}

static u8 single(u32 number)
{
    struct made made;
    long result;

    make(&made);
    say_call(number, &made, 0);
    if ((made.flags & BLOCKS) && moved)
        return made.flags;
    if (made.flags & BLOCKS)
        world_wake();
    result = hypercall(made.number, made.args[0], made.args[1], made.args[2], made.args[3], made.args[4], made.args[5]);
    last_result = result;
    judge(number, &made, result);
    if (result >= 0)
        harvest();
    return made.flags;
}

void issue(u32 number)
{
    u8 flags;

    used = chance(2) ? 0 : below(512) & ~7u;
    echo_count = 0;
    flags = chance(12) ? several(number) : single(number);
    if (flags & TRAPS)
        world_restore_traps();
}
