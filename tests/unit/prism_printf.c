/* SPDX-License-Identifier: MIT */
/* xen/lib/printf.c under names that do not take the host's place. */
#define snprintf prism_snprintf
#define vsnprintf prism_vsnprintf
#include "../../xen/lib/printf.c"

bool symbol_lookup(unsigned long addr, const char **name, unsigned long *offset)
{
    *name = "function";
    *offset = addr - 0x1000;
    return addr >= 0x1000 && addr < 0x2000;
}
