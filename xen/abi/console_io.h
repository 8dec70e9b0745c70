/* SPDX-License-Identifier: MIT */
/* What guests say to the hypervisor's console by other ways than the hypercall. */
#ifndef PRISM_ABI_CONSOLE_IO_H
#define PRISM_ABI_CONSOLE_IO_H

#include "lib/types.h"

struct domain;

/* n bytes of debug output of d's, shown by the line, marked with its number, bounded in its rate; nothing at all below
 * guest_loglvl=all. Interrupts on, domain_lock not held. */
void console_guest_text(struct domain *d, const char *text, size_t n);

#endif
