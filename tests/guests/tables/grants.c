/* SPDX-License-Identifier: MIT */
/* Frames of the pool granted to this domain itself and mapped by grant: the grant holds the frame beside the entry. */
#include <xen/grant_table.h>

#include "tables/tables.h"

#define FIRST_REF 16u

static u32 free_ref(void)
{
    for (u32 ref = FIRST_REF; ; ref++) {
        bool taken = false;

        for (u32 i = 0; i < roots.grant_count; i++)
            taken |= roots.grants[i].ref == ref;
        if (!taken)
            return ref;
    }
}

/* An entry of a window's or of a level-1 table of the pool's, as a grant call names it. */
static struct place grant_place_at(u64 *address, u32 *flags)
{
    u32 table = frame_of_role(R_L1), n = below(WINDOWS);
    struct place at = window_place(n);

    *address = (u64)window[n];
    if (chance(3)) {
        *flags |= GNTMAP_contains_pte;
        if (table != NOBODY && chance(2))
            at = pool_place(table, spot());
        *address = at.maddr;
    }
    return at;
}

void op_grant(void)
{
    struct gnttab_map_grant_ref op = { .dom = DOMID_SELF, .flags = GNTMAP_host_map | (chance(3) ? GNTMAP_readonly : 0) };
    u32 frame = any_frame(), ref = free_ref();
    struct claims c = claims_now();
    enum guess guess = MAYBE;
    u64 address, was;
    struct place at = grant_place_at(&address, &op.flags);

    if (roots.grant_count == MOST_GRANTS)
        return;
    grant_table()[ref] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = own_domid(),
                                                  .frame = (u32)pool_mfn[frame] };
    op.host_addr = address;
    op.ref = ref;
    op.dom = own_domid();
    was = *at.p;
    note("grant map", frame, address, op.flags);
    if (!(op.flags & GNTMAP_readonly) && !claim(&c, pool_mfn[frame], R_WRITABLE))
        guess = NO;
    judge(YES, CALL3(grant_table_op, GNTTABOP_map_grant_ref, &op, 1));
    judge(guess, op.status == GNTST_okay ? 0 : -XEN_EINVAL);
    if (op.status != GNTST_okay) {
        unchanged(&at, was);
        return;
    }
    if (entry_mfn(*at.p) != pool_mfn[frame] || !(*at.p & P) || !(*at.p & RW) != !!(op.flags & GNTMAP_readonly))
        wrong("an entry by grant", *at.p, pool_mfn[frame]);
    counted[C_GRANT]++;
    roots.grants[roots.grant_count++] = (struct grant){ frame, op.handle, ref, !(op.flags & GNTMAP_readonly),
                                                        op.flags & GNTMAP_contains_pte };
}

static long ungrant(u32 i, u32 n)
{
    struct gnttab_unmap_grant_ref op = { .host_addr = roots.grants[i].by_entry ? window_place(n).maddr : (u64)window[n],
                                         .handle = roots.grants[i].handle };

    judge(YES, CALL3(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1));
    if (op.status == GNTST_okay)
        roots.grants[i] = roots.grants[--roots.grant_count];
    return op.status;
}

/* An entry of another frame must stay. */
void op_ungrant(void)
{
    u32 n = below(WINDOWS), i;
    struct place at = window_place(n);
    u64 was = *at.p;

    if (!roots.grant_count)
        return;
    i = below(roots.grant_count);
    for (u32 k = 0; k < WINDOWS && entry_mfn(*at.p) != pool_mfn[roots.grants[i].frame]; k++)
        at = window_place(n = k);
    was = *at.p;
    note("grant unmap", roots.grants[i].frame, n, was);
    if (ungrant(i, n))
        unchanged(&at, was);
    else if (*at.p)
        wrong("an entry after its grant", *at.p, 0);
}

void give_up_grants(void)
{
    while (roots.grant_count) {
        u32 frame = roots.grants[0].frame;

        judge(YES, CALL3(update_va_mapping, window[0], pool_mfn[frame] << 12 | PTE_RO_FLAGS, UVMF_INVLPG));
        judge(YES, ungrant(0, 0));
    }
}
