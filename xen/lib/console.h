/* SPDX-License-Identifier: MIT */
/* The console: a ring of everything said (xl dmesg), a UART, an optional VGA text screen. RANK_CONSOLE. */
#ifndef PRISM_LIB_CONSOLE_H
#define PRISM_LIB_CONSOLE_H

#include "lib/types.h"

struct boot_info;
void console_init_early(void);      /* UART by options: polled output */
void console_init_irq(void);        /* interrupt-driven input, once interrupts and ACPI are up */
/* What a guest wrote, to the UART as it is (and to the ring if console_to_ring). */
void console_write_guest(const char *text, size_t n);
size_t console_read_input(char *buf, size_t n);         /* what was typed for the input's owner; 0: nothing */
/* XEN_SYSCTL_readconsole: up to n bytes from *index on; moves *index; clear empties the ring. Returns bytes copied. */
size_t console_ring_read(char *buf, size_t n, u32 *index, bool incremental, bool clear);
void console_force_unlock(void);    /* for panic */
void console_flush(void);
/* Debug keys (xl debug-keys, and typed after Ctrl-A three times). */
void debug_key(char key);
void debug_key_register(char key, void (*fn)(char), const char *help);
u64 console_ring_bytes(void);

#endif
