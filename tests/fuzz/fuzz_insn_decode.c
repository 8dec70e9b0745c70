/* SPDX-License-Identifier: MIT */
// sources: xen/insn/decode.c xen/insn/operands.c
// libraries: -lZydis
/* The instruction decoder on any bytes: nothing beyond what there is is read (the input is copied to a place of just its
 * size), a length is one that there is, and what Zydis takes is taken apart alike. */
#include <string.h>

#include "tests/unit/insn_zydis.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static ZydisDecoder decoders[3];
    static bool open;
    u8 whole[INSN_MAX] = { 0 };
    struct insn insn;

    if (!size)
        return 0;
    for (unsigned int mode = 0; mode < 3 && !open; mode++)
        zydis_open(&decoders[mode], mode);
    open = true;
    enum insn_mode mode = data[0] % 3;
    size_t n = size - 1 < INSN_MAX ? size - 1 : INSN_MAX;
    u8 *exact = malloc(n);
    if (n)
        memcpy(exact, data + 1, n);
    int rc = insn_decode(exact, n, mode, &insn);
    if (rc == 0 && (insn.length == 0 || insn.length > n || insn.mode != mode))
        abort();
    if (rc != 0 && rc != -EINVAL && rc != -ENODATA && rc != -E2BIG)
        abort();
    free(exact);
    if (n)
        memcpy(whole, data + 1, n);
    if (zydis_compare(&decoders[mode], whole, mode) < 0)
        abort();
    return 0;
}
