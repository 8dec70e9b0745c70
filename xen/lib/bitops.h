/* SPDX-License-Identifier: MIT */
/* Atomic operations and bitmaps. Names without "__" are atomic and full barriers (locked instructions). */
#ifndef PRISM_LIB_BITOPS_H
#define PRISM_LIB_BITOPS_H

#include "lib/types.h"

#define BITS_PER_LONG 64
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, 64)

static inline void set_bit(unsigned long n, volatile void *p)
{ asm volatile("lock; btsq %1,%0" : "+m" (*(volatile long *)p) : "r" (n) : "memory", "cc"); }
static inline void clear_bit(unsigned long n, volatile void *p)
{ asm volatile("lock; btrq %1,%0" : "+m" (*(volatile long *)p) : "r" (n) : "memory", "cc"); }
static inline bool test_and_set_bit(unsigned long n, volatile void *p)
{ bool old; asm volatile("lock; btsq %2,%0" : "+m" (*(volatile long *)p), "=@ccc" (old) : "r" (n) : "memory"); return old; }
static inline bool test_and_clear_bit(unsigned long n, volatile void *p)
{ bool old; asm volatile("lock; btrq %2,%0" : "+m" (*(volatile long *)p), "=@ccc" (old) : "r" (n) : "memory"); return old; }
static inline bool test_bit(unsigned long n, const volatile void *p)
{ return (((const volatile u64 *)p)[n / 64] >> (n % 64)) & 1; }
static inline void __set_bit(unsigned long n, void *p) { ((u64 *)p)[n / 64] |= 1ULL << (n % 64); }
static inline void __clear_bit(unsigned long n, void *p) { ((u64 *)p)[n / 64] &= ~(1ULL << (n % 64)); }

/* First set (zero) bit at or after from; size if there is none. */
static inline unsigned long find_next_bit(const void *map, unsigned long size, unsigned long from)
{ for (; from < size; from++) if (test_bit(from, map)) return from; return size; }
static inline unsigned long find_next_zero_bit(const void *map, unsigned long size, unsigned long from)
{ for (; from < size; from++) if (!test_bit(from, map)) return from; return size; }
static inline unsigned long find_first_bit(const void *map, unsigned long size) { return find_next_bit(map, size, 0); }
/* Without POPCNT, which not every x86-64 processor has: sums of 2, 4, then 8 bits side by side. */
static inline unsigned int bits_set(u64 x)
{
    x -= (x >> 1) & 0x5555555555555555;
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (unsigned int)((x * 0x0101010101010101) >> 56);
}

#define xchg(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define cmpxchg(p, old, new) ({ typeof((typeof(*(p)))(old)) _o = (old); \
    __atomic_compare_exchange_n((p), &_o, (new), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); _o; })
#define atomic_add(p, v) ((void)__atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST))
#define atomic_sub(p, v) ((void)__atomic_fetch_sub((p), (v), __ATOMIC_SEQ_CST))
#define atomic_inc(p) atomic_add(p, 1)
#define atomic_dec(p) atomic_sub(p, 1)
#define atomic_dec_and_test(p) (__atomic_sub_fetch((p), 1, __ATOMIC_SEQ_CST) == 0)
#define atomic_add_return(p, v) __atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST)

#endif
