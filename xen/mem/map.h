/* SPDX-License-Identifier: MIT */
/* The tables that head.S makes and the bounds of the image's sections (boot/prism.lds), for mem/ alone. */
#ifndef PRISM_MEM_MAP_H
#define PRISM_MEM_MAP_H

#include "lib/types.h"

extern u64 boot_l4[512], hypervisor_l3[16][512], image_l1[];
extern char __image_start[], __init_text_start[], __init_text_end[], __rodata_start[], __rodata_end[];
extern char __init_data_start[], __init_data_end[], __init_bss_start[], __init_bss_end[], _end[];

#endif
