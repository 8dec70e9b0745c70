/* SPDX-License-Identifier: MIT */
/* Memory and string functions. Those that gcc calls on its own must not be turned back into calls of themselves: the
 * memory ones are string instructions, the rest is compiled without loop recognition. */
#include "lib/lib.h"

#pragma GCC optimize("no-tree-loop-distribute-patterns")

#ifndef PRISM_HOST
#undef memcpy
#undef memset
#undef memmove
#endif

void *memcpy(void *dst, const void *src, size_t n)
{
    void *d = dst;
    size_t words = n / 8, rest = n % 8;

    asm volatile("rep movsq" : "+D" (d), "+S" (src), "+c" (words) :: "memory");
    asm volatile("rep movsb" : "+D" (d), "+S" (src), "+c" (rest) :: "memory");
    return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
    const char *s = src;
    char *d = dst;

    if ((unsigned long)d - (unsigned long)s >= n)
        return memcpy(dst, src, n);
    while (n--)
        d[n] = s[n];
    return dst;
}

void *memset(void *dst, int c, size_t n)
{
    void *d = dst;
    size_t words = n / 8, rest = n % 8;
    u64 pattern = (u8)c * 0x0101010101010101UL;

    asm volatile("rep stosq" : "+D" (d), "+c" (words) : "a" (pattern) : "memory");
    asm volatile("rep stosb" : "+D" (d), "+c" (rest) : "a" (pattern) : "memory");
    return dst;
}

typedef u64 aligned(1) unaligned_u64;

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *x = a, *y = b;

    for (; n >= 8 && *(const unaligned_u64 *)x == *(const unaligned_u64 *)y; n -= 8, x += 8, y += 8)
        ;
    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    const char *p = s;

    while (*p)
        p++;
    return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    for (; *a && *a == *b; a++, b++)
        ;
    return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n && *a && *a == *b; n--, a++, b++)
        ;
    return n ? (u8)*a - (u8)*b : 0;
}

char *strchr(const char *s, int c)
{
    for (; *s != (char)c; s++)
        if (!*s)
            return NULL;
    return (char *)s;
}

char *strstr(const char *s, const char *what)
{
    size_t n = strlen(what);

    for (; strncmp(s, what, n); s++)
        if (!*s)
            return NULL;
    return (char *)s;
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
    size_t n = strlen(src), copied = min(n, size - 1);

    memcpy(dst, src, copied);
    dst[copied] = 0;
    return n;
}
