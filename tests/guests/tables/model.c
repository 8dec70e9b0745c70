/* SPDX-License-Identifier: MIT */
/* What may become of a page-table entry, and what frames are in use as. AMD64 APM vol. 2, 5.3; public header xen/xen.h. */
#include "tables/tables.h"

#define FRAMES (1u << 20)          /* of the machine: 4 GiB */
#define FIRST_RESERVED 256u        /* of the level-4 slots that are the hypervisor's */
#define LAST_RESERVED 271u

u64 pool[POOL][512] __attribute__((__aligned__(POOL * 4096)));
u8 window[WINDOWS][4096] __attribute__((__aligned__(WINDOWS * 4096)));
u64 pool_mfn[POOL], *root, kernel_slot;
u8 role[POOL], hint[POOL];
bool dense[POOL];
struct roots roots = { .base = NOBODY, .user_base = NOBODY, .ldt = NOBODY };
const u16 spots[SPOTS] = { 0, 1, 2, 3, 7, 128, 255, 256, 257, 258, 271, 272, 300, 509, 510, 511 };
const u16 wild_slots[WILD] = { 0, 1, 255, 272, 300, 510 };
static u8 owner[FRAMES];
static const u64 *windows;         /* their entries */
static u64 windows_maddr, root_maddr, address_bits;

static bool reserved_slot(u32 level, u32 i)
{
    return level == 4 && i >= FIRST_RESERVED && i <= LAST_RESERVED;
}

u8 whose(u64 mfn)
{
    return mfn < FRAMES ? owner[mfn] : FOREIGN;
}

/* ---- The kernel's own frames */

static void note_kernel(u64 mfn, u32 level)
{
    const u64 *table = page_of_mfn(mfn);

    owner[mfn] = KERNEL | (u8)(R_L1 + level - 1);
    for (u32 i = 0; i < 512; i++) {
        u64 entry = table[i];

        if (!(entry & P) || reserved_slot(level, i))
            continue;
        if (level > 1)
            note_kernel(entry_mfn(entry), level - 1);
        else if ((entry & RW) && entry_mfn(entry) < FRAMES)
            owner[entry_mfn(entry)] = KERNEL | R_WRITABLE;
    }
}

void model_begin(void)
{
    const u64 *frames = (const u64 *)start_info->mfn_list;
    u32 eax = 0x80000008, ebx, ecx = 0, edx;

    asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
    address_bits = FRAME_BITS & ((1ull << (eax & 0xff)) - 1);
    shared_info_page();
    grant_table();
    root = (u64 *)start_info->pt_base;
    root_maddr = va_to_mfn(root) << 12;
    kernel_slot = root[511];
    windows = &table_of(window[0], 1)[(u64)window[0] >> 12 & 511];
    windows_maddr = entry_address(window[0], 1);
    for (u64 pfn = 0; pfn < start_info->nr_pages; pfn++)
        if (frames[pfn] < FRAMES)
            owner[frames[pfn]] = HIDDEN;
    for (u32 i = 0; i < POOL; i++) {
        pool_mfn[i] = va_to_mfn(pool[i]);
        EXPECT("a page to read", CALL3(update_va_mapping, pool[i], pool_mfn[i] << 12 | PTE_RO_FLAGS, UVMF_INVLPG), 0);
    }
    for (u32 i = 0; i < WINDOWS; i++)
        EXPECT("a window", CALL3(update_va_mapping, window[i], 0, UVMF_INVLPG), 0);
    note_kernel(root_maddr >> 12, 4);
    for (u32 i = 0; i < POOL; i++)
        owner[pool_mfn[i]] = (u8)(i + 1);
}

/* ---- Entries and descriptors by themselves */

bool entry_ok(u32 level, u64 entry)
{
    u64 allowed = P | RW | US | ACCESSED | 0xe00 | 0x7ffull << 52 | NX | address_bits;

    return !(entry & ~(level == 1 ? allowed | CACHES | GLOBAL : allowed));
}

u64 adjusted(u64 entry)
{
    return entry & P ? (entry | US) & ~GLOBAL : entry;
}

/* Present gates and system descriptors are refused. */
bool descriptors_ok(u32 frame)
{
    for (u32 i = 0; i < 512; i++)
        if ((pool[frame][i] & 1ull << 47) && !(pool[frame][i] & 1ull << 44) && (pool[frame][i] & 15ull << 40))
            return false;
    return true;
}

/* ---- Uses */

struct claims claims_now(void)
{
    struct claims c = { .strict = false };

    memcpy(c.role, role, sizeof(role));
    return c;
}

static bool claim_entry(struct claims *c, u32 level, u32 i, u64 entry)
{
    if (!(entry & P) || reserved_slot(level, i))
        return true;
    if (!entry_ok(level, entry) || (c->strict && entry != adjusted(entry)))
        return false;
    if (level > 1)
        return claim(c, entry_mfn(entry), (u8)(R_L1 + level - 2));
    return entry & RW ? claim(c, entry_mfn(entry), R_WRITABLE) : whose(entry_mfn(entry)) != FOREIGN;
}

bool claim(struct claims *c, u64 mfn, u8 want)
{
    u8 who = whose(mfn);
    u32 frame = who - 1u;

    if (who == HIDDEN)
        return true;
    if (who == FOREIGN || (who & KERNEL))
        return who == (KERNEL | want);
    if (c->role[frame] != R_NONE)
        return c->role[frame] == want;
    c->role[frame] = want;
    if (want == R_DESCRIPTORS)
        return descriptors_ok(frame);
    if (!is_table(want))
        return true;
    for (u32 n = 0; n < (dense[frame] ? 512 : SPOTS); n++) {
        u32 i = dense[frame] ? n : spots[n];

        if (!claim_entry(c, want - R_L1 + 1u, i, pool[frame][i]))
            return false;
    }
    return true;
}

void forbidden_slots(u32 frame)
{
    for (u32 i = FIRST_RESERVED; i <= LAST_RESERVED; i++)
        if ((pool[frame][i] ^ root[i]) & ~ACCESSED)
            wrong("a slot of the hypervisor's in a level-4 table", i, pool[frame][i]);
}

static bool claim_if(struct claims *c, u32 frame, u8 want)
{
    return frame == NOBODY || claim(c, pool_mfn[frame], want);
}

void audit(void)
{
    struct claims c = { .strict = true };
    bool fine = claim_if(&c, roots.base, R_L4) && claim_if(&c, roots.user_base, R_L4) && claim_if(&c, roots.ldt, R_DESCRIPTORS);

    for (u32 i = 0; fine && i < POOL; i++)
        fine = !roots.pinned[i] || claim(&c, pool_mfn[i], (u8)(R_L1 + roots.pinned[i] - 1));
    for (u32 i = 0; fine && i < roots.gdt_pages; i++)
        fine = claim(&c, pool_mfn[roots.gdt[i]], R_DESCRIPTORS);
    for (u32 i = 0; fine && i < roots.grant_count; i++)
        fine = !roots.grants[i].writable || claim(&c, pool_mfn[roots.grants[i].frame], R_WRITABLE);
    for (u32 i = 0; fine && i < WINDOWS; i++)
        fine = claim_entry(&c, 1, i, windows[i]);
    for (u32 i = 0; fine && i < WILD; i++)
        fine = claim_entry(&c, 4, wild_slots[i], root[wild_slots[i]]);
    if (!fine)
        wrong("a frame is in use in two ways, or an entry is there that may not be", 0, 0);
    memcpy(role, c.role, sizeof(role));
    for (u32 i = 0; i < POOL; i++)
        if (role[i] == R_L4) {
            dense[i] = true;
            forbidden_slots(i);
        }
}

/* ---- Places */

struct place pool_place(u32 frame, u32 index)
{
    return (struct place){ &pool[frame][index], pool_mfn[frame] << 12 | index * 8, frame, index, role[frame] };
}

struct place window_place(u32 n)
{
    return (struct place){ &windows[n], windows_maddr + n * 8, NOBODY, n, R_L1 };
}

struct place root_place(u32 index)
{
    return (struct place){ &root[index], root_maddr + index * 8, NOBODY, index, R_L4 };
}

enum guess may_write(const struct place *at, u64 entry, bool io)
{
    u32 level = at->role - R_L1 + 1u;
    struct claims c = claims_now();
    bool same;

    if (!is_table(at->role))
        return is_plain(at->role) ? YES : NO;
    if (reserved_slot(level, at->index))
        return NO;
    if (!(entry & P))
        return YES;
    entry = adjusted(entry);
    if (!entry_ok(level, entry))
        return NO;
    same = (*at->p & P) && entry_mfn(*at->p) == entry_mfn(entry);
    if (same && (level > 1 || !(entry & ~*at->p & RW)))
        return YES;   /* nothing is asked for that it has not */
    if (io && level == 1)
        return NO;    /* memory is nobody's device */
    return claim_entry(&c, level, at->index, entry) ? YES : NO;
}

void landed(const struct place *at, u64 was, u64 entry, bool preserve)
{
    u64 ignored = is_table(at->role) ? ACCESSED : 0;

    if (racing)
        return;
    if (is_table(at->role))
        entry = adjusted(entry);
    if (preserve)
        entry |= was & ACCESSED;
    if ((*at->p ^ entry) & ~ignored)
        wrong("an entry that was accepted, as it is and as it should be", *at->p, entry);
}

void unchanged(const struct place *at, u64 was)
{
    if (!racing && (*at->p ^ was) & ~(is_table(at->role) ? ACCESSED : 0))
        wrong("an entry after a refusal, as it is and as it was", *at->p, was);
}

bool walk(u64 va, struct mapping *m)
{
    u32 frame = roots.base;
    const u64 *table = frame == NOBODY ? root : pool[frame];

    m->writable = true;
    for (u32 level = 4; level > 1; level--) {
        u64 entry = table[va >> (12 + 9 * (level - 1)) & 511];

        if (!(entry & P))
            return false;
        m->writable &= (entry & RW) != 0;
        frame = whose(entry_mfn(entry)) & KERNEL ? NOBODY : whose(entry_mfn(entry)) - 1u;
        table = frame == NOBODY ? page_of_mfn(entry_mfn(entry)) : pool[frame];
    }
    m->at = frame == NOBODY ? (struct place){ .frame = NOBODY, .role = R_L1 } : pool_place(frame, va >> 12 & 511);
    m->leaf = table[va >> 12 & 511];
    m->writable &= (m->leaf & RW) != 0;
    return true;
}
