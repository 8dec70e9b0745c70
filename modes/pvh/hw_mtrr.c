/* SPDX-License-Identifier: MIT */
/* Memory type range registers and the PAT of a guest (AMD64 APM vol. 2, 7.7 and 7.8). The ranges are kept for the guest
 * to read: all its memory is write-back as long as no device is passed through to it. */
#include <xen/hvm/save.h>

#include "modes/pvh/hw_save.h"
#include "modes/pvh/pvh.h"

#define MSR_MTRR_CAP 0xfe
#define MSR_MTRR_VARIABLE 0x200
#define MSR_MTRR_FIX64K 0x250
#define MSR_MTRR_FIX16K 0x258
#define MSR_MTRR_FIX4K 0x268
#define MSR_MTRR_DEF_TYPE 0x2ff
#define CAP_FIXED 0x100
#define CAP_WC 0x400
#define MTRR_CAP (CAP_WC | CAP_FIXED | MTRR_PAIRS)
#define DEF_TYPE_BITS 0xcffUL

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
        *value = MTRR_CAP;
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

/* ---- The record of hvm/save.h */

bool hw_save_mtrr(struct domain *d, struct vcpu *v, void *data)
{
    const struct hw_mtrr *m = &to_hw(v)->mtrr;
    struct hvm_hw_mtrr *h = data;

    h->msr_pat_cr = container_ops->get(v, CREG_PAT);
    memcpy(h->msr_mtrr_var, m->variable, sizeof(m->variable));
    memcpy(h->msr_mtrr_fixed, m->fixed, sizeof(m->fixed));
    h->msr_mtrr_cap = MTRR_CAP;
    h->msr_mtrr_def_type = m->def_type;
    return true;
}

int hw_load_mtrr(struct domain *d, struct vcpu *v, const void *data)
{
    static const u16 fixed_msr[MTRR_FIXED] = {
        MSR_MTRR_FIX64K, MSR_MTRR_FIX16K, MSR_MTRR_FIX16K + 1, MSR_MTRR_FIX4K, MSR_MTRR_FIX4K + 1, MSR_MTRR_FIX4K + 2,
        MSR_MTRR_FIX4K + 3, MSR_MTRR_FIX4K + 4, MSR_MTRR_FIX4K + 5, MSR_MTRR_FIX4K + 6, MSR_MTRR_FIX4K + 7,
    };
    const struct hvm_hw_mtrr *h = data;
    struct hw_vcpu *hw = to_hw(v);
    bool ok = hw_pat_ok(h->msr_pat_cr) && hw_mtrr_write(hw, MSR_MTRR_DEF_TYPE, h->msr_mtrr_def_type);

    for (unsigned int i = 0; i < 2 * MTRR_PAIRS; i++)
        ok = ok && hw_mtrr_write(hw, MSR_MTRR_VARIABLE + i, h->msr_mtrr_var[i]);
    for (unsigned int i = 0; i < MTRR_FIXED; i++)
        ok = ok && hw_mtrr_write(hw, fixed_msr[i], h->msr_mtrr_fixed[i]);
    if (!ok)
        return -EINVAL;
    container_ops->set(v, CREG_PAT, h->msr_pat_cr);
    return 0;
}
