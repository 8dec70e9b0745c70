/* SPDX-License-Identifier: MIT */
/* Starting a second vCPU: what vcpu.c and each kind of kernel's own file, pv_vcpu.c or hw_vcpu.c, give each other. */
#ifndef PRISM_TESTS_VCPU_H
#define PRISM_TESTS_VCPU_H

#include "lib/guest.h"

extern const char second_vcpu_entry[];      /* its first instruction, which leads to second_vcpu_start() */
extern u8 second_vcpu_stack_end[];
void second_vcpu_start(void);
const void *second_vcpu_state(void);        /* what VCPUOP_initialise is given: as the first one, at second_vcpu_entry */

#endif
