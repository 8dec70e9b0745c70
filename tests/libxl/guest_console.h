/* SPDX-License-Identifier: MIT */
/* A guest's console, through the terminal that xenconsoled keeps for it. One thread: no locks. */
#ifndef PRISM_LIBXL_GUEST_CONSOLE_H
#define PRISM_LIBXL_GUEST_CONSOLE_H

#include <stdbool.h>

/* Opens the terminal at `path`. False, with errno, if it cannot be. */
bool console_open(const char *path);
void console_close(void);
/* Waits for `text` in what the guest says from now on, and what it said since the last match; at most so many seconds. */
bool console_expect(const char *text, unsigned int seconds);
/* Types a line. */
bool console_type(const char *line);
/* The last of what was said and not matched, for a message. */
const char *console_last(void);

#endif
