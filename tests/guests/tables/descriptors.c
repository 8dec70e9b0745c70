/* SPDX-License-Identifier: MIT */
/* Frames of the pool as pages of a GDT or of the LDT. AMD64 APM vol. 2, 4.8. */
#include "tables/tables.h"

#define PER_PAGE 512u

void op_gdt(void)
{
    struct claims c = claims_now();
    unsigned long list[MOST_GDT];
    u32 frames[MOST_GDT], n = below(MOST_GDT + 1);
    bool fine = true;

    for (u32 i = 0; i < n; i++) {
        frames[i] = chance(3) ? any_frame() : chance(2) ? plain_frame() : 0;
        list[i] = pool_mfn[frames[i]];
        fine = fine && claim(&c, list[i], R_DESCRIPTORS);
    }
    if (n && chance(16)) {
        list[n - 1] = va_to_mfn(chance(2) ? (void *)scratch[0] : (void *)root);
        fine = false;
    }
    note("set_gdt", n, n ? frames[0] : 0, 0);
    judge(fine ? YES : NO, CALL2(set_gdt, list, n * PER_PAGE - (n ? below(PER_PAGE - 1) : 0)));
    if (!fine)
        return;
    roots.gdt_pages = n;
    memcpy(roots.gdt, frames, sizeof(frames));
    counted[C_GDT] += n != 0;
}

static u64 draw_descriptor(void)
{
    return chance(3) ? random() : ONE_OF(0, 0x00cffa000000ffff, 0x00cf92000000ffff, 0x00af9a000000ffff, 0x00008b0000000067,
                                         0x0000ec0000080000, 0x0000820000000000, 0x0000600000000000, 0x0000800000000000);
}

void op_descriptor(void)
{
    u32 frame = chance(2) ? frame_of_role(R_DESCRIPTORS) : any_frame();
    u64 value = draw_descriptor(), stored = value & 1ull << 47 ? value | 3ull << 45 : value;
    bool fine = !(value & 1ull << 47) || (value & 1ull << 44) || !(value & 15ull << 40);
    struct place at = pool_place(frame == NOBODY ? any_frame() : frame, spot());
    u64 was = *at.p;
    long answer;

    if (!(value & 1ull << 44))
        stored = value;
    note("update_descriptor", at.maddr, value, at.role);
    answer = CALL2(update_descriptor, at.maddr, value);
    judge(fine && !is_table(at.role) ? YES : NO, answer);
    if (*at.p != (answer ? was : stored) && !is_table(at.role))
        wrong("a descriptor, as it is and as it should be", *at.p, answer ? was : stored);
    if (is_table(at.role))
        unchanged(&at, was);
}

/* The page becomes one of the LDT when the processor looks for a descriptor there. */
void op_ldt(void)
{
    u32 n = below(WINDOWS);
    struct place at = window_place(n);
    u32 frame = whose(entry_mfn(*at.p)) - 1u;
    struct claims c = claims_now();

    note("ldt", n, frame, 0);
    judge(YES, extended(MMUEXT_SET_LDT, 0, 0, DOMID_SELF));
    roots.ldt = NOBODY;
    audit();
    c = claims_now();
    if (!(*at.p & P) || frame >= POOL || chance(4))
        return;
    judge(YES, extended(MMUEXT_SET_LDT, (u64)window[n], PER_PAGE, DOMID_SELF));
    TRY("lar %%eax, %%edx", "D" (0), "a" (4 | below(PER_PAGE) << 3));
    if (!claim(&c, pool_mfn[frame], R_DESCRIPTORS))
        return;
    roots.ldt = frame;
    counted[C_LDT]++;
}
