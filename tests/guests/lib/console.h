/* SPDX-License-Identifier: MIT */
/* Where a test kernel's words go once it knows the ring that the control domain reads. Until then: the hypervisor. */
#ifndef PRISM_TESTS_CONSOLE_H
#define PRISM_TESTS_CONSOLE_H

void console_attach(void *ring, u32 port);

#endif
