/* SPDX-License-Identifier: MIT */
/* Start-up of one CPU's control registers (identify.c). */
#ifndef PRISM_CPU_IDENTIFY_H
#define PRISM_CPU_IDENTIFY_H

/* EFER, CR0, CR4 and FPU of this CPU, by cpu_features. */
void cpu_init_control(void);
/* Once, on the boot CPU, before map_protect_image(). */
void cpu_patch_smap(void);

#endif
