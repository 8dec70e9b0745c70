/* SPDX-License-Identifier: MIT */
/* Page tables by a grammar: a pool of frames that become tables of all levels, descriptor pages and memory, and a model that
 * says of each operation whether it has to be accepted. What a frame is in use as follows from what has been accepted: pins,
 * base pointers, descriptor tables, grants, windows, and the contents of the tables, which the kernel sees read-only.
 * Whatever happens, a frame is used in one way at a time, and no table changes but by what was accepted. */
#ifndef PRISM_TESTS_TABLES_H
#define PRISM_TESTS_TABLES_H

#include "fuzz/random.h"

#define POOL 64u
#define NOBODY POOL                /* in place of a frame of the pool: none */
#define WINDOWS 32u                /* pages whose mappings change */
#define MOST_GRANTS 8u
#define MOST_GDT 3u

#define P 1ull
#define RW 2ull
#define US 4ull
#define CACHES 0x98ull             /* PWT, PCD, PAT; in upper levels bit 7 makes a large page */
#define ACCESSED 0x60ull           /* the processor's: A, D */
#define GLOBAL 0x100ull
#define NX (1ull << 63)
#define BAD_ENTRY (P | 1ull << 51)   /* beyond any machine's memory: never in a table */
#define FRAME_BITS 0x000ffffffffff000ull
static inline u64 entry_mfn(u64 entry) { return (entry & FRAME_BITS) >> 12; }

enum role { R_NONE, R_L1, R_L2, R_L3, R_L4, R_DESCRIPTORS, R_WRITABLE };
enum guess { NO, YES, MAYBE };
static inline bool is_table(u8 role) { return role >= R_L1 && role <= R_L4; }
static inline bool is_plain(u8 role) { return role == R_NONE || role == R_WRITABLE; }

/* Whose a frame is: nobody's that this kernel may have; the pool's, i + 1; the kernel's, in one role for ever; or the kernel's
 * and never spoken of. */
#define FOREIGN 0
#define KERNEL 0x80
#define HIDDEN 0xff

extern u64 pool[POOL][512];        /* read-only */
extern u8 window[WINDOWS][4096];
extern u64 pool_mfn[POOL], *root;  /* root: the kernel's own level-4 table */
extern u64 kernel_slot;            /* its entry without which there is no kernel: the last */
extern u8 role[POOL];              /* as of the last audit() */
extern u8 hint[POOL];              /* the level that a plain frame has been filled for, or 0 */
extern bool dense[POOL];           /* entries elsewhere than at spots[] */
#define SPOTS 16u
extern const u16 spots[SPOTS];
#define WILD 6u
extern const u16 wild_slots[WILD]; /* of the root: for trees of the pool */

/* What holds frames, beside entries. */
struct grant { u32 frame, handle, ref; bool writable, by_entry; };
extern struct roots {
    u8 pinned[POOL];               /* level, or 0 */
    u32 base, user_base, gdt[MOST_GDT], gdt_pages, ldt;
    struct grant grants[MOST_GRANTS];
    u32 grant_count;
} roots;

/* ---- model.c */
void model_begin(void);
u8 whose(u64 mfn);
bool entry_ok(u32 level, u64 entry);       /* are its bits allowed? */
u64 adjusted(u64 entry);                   /* as it is stored in a table */
bool descriptors_ok(u32 frame);
struct claims { u8 role[POOL]; bool strict; };
struct claims claims_now(void);
/* One more use of a frame, with all that hangs on it. False: impossible; claims are void then. */
bool claim(struct claims *c, u64 mfn, u8 want);
void audit(void);                          /* after each change: role[] by roots and contents, which must not contradict */
void forbidden_slots(u32 frame);           /* of a level-4 table: as they are in the root */

/* An entry that an operation is about. */
struct place { const u64 *p; u64 maddr; u32 frame, index; u8 role; };
struct place pool_place(u32 frame, u32 index);
struct place window_place(u32 n);
struct place root_place(u32 index);
enum guess may_write(const struct place *at, u64 entry, bool io);
void landed(const struct place *at, u64 was, u64 entry, bool preserve);
void unchanged(const struct place *at, u64 was);
struct mapping { struct place at; u64 leaf; bool writable; };
bool walk(u64 va, struct mapping *m);      /* in the kernel's present tables; false: no level-1 table */

/* ---- draw.c */
u32 spot(void);
u32 any_frame(void);
u32 frame_of_role(u8 role_wanted);         /* some; NOBODY: none was met */
u32 plain_frame(void);
u64 draw_entry(u32 level);
u64 draw_change(u64 old, u32 level);       /* at times of the old entry's flags alone */
bool sane(u64 entry);                      /* names nothing that the kernel never speaks of */
struct place any_place(void);
bool deadly(const struct place *at);       /* the kernel would not survive a change */
u64 wild_va(void);

/* ---- operations */
extern u32 operation;
extern bool tell;
void note(const char *what, u64 a, u64 b, u64 c);
noreturn void wrong(const char *why, u64 a, u64 b);
/* Answers of 0 are acceptance. */
void judge(enum guess guess, long answer);
long update(u64 ptr, u64 value, u32 domains);      /* one mmu_update */
long extended(u32 cmd, u64 first, u64 second, u32 domain);

enum counted { C_PIN1, C_PIN2, C_PIN3, C_PIN4, C_REFUSED_PIN, C_BASE, C_USER_BASE, C_STORE, C_STORE_FAULT, C_PROBE,
               C_PROBE_FAULT, C_GRANT, C_GDT, C_LDT, C_TREE, COUNTED };
extern u32 counted[COUNTED];

void op_update(void);        /* updates.c */
void op_update_va(void);
void op_fill(void);
void op_tree(void);
void op_batch(void);
void op_dense(void);
void op_machphys(void);
void pin(u32 frame, u32 level);   /* holds.c */
void op_pin(void);
void op_unpin(void);
void op_base(void);
void op_user_base(void);
void op_page(void);
void op_flush(void);
void op_pins(void);
void op_gdt(void);           /* descriptors.c */
void op_ldt(void);
void op_descriptor(void);
void op_grant(void);         /* grants.c */
void op_ungrant(void);
void give_up_grants(void);
void op_store(void);         /* stores.c */
void op_probe(void);
void op_stale(void);
/* race.c: two vCPUs; what operations know then may be wrong, and is not looked at. */
extern bool racing;
bool race_begin(void);       /* false: there is no second one */
void race(void);
void race_end(void);
void interrupt_soon(void);   /* a timer's: long operations are in pieces */
/* clean.c: everything undone; every frame must be to be had writable then, and may be emptied */
void all_back(bool emptied);
void give_frames_back(void); /* after which there is no pool */

#endif
