/* SPDX-License-Identifier: MIT */
/* The types every file needs. Frame numbers: mfn machine, gfn guest, pfn a PV guest's own numbering. */
#ifndef PRISM_LIB_TYPES_H
#define PRISM_LIB_TYPES_H
#ifndef __ASSEMBLER__   /* force-included, into assembly too */

#ifndef PRISM_HOST
#pragma GCC visibility push(hidden)   /* one image: extern symbols are reached directly, not by a GOT */
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef unsigned long mfn_t;   /* machine frame number: machine address >> 12 */
typedef unsigned long gfn_t;   /* guest frame number; equals the mfn in a PV domain */
typedef unsigned long pfn_t;   /* a PV guest's pseudo-physical frame number */
typedef u64 maddr_t;           /* machine address in bytes */
typedef u64 stime_t;           /* system time: nanoseconds since Prism booted */

#define INVALID_MFN (~0UL)
#define INVALID_GFN (~0UL)
#define STIME_NEVER (~0ULL)

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define PAGE_MASK (~(PAGE_SIZE - 1))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ROUND_UP(n, align) (((n) + (align) - 1) & ~((typeof(n))(align) - 1))
#define min(a, b) ({ typeof(a) _a = (a); typeof(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b) ({ typeof(a) _a = (a); typeof(b) _b = (b); _a > _b ? _a : _b; })

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define noinline __attribute__((__noinline__))
#define noreturn __attribute__((noreturn))
#define packed __attribute__((packed))
#define aligned(n) __attribute__((aligned(n)))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#define __init __attribute__((section(".init.text"), cold))   /* freed once Prism has booted */
#define __initdata __attribute__((section(".init.data")))
#define __read_mostly __attribute__((section(".data.read_mostly")))
#define ACCESS_ONCE(x) (*(volatile typeof(x) *)&(x))
#define barrier() asm volatile("" ::: "memory")
#define smp_mb() asm volatile("lock; addl $0,-4(%%rsp)" ::: "memory", "cc")
#define smp_wmb() barrier()   /* x86 is TSO: the compiler alone reorders stores with stores, loads with loads */
#define smp_rmb() barrier()

#endif
#endif
