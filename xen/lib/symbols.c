/* SPDX-License-Identifier: MIT */
/* Names for addresses of Prism's text. boot/symbols.awk makes the tables from the linked image. */
#include "lib/lib.h"
#include "mem/layout.h"

extern const u64 symbol_count;
extern const u32 symbol_addresses[], symbol_offsets[];   /* addresses: the low half, rising */
extern const char symbol_names[];
extern const char __image_start[], __init_text_end[];

bool symbol_lookup(unsigned long addr, const char **name, unsigned long *offset)
{
    u64 low = 0, high = symbol_count;

    if (addr < (unsigned long)__image_start || addr >= (unsigned long)__init_text_end)
        return false;
    while (low < high) {
        u64 middle = (low + high) / 2;

        if (symbol_addresses[middle] <= (u32)addr)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return false;
    *name = symbol_names + symbol_offsets[low - 1];
    *offset = (u32)addr - symbol_addresses[low - 1];
    return true;
}
