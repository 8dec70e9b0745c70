/* SPDX-License-Identifier: MIT */
/* Memory type range registers and the PAT of a guest (AMD64 APM vol. 2, 7.7 and 7.8). The ranges are kept for the guest
 * to read: all its memory is write-back as long as no device is passed through to it. */
#include "modes/pvh/pvh.h"

#define MSR_MTRR_CAP 0xfe
#define MSR_MTRR_VARIABLE 0x200
#define MSR_MTRR_FIX64K 0x250
#define MSR_MTRR_FIX16K 0x258
#define MSR_MTRR_FIX4K 0x268
#define MSR_MTRR_DEF_TYPE 0x2ff
#define CAP_FIXED 0x100
#define CAP_WC 0x400
#define DEF_TYPE_BITS 0xcffUL

u64 hw_mtrr_cap(void)
{
    return CAP_WC | CAP_FIXED | MTRR_PAIRS;
}

static bool type_ok(u8 type)
{
    return type == 0 || type == 1 || (type >= 4 && type <= 6);
}

static bool types_ok(u64 value)
{
    for (unsigned int i = 0; i < 8; i++)
        if (!type_ok((u8)(value >> 8 * i)))
            return false;
    return true;
}

bool hw_pat_ok(u64 value)
{
    for (unsigned int i = 0; i < 8; i++) {
        u8 type = (u8)(value >> 8 * i);
        if (!type_ok(type) && type != 7)
            return false;
    }
    return true;
}

/* Index into fixed[], or -1. */
static int fixed_index(u32 msr)
{
    if (msr == MSR_MTRR_FIX64K)
        return 0;
    if (msr - MSR_MTRR_FIX16K < 2)
        return 1 + (int)(msr - MSR_MTRR_FIX16K);
    return msr - MSR_MTRR_FIX4K < 8 ? 3 + (int)(msr - MSR_MTRR_FIX4K) : -1;
}

bool hw_mtrr_read(const struct hw_vcpu *v, u32 msr, u64 *value)
{
    int fixed = fixed_index(msr);

    if (msr == MSR_MTRR_CAP)
        *value = hw_mtrr_cap();
    else if (msr == MSR_MTRR_DEF_TYPE)
        *value = v->mtrr.def_type;
    else if (fixed >= 0)
        *value = v->mtrr.fixed[fixed];
    else if (msr - MSR_MTRR_VARIABLE < 2 * MTRR_PAIRS)
        *value = v->mtrr.variable[msr - MSR_MTRR_VARIABLE];
    else
        return false;
    return true;
}

static bool variable_ok(u32 n, u64 value)
{
    u64 address = ((1UL << cpu_features.phys_bits) - 1) & PAGE_MASK;

    return n & 1 ? !(value & ~(address | 0x800)) : !(value & ~(address | 0xff)) && type_ok((u8)value);
}

bool hw_mtrr_write(struct hw_vcpu *v, u32 msr, u64 value)
{
    int fixed = fixed_index(msr);
    u32 n = msr - MSR_MTRR_VARIABLE;

    if (msr == MSR_MTRR_DEF_TYPE) {
        if (value & ~DEF_TYPE_BITS || !type_ok((u8)value))
            return false;
        v->mtrr.def_type = value;
    } else if (fixed >= 0) {
        if (!types_ok(value))
            return false;
        v->mtrr.fixed[fixed] = value;
    } else if (n < 2 * MTRR_PAIRS) {
        if (!variable_ok(n, value))
            return false;
        v->mtrr.variable[n] = value;
    } else {
        return false;
    }
    return true;
}
