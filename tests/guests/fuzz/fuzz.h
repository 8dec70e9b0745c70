/* SPDX-License-Identifier: MIT */
/* Hypercalls by a grammar: what a call is made of (tables over the public headers' structures), from which values are drawn,
 * and the world in which they mean something. All of it belongs to the first vCPU. */
#ifndef PRISM_TESTS_FUZZ_H
#define PRISM_TESTS_FUZZ_H

#include "fuzz/random.h"

/* What a field or an argument holds, by which its value is drawn; arg is the kind's own. */
enum kind {
    K_CONST,             /* arg; rarely something else */
    K_BITS,              /* some of the bits of arg; rarely others */
    K_BELOW,             /* less than arg; rarely as much or more */
    K_RANGE,             /* nothing but that: RANGE() */
    K_NUMBER,            /* any, often at an edge */
    K_ORDER,             /* of an extent: mostly 0 */
    K_DOMID, K_PORT, K_VCPU, K_REF, K_HANDLE, K_FRAME,
    K_PLACE,             /* an address for a granted page */
    K_SOON,              /* nanoseconds of system time that are over, or will be in some ms */
    K_POINTER,           /* to memory for output, or to none */
    K_LIST,              /* a pointer to up to arg elements of a shape; TOGETHER: with another list that the same count is of */
    K_COUNT,             /* as many as the list before it has; or far too many, and then the list ends at a hole */
    K_VECTOR,            /* that an interrupt may have */
    K_CALLBACK,          /* HVM_PARAM_CALLBACK_IRQ */
    K_PTE, K_TABLE, K_VA,   /* of a kernel in ring 3: page table entry, mmu_update's ptr, an address whose mapping may change */
    K_LIVE,              /* arg: which of the kernel's own entry points (world_pv.c) */
};

struct shape;
struct field { u16 offset; u8 size, kind; u64 arg; const struct shape *shape; };
struct shape { u16 size; u8 fields; const struct field *field; };

#define SHAPE(name, type, ...) \
    static const struct field name##_fields[] = { __VA_ARGS__ }; \
    static const struct shape name = { sizeof(type), ARRAY_SIZE(name##_fields), name##_fields }
#define F(type, member, kind, arg) { offsetof(type, member), sizeof(((type *)0)->member), kind, arg, NULL }
#define F_LIST(type, member, most, shape) { offsetof(type, member), sizeof(((type *)0)->member), K_LIST, most, &(shape) }
#define ELEMENT(type, kind, arg) { 0, sizeof(type), kind, arg, NULL }

#define TOGETHER 0x10000u
#define RANGE(first, end) ((u64)(end) << 32 | (first))
#define MOST_ARGS 5
struct call {
    const char *name;
    u16 number;
    u8 weight, flags, args;
    struct field arg[MOST_ARGS];
};
#define MORTAL 1u        /* the kernel may not live on: for lives that may end so */
#define DENIED 2u        /* must not be answered with success */
#define BLOCKS 4u        /* something has to wake the vCPU */
#define TRAPS 8u         /* the kernel's own entry points have to be restored */
#define ANSWERS 32u      /* with any number */
#define MOVES 16u        /* events are told of in another place from now on */

#define VALUE(kind, arg) { 0, sizeof(long), kind, arg, NULL }
#define LIST(most, shape) { 0, sizeof(long), K_LIST, most, &(shape) }
#define CALL(what, n, weight, flags, ...) \
    { what, __HYPERVISOR_##n, weight, flags, sizeof((struct field[]){ __VA_ARGS__ }) / sizeof(struct field), { __VA_ARGS__ } }
#define OP(cmd, n, weight, flags, ...) NAMED_OP(#cmd, cmd, n, weight, flags, __VA_ARGS__)
#define NAMED_OP(name, cmd, n, weight, flags, ...) CALL(name, n, weight, flags, VALUE(K_CONST, cmd), __VA_ARGS__)
struct book { const struct call *calls; unsigned int count; };
#define BOOK(calls) { calls, ARRAY_SIZE(calls) }
extern const struct book book_common, book_memory, book_own;

/* ---- Values (values.c). Deterministic: by the seed and by what calls answered. */
extern bool mortal;
extern domid_t neighbour;
void seed_values(u32 seed);
u64 draw(u8 kind, u64 arg);                /* of kinds other than K_LIST and K_COUNT */
void remember(u8 kind, u64 value);         /* what a call answered: later calls may use it */

/* ---- The world (world.c, world_pv.c, world_hw.c) */
#define ARENA_PAGES 64u
#define AREA_PAGES 16u
extern u8 area[AREA_PAGES + 1][4096];      /* arguments; the last page is none */
extern u8 read_only[4096];
extern u8 list_page[2][4096];              /* for a multicall's list; the second page is none */
extern u8 output[2][4096];                 /* likewise, for what calls write at any time */
extern u64 start_ns;
const char *world_words(void);             /* the kernel's command line */
void world_begin(void);
void world_refresh(void);                  /* makes good what calls have taken away, as far as that can be had */
void world_restore_traps(void);
void world_scribble(void);                 /* changes memory that calls are about */
void world_common(void);
volatile struct shared_info *world_shared_info(void);   /* where it can be reached for certain */
bool world_interrupted(void);              /* after each interrupt; false: there should be no more for now */
u64 grant_entry(void);                     /* of a table of the first version */
void world_wake(void);                     /* sees to it that the next block ends */
u64 world_frame(void);
bool world_needs(u64 frame);               /* is the kernel gone without it? */
u64 world_place(void);
u64 world_value(u8 kind, u64 arg);         /* kinds of its own */
u64 world_nowhere(void);                   /* an address that is for nothing, and where nothing of the kernel's is */
unsigned long world_pointer(void);         /* to a page of the arena */
unsigned long world_bad_pointer(bool readable);   /* to nothing; or, if it may be, to what is there and not for this */

/* ---- Calls (issue.c) */
extern bool tell;                          /* each call is said */
void issue_begin(void);
void issue(u32 number);                    /* one hypercall */

#endif
