/* SPDX-License-Identifier: MIT */
/* Numbers out of text. One too large is the largest. */
#include "lib/lib.h"

static unsigned int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned int)(c - '0');
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
        return (unsigned int)((c | 0x20) - 'a' + 10);
    return 255;
}

unsigned long long strtoull(const char *s, char **end, int base)
{
    bool hex_prefix = s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16;
    unsigned long long value = 0;
    unsigned int digit;
    bool overflow = false;

    if (base == 0)
        base = hex_prefix ? 16 : 10;
    if (base == 16 && hex_prefix)
        s += 2;
    for (; (digit = digit_value(*s)) < (unsigned int)base; s++)
        if (__builtin_mul_overflow(value, (unsigned int)base, &value) || __builtin_add_overflow(value, digit, &value))
            overflow = true;
    if (end)
        *end = (char *)s;
    return overflow ? ~0ULL : value;
}

u64 parse_size(const char *s, char **end)
{
    static const char suffixes[] = "bkmgt";
    char *p;
    u64 value = strtoull(s, &p, 0);
    const char *suffix = p != s && *p ? strchr(suffixes, *p | 0x20) : NULL;

    if (suffix) {
        unsigned int shift = (unsigned int)(suffix - suffixes) * 10;

        value = value << shift >> shift == value ? value << shift : ~0ULL;
        p++;
    }
    if (end)
        *end = p;
    return value;
}
