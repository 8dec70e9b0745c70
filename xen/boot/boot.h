/* SPDX-License-Identifier: MIT */
/* What the boot loader told, in one form for multiboot 1 and 2, and the command line. */
#ifndef PRISM_BOOT_BOOT_H
#define PRISM_BOOT_BOOT_H

#include "lib/types.h"

enum memory_type { MEM_RAM = 1, MEM_RESERVED = 2, MEM_ACPI = 3, MEM_NVS = 4, MEM_UNUSABLE = 5 };
struct memory_range { u64 start, length; u32 type; };
#define BOOT_MAX_RANGES 128
#define BOOT_MAX_MODULES 8
struct boot_module { maddr_t start; u64 size; const char *cmdline; };   /* cmdline without the file name; never NULL */

struct boot_info {
    const char *loader, *cmdline;            /* cmdline without the hypervisor's file name */
    u32 nr_ranges; struct memory_range ranges[BOOT_MAX_RANGES];   /* sorted, disjoint (checked by memory_map_check) */
    u32 nr_modules; struct boot_module modules[BOOT_MAX_MODULES];
    maddr_t image_start, image_end;          /* Prism itself */
    maddr_t rsdp;                            /* 0: search for it */
    u32 vga_mode_cols, vga_mode_rows;
};
extern struct boot_info boot_info;

/* Takes over multiboot information at a machine address (in the direct map) by the loader's magic. Strings
 * are copied. Panics with one line for a bad magic or no memory map. */
void boot_parse(u32 magic, u32 info_address);
/* NULL if the ranges are usable, else one line that says what is wrong (overlap, overflow, none). Pure. Sorts. */
const char *memory_map_check(struct memory_range *ranges, u32 *count, char *reason, size_t size);

/* The command line (cmdline.c). One struct, filled once; words unknown are named in a warning. */
enum nmi_action { NMI_TO_DOM0, NMI_IGNORE, NMI_FATAL };   /* cpu/nmi.c */

struct options {
    u64 dom0_mem, dom0_mem_max;              /* bytes; 0: all but what Prism needs */
    u32 dom0_max_vcpus;                      /* 0: one a CPU */
    bool dom0_vcpus_pin, noreboot, sync_console, console_com1, console_vga, console_to_ring, watchdog, no_smp;
    u32 com1_baud, com1_base, com1_irq;
    u32 loglvl, guest_loglvl;                /* enum log_level thresholds */
    u32 max_cpus;
    u32 watchdog_seconds;                    /* that a CPU may be away; a vCPU twice as long */
    enum nmi_action nmi;
    u32 trace_pages, trace_events;           /* trace buffers from the start: pages a CPU, and what is recorded at once */
    char unknown[256];
};
extern struct options options;
void cmdline_parse(const char *cmdline, struct options *o);   /* pure; "--" ends Prism's words */
void cmdline_warn_unknown(void);

#endif
