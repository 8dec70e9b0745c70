/* SPDX-License-Identifier: MIT */
/* Everything undone: then no frame may be in use, as none or another than the kernel's memory. */
#include "tables/tables.h"

static void let_go(void)
{
    judge(YES, extended(MMUEXT_NEW_BASEPTR, va_to_mfn(root), 0, DOMID_SELF));
    judge(YES, extended(MMUEXT_NEW_USER_BASEPTR, 0, 0, DOMID_SELF));
    judge(YES, extended(MMUEXT_SET_LDT, 0, 0, DOMID_SELF));
    judge(YES, CALL2(set_gdt, NULL, 0));
    roots.base = roots.user_base = roots.ldt = NOBODY;
    roots.gdt_pages = 0;
    for (u32 i = 0; i < POOL; i++)
        if (roots.pinned[i])
            judge(YES, extended(MMUEXT_UNPIN_TABLE, pool_mfn[i], 0, DOMID_SELF));
    memset(roots.pinned, 0, sizeof(roots.pinned));
    for (u32 i = 0; i < WILD; i++)
        judge(YES, update(root_place(wild_slots[i]).maddr, 0, DOMID_SELF));
    give_up_grants();
    for (u32 i = 0; i < WINDOWS; i++)
        judge(YES, CALL3(update_va_mapping, window[i], 0, chance(2) ? UVMF_INVLPG : UVMF_NONE));
}

void all_back(bool emptied)
{
    note("all back", 0, 0, 0);
    let_go();
    audit();
    for (u32 i = 0; i < POOL; i++) {
        note("all back", i, role[i], 0);
        judge(role[i] == R_NONE ? YES : NO, CALL3(update_va_mapping, window[0], pool_mfn[i] << 12 | PTE_RW_FLAGS, UVMF_INVLPG));
        if (!emptied)
            continue;
        memset(window[0], 0, 4096);
        dense[i] = false;
        hint[i] = 0;
    }
    judge(YES, CALL3(update_va_mapping, window[0], 0, UVMF_INVLPG));
    audit();
}

void give_frames_back(void)
{
    struct xen_memory_reservation r = { .nr_extents = POOL, .domid = DOMID_SELF };
    domid_t self = DOMID_SELF;
    long before = CALL2(memory_op, XENMEM_current_reservation, &self), after;

    for (u32 i = 0; i < POOL; i++)
        judge(YES, CALL3(update_va_mapping, pool[i], 0, UVMF_INVLPG));
    set_xen_guest_handle(r.extent_start, pool_mfn);
    note("frames back", 0, 0, 0);
    if (CALL2(memory_op, XENMEM_decrease_reservation, &r) != POOL)
        wrong("the pool's frames cannot be given back", 0, 0);
    after = CALL2(memory_op, XENMEM_current_reservation, &self);
    if (before - after != POOL)
        wrong("frames that were given back are still held: frames before, after", (u64)before, (u64)after);
}
