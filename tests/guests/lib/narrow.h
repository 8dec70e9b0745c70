/* SPDX-License-Identifier: MIT */
/* Force-included for 32-bit code: the types every file needs, but for two words that the public headers use there for
 * themselves. */
#include "../../../xen/lib/types.h"
#undef aligned
#undef packed
