/* SPDX-License-Identifier: MIT */
/* How asm_offsets.c files export numbers to assembly: OFFSET(NAME, type, member), NUMBER(NAME, value) become
 * "#define NAME value" in offsets.h of each build's folder. Only compiled to assembly text, never linked. */
#ifndef PRISM_CPU_ASM_OFFSETS_H
#define PRISM_CPU_ASM_OFFSETS_H
#define NUMBER(name, value) asm volatile("->" #name " %0" :: "i" (value))
#define OFFSET(name, type, member) NUMBER(name, offsetof(type, member))
#endif
