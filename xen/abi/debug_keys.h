/* SPDX-License-Identifier: MIT */
/* Debug keys that show the state of domains (debug_keys.c). */
#ifndef PRISM_ABI_DEBUG_KEYS_H
#define PRISM_ABI_DEBUG_KEYS_H

void debug_keys_init(void);   /* once, at boot */

#endif
