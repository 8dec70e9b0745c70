/* SPDX-License-Identifier: MIT */
/* Reading and writing current's memory through its page tables. Write protection holds for Prism as well (CR0.WP), so
 * a page table cannot be written this way; the ranges that are Prism's are refused, and the rest is the guest's to
 * fault. Where a copy ends early it is tried once more: a page that was given more rights without a flush faults once,
 * which also drops the stale translation (AMD64 APM vol. 2, 5.5.2). */
#include "modes/pv/guest_fetch.h"

size_t pv_raw_copy(void *dst, const void *src, size_t n);
size_t pv_raw_clear(void *dst, size_t n);

size_t pv_copy_from_here(void *dst, u64 va, size_t n)
{
    if (!pv_range_ok(va, n))
        return n;
    user_access_begin();
    size_t left = pv_raw_copy(dst, (const void *)va, n);
    if (unlikely(left))
        left = pv_raw_copy((char *)dst + n - left, (const char *)va + n - left, left);
    user_access_end();
    return left;
}

size_t pv_copy_to_here(u64 va, const void *src, size_t n)
{
    if (!pv_range_ok(va, n))
        return n;
    user_access_begin();
    size_t left = pv_raw_copy((void *)va, src, n);
    if (unlikely(left))
        left = pv_raw_copy((char *)va + n - left, (const char *)src + n - left, left);
    user_access_end();
    return left;
}

static size_t clear_here(u64 va, size_t n)
{
    if (!pv_range_ok(va, n))
        return n;
    user_access_begin();
    size_t left = pv_raw_clear((void *)va, n);
    if (unlikely(left))
        left = pv_raw_clear((char *)va + n - left, left);
    user_access_end();
    return left;
}

/* Addresses that a guest gave Prism are its kernel's, which its user's page tables may lack. True: switched to them. */
static bool kernel_tables_begin(const struct pv_vcpu *p)
{
    if (likely(p->kernel_mode))
        return false;
    ledger_count(current, LEDGER_CR3_LOAD);
    write_cr3(p->kernel_cr3);
    return true;
}

static void kernel_tables_end(const struct pv_vcpu *p, bool switched)
{
    if (unlikely(switched)) {
        ledger_count(current, LEDGER_CR3_LOAD);
        write_cr3(p->user_cr3);
    }
}

size_t pv_copy_from(void *dst, u64 va, size_t n)
{
    const struct pv_vcpu *p = to_pv(current);
    bool switched = kernel_tables_begin(p);
    size_t left = pv_copy_from_here(dst, va, n);

    kernel_tables_end(p, switched);
    return left;
}

size_t pv_copy_to(u64 va, const void *src, size_t n)
{
    const struct pv_vcpu *p = to_pv(current);
    bool switched = kernel_tables_begin(p);
    size_t left = pv_copy_to_here(va, src, n);

    kernel_tables_end(p, switched);
    return left;
}

size_t pv_clear(u64 va, size_t n)
{
    const struct pv_vcpu *p = to_pv(current);
    bool switched = kernel_tables_begin(p);
    size_t left = clear_here(va, n);

    kernel_tables_end(p, switched);
    return left;
}
