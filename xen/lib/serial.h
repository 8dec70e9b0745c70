/* SPDX-License-Identifier: MIT */
/* A 16550 UART at an I/O port, polled. No lock: the console's serves. */
#ifndef PRISM_LIB_SERIAL_H
#define PRISM_LIB_SERIAL_H

#include "lib/types.h"

/* 8n1 with FIFOs; baud 0 leaves the rate alone. False: there is no UART. */
bool serial_init(u16 base, u32 baud);
void serial_write(const char *text, size_t n);
void serial_flush(void);                /* waits until the last bit is on the wire */
bool serial_read(char *c);              /* false: nothing has arrived */
void serial_enable_interrupts(void);    /* one when something has arrived */

#endif
