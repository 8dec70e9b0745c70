/* SPDX-License-Identifier: MIT */
// sources: xen/insn/*.c
// libraries: -lunicorn
/* The instruction emulator against Unicorn. An input: the mode, a seed for registers and memory, and the instruction's
 * bytes, or a number from which tests/unit/insn_generate.h makes them. */
#include "tests/unit/insn_generate.h"
#include "tests/unit/insn_unicorn.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u64 next(void *state)
{
    u64 *s = state;

    *s = *s * 6364136223846793005ULL + 1442695040888963407ULL;
    return *s >> 33;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static struct pair pairs[3];
    u8 bytes[INSN_MAX] = { 0 };
    u64 number = 0;

    if (size < 5)
        return 0;
    struct pair *p = &pairs[data[0] % 3];
    if (!p->uc)
        pair_open(p, data[0] % 3);
    memcpy(&number, data + 1, min(size - 1, sizeof(number)));
    if (data[0] & 0x80)
        generate_insn(bytes, p->mode, next, &number);
    else
        memcpy(bytes, data + 5, min(size - 5, sizeof(bytes)));
    if (pair_compare(p, bytes, number & 0xffffffff) == DIFFERENT)
        abort();
    return 0;
}
