/* SPDX-License-Identifier: MIT */
/* A kernel's command line: numbers behind names. */
#include "lib/guest.h"
#include "lib/words.h"

/* Where `text` goes on after `with`, or NULL. */
static const char *after(const char *text, const char *with)
{
    while (*with)
        if (*text++ != *with++)
            return NULL;
    return text;
}

u32 number_in(const char *words, const char *name, u32 otherwise)
{
    for (const char *at = words; at && *at; at++) {
        const char *digit = after(at, name);
        u32 value = 0;

        if (!digit)
            continue;
        for (; *digit >= '0' && *digit <= '9'; digit++)
            value = value * 10 + (u32)(*digit - '0');
        return value;
    }
    return otherwise;
}
