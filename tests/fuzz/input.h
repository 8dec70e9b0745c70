/* SPDX-License-Identifier: MIT */
/* What a fuzz target reads its case from, and how it says that something is wrong. */
#ifndef PRISM_TESTS_FUZZ_INPUT_H
#define PRISM_TESTS_FUZZ_INPUT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/types.h"

struct input { const u8 *at; size_t left; };

/* The next bytes, at most 8, as a number; zeros beyond the end. */
static inline u64 take(struct input *in, size_t bytes)
{
    u64 value = 0;

    if (bytes > in->left)
        bytes = in->left;
    memcpy(&value, in->at, bytes);
    in->at += bytes;
    in->left -= bytes;
    return value;
}

#define check(what) do { \
    if (!(what)) { \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
        abort(); \
    } \
} while (0)

/* A few bytes of what was saved become others. */
static inline void damage(struct input *in, u8 *bytes, size_t size)
{
    for (u8 n = (u8)take(in, 1) % 6; n > 0; n--)
        bytes[take(in, 2) % size] = (u8)take(in, 1);
}

#endif
