/* SPDX-License-Identifier: MIT */
/* The virtual machine control block (AMD64 APM vol. 2, appendix B), exit codes (appendix C). For xen/hw/svm alone. */
#ifndef PRISM_HW_SVM_VMCB_H
#define PRISM_HW_SVM_VMCB_H

#include "lib/types.h"

struct vmcb_segment { u16 selector, attributes; u32 limit; u64 base; };

struct vmcb {
    /* control area */
    u32 intercept_cr, intercept_dr, intercept_exceptions, intercept3, intercept4, intercept5;   /* 000 */
    u8 reserved018[0x3c - 0x18];
    u16 pause_threshold, pause_count;
    u64 iopm, msrpm, tsc_offset;                   /* 040 */
    u32 asid;
    u8 tlb_control, reserved05d[3];
    u64 int_control;                               /* 060 */
    u64 int_state;
    u64 exit_code, exit_info1, exit_info2;         /* 070 */
    u64 exit_int_info;
    u64 nested_control;                            /* 090 */
    u64 avic_bar, ghcb;
    u64 event_inject;                              /* 0a8 */
    u64 nested_cr3;
    u64 lbr_control;
    u32 clean, reserved0c4;                        /* 0c0 */
    u64 next_rip;
    u8 nr_bytes, bytes[15];                        /* 0d0 */
    u8 reserved0e0[0x400 - 0xe0];
    /* state save area */
    struct vmcb_segment segment[6];                /* 400: ES CS SS DS FS GS */
    struct vmcb_segment gdtr, ldtr, idtr, tr;      /* 460 */
    u8 reserved4a0[0x4cb - 0x4a0];
    u8 cpl;
    u32 reserved4cc;
    u64 efer;                                      /* 4d0 */
    u8 reserved4d8[0x548 - 0x4d8];
    u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;      /* 548 */
    u8 reserved580[0x5d8 - 0x580];
    u64 rsp, s_cet, ssp, isst, rax;                /* 5d8 */
    u64 star, lstar, cstar, sfmask, kernel_gs_base, sysenter_cs, sysenter_esp, sysenter_eip, cr2;   /* 600 */
    u8 reserved648[0x668 - 0x648];
    u64 pat, debugctl;                             /* 668 */
    u8 reserved678[0x1000 - 0x678];
} packed;
_Static_assert(offsetof(struct vmcb, iopm) == 0x40 && offsetof(struct vmcb, exit_code) == 0x70, "VMCB control");
_Static_assert(offsetof(struct vmcb, event_inject) == 0xa8 && offsetof(struct vmcb, next_rip) == 0xc8, "VMCB control");
_Static_assert(offsetof(struct vmcb, segment) == 0x400 && offsetof(struct vmcb, tr) == 0x490, "VMCB segments");
_Static_assert(offsetof(struct vmcb, cpl) == 0x4cb && offsetof(struct vmcb, efer) == 0x4d0, "VMCB state");
_Static_assert(offsetof(struct vmcb, rip) == 0x578 && offsetof(struct vmcb, rax) == 0x5f8, "VMCB state");
_Static_assert(offsetof(struct vmcb, cr2) == 0x640 && offsetof(struct vmcb, pat) == 0x668, "VMCB state");
_Static_assert(sizeof(struct vmcb) == 0x1000, "VMCB is a page");

/* intercept3 */
#define INTERCEPT_INTR (1u << 0)
#define INTERCEPT_NMI (1u << 1)
#define INTERCEPT_SMI (1u << 2)
#define INTERCEPT_INIT (1u << 3)
#define INTERCEPT_VINTR (1u << 4)
#define INTERCEPT_RDPMC (1u << 15)
#define INTERCEPT_CPUID (1u << 18)
#define INTERCEPT_IRET (1u << 20)
#define INTERCEPT_INVD (1u << 22)
#define INTERCEPT_PAUSE (1u << 23)
#define INTERCEPT_HLT (1u << 24)
#define INTERCEPT_INVLPGA (1u << 26)
#define INTERCEPT_IOIO (1u << 27)
#define INTERCEPT_MSR (1u << 28)
#define INTERCEPT_TASK_SWITCH (1u << 29)
#define INTERCEPT_SHUTDOWN (1u << 31)
/* intercept_cr */
#define INTERCEPT_CR8_WRITE (1u << 24)
/* intercept4 */
#define INTERCEPT_SVM_INSTRUCTIONS 0x7fu    /* VMRUN VMMCALL VMLOAD VMSAVE STGI CLGI SKINIT */
#define INTERCEPT_WBINVD (1u << 9)
#define INTERCEPT_MONITOR (1u << 10)
#define INTERCEPT_MWAIT (3u << 11)          /* unconditional, and if armed */
#define INTERCEPT_XSETBV (1u << 13)
#define INTERCEPT_RDPRU (1u << 14)
/* intercept5 */
#define INTERCEPT_INVLPGB (3u << 0)
#define INTERCEPT_MCOMMIT (1u << 3)
#define INTERCEPT_TLBSYNC (1u << 4)
#define INTERCEPT_ALL_DR 0xffffffffu

#define TLB_KEEP 0
#define TLB_FLUSH_ALL 1
#define TLB_FLUSH_ASID 3                    /* CPUID 8000000AH EDX bit 6 */

#define V_TPR 0xfUL
#define V_IRQ (1UL << 8)
#define V_INTR_PRIORITY_SHIFT 16
#define V_INTR_PRIORITY (0xfUL << 16)
#define V_IGNORE_TPR (1UL << 20)
#define V_INTR_MASKING (1UL << 24)
#define V_INTR_VECTOR_SHIFT 32
#define V_INTR_VECTOR (0xffUL << 32)
#define INT_STATE_SHADOW 1UL

#define EVENT_VALID (1UL << 31)
#define EVENT_HAS_ERROR (1UL << 11)
#define EVENT_TYPE (7UL << 8)
#define EVENT_INTERRUPT (0UL << 8)
#define EVENT_NMI (2UL << 8)
#define EVENT_EXCEPTION (3UL << 8)
#define EVENT_SOFTWARE (4UL << 8)

/* Clean bits: groups of fields that the CPU may take from its own copy (CPUID 8000000AH EDX bit 5). */
#define CLEAN_INTERCEPTS (1u << 0)
#define CLEAN_ASID (1u << 2)
#define CLEAN_TPR (1u << 3)
#define CLEAN_NESTED (1u << 4)
#define CLEAN_CR (1u << 5)
#define CLEAN_DR (1u << 6)
#define CLEAN_TABLES (1u << 7)
#define CLEAN_SEGMENTS (1u << 8)
#define CLEAN_CR2 (1u << 9)
#define CLEAN_ALL 0x3ffu

#define SVM_FEATURE_NPT (1u << 0)
#define SVM_FEATURE_NRIP (1u << 3)
#define SVM_FEATURE_CLEAN (1u << 5)
#define SVM_FEATURE_FLUSH_ASID (1u << 6)
#define SVM_FEATURE_DECODE (1u << 7)
#define SVM_FEATURE_PAUSE_FILTER (1u << 10)
#define SVM_FEATURE_PAUSE_THRESHOLD (1u << 12)

#define VMEXIT_CR8_WRITE 0x18
#define VMEXIT_DR_READ 0x20
#define VMEXIT_DR_WRITE_LAST 0x3f
#define VMEXIT_EXCEPTION 0x40
#define VMEXIT_EXCEPTION_LAST 0x5f
#define VMEXIT_INTR 0x60
#define VMEXIT_NMI 0x61
#define VMEXIT_SMI 0x62
#define VMEXIT_INIT 0x63
#define VMEXIT_VINTR 0x64
#define VMEXIT_RDPMC 0x6f
#define VMEXIT_CPUID 0x72
#define VMEXIT_IRET 0x74
#define VMEXIT_INVD 0x76
#define VMEXIT_PAUSE 0x77
#define VMEXIT_HLT 0x78
#define VMEXIT_INVLPGA 0x7a
#define VMEXIT_IOIO 0x7b
#define VMEXIT_MSR 0x7c
#define VMEXIT_TASK_SWITCH 0x7d
#define VMEXIT_SHUTDOWN 0x7f
#define VMEXIT_VMRUN 0x80
#define VMEXIT_VMMCALL 0x81
#define VMEXIT_VMLOAD 0x82
#define VMEXIT_VMSAVE 0x83
#define VMEXIT_STGI 0x84
#define VMEXIT_CLGI 0x85
#define VMEXIT_SKINIT 0x86
#define VMEXIT_WBINVD 0x89
#define VMEXIT_MONITOR 0x8a
#define VMEXIT_MWAIT 0x8b
#define VMEXIT_MWAIT_ARMED 0x8c
#define VMEXIT_XSETBV 0x8d
#define VMEXIT_RDPRU 0x8e
#define VMEXIT_INVLPGB 0xa0
#define VMEXIT_INVLPGB_ILLEGAL 0xa1
#define VMEXIT_MCOMMIT 0xa3
#define VMEXIT_TLBSYNC 0xa4
#define VMEXIT_NPF 0x400
#define VMEXIT_INVALID (~0UL)

#define MSR_VM_CR 0xc0010114
#define VM_CR_SVMDIS (1 << 4)
#define MSR_VM_HSAVE_PA 0xc0010117

#endif
