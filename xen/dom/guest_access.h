/* SPDX-License-Identifier: MIT */
/* Copying between Prism and the memory of current's guest, through handles of the public headers. 0 or -EFAULT.
 * Every use checks count first: n times the element size must not overflow (array sizes are bounded by decode). */
#ifndef PRISM_DOM_GUEST_ACCESS_H
#define PRISM_DOM_GUEST_ACCESS_H

#include "dom/domain.h"

static inline int copy_from_guest_va(void *dst, u64 va, size_t n)
{ return current->domain->row->privileged->copy_from(dst, va, n) ? -EFAULT : 0; }
static inline int copy_to_guest_va(u64 va, const void *src, size_t n)
{ return current->domain->row->privileged->copy_to(va, src, n) ? -EFAULT : 0; }

/* h: XEN_GUEST_HANDLE of the type of *dst; off and n in elements. */
#define copy_from_guest_offset(dst, h, off, n) ({ \
    typeof(&*(h).p) _p = (h).p; const typeof(*(dst)) *_d = (dst); (void)_d; \
    copy_from_guest_va((void *)_d, (u64)(unsigned long)_p + (u64)(off) * sizeof(*(dst)), (size_t)(n) * sizeof(*(dst))); })
#define copy_to_guest_offset(h, off, src, n) ({ \
    const typeof(*(src)) *_s = (src); \
    copy_to_guest_va((u64)(unsigned long)(h).p + (u64)(off) * sizeof(*(src)), _s, (size_t)(n) * sizeof(*(src))); })
#define copy_from_guest(dst, h, n) copy_from_guest_offset(dst, h, 0, n)
#define copy_to_guest(h, src, n) copy_to_guest_offset(h, 0, src, n)
#define guest_handle_is_null(h) ((h).p == NULL)
/* A hypercall argument, as it comes in a register, as pointer to a type. */
#define copy_arg_from(dst, arg) copy_from_guest_va((dst), (arg), sizeof(*(dst)))
#define copy_arg_to(arg, src) copy_to_guest_va((arg), (src), sizeof(*(src)))

#endif
