/* SPDX-License-Identifier: MIT */
/* Copying across the border to a guest's memory: a fault ends the copy instead of Prism. */
#include "offsets.h"
#include "modes/pv/guarded.h"

    .text
/* size_t pv_raw_copy(void *dst, const void *src, size_t n): bytes not copied, from the end. */
    .globl pv_raw_copy
    .hidden pv_raw_copy
pv_raw_copy:
    mov %rdx, %rcx
    and $7, %edx
    shr $3, %rcx
    guarded 1f, rep movsq
    mov %edx, %ecx
    guarded 2f, rep movsb
    xor %eax, %eax
    ret
/* size_t pv_raw_clear(void *dst, size_t n): bytes not cleared. */
    .globl pv_raw_clear
    .hidden pv_raw_clear
pv_raw_clear:
    mov %rsi, %rcx
    mov %esi, %edx
    xor %eax, %eax
    and $7, %edx
    shr $3, %rcx
    guarded 1f, rep stosq
    mov %edx, %ecx
    guarded 2f, rep stosb
    ret
1:  lea (%rdx, %rcx, 8), %rax
    ret
2:  mov %rcx, %rax
    ret
