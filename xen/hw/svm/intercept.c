/* SPDX-License-Identifier: MIT */
/* What makes an SVM guest exit (AMD64 APM vol. 2, 15.7 to 15.14). */
#include "cpu/x86.h"
#include "hw/svm/svm.h"
#include "lib/lib.h"

/* #DB and #AC: their delivery can raise them again without end, which only an exit interrupts. #MC is the host's. */
#define EXCEPTIONS_ALWAYS (1u << TRAP_DB | 1u << TRAP_AC | 1u << TRAP_MC)
#define PAUSE_FILTER_COUNT 3000
#define PAUSE_FILTER_THRESHOLD 128

/* A vCPU that only waits for another of its domain gives its turn away, where the processor tells a long wait from a short
 * one: without a filter every PAUSE would be an exit (APM vol. 2, 15.14.4). */
static void filter_pauses(struct vmcb *vmcb)
{
    if (!svm_has(SVM_FEATURE_PAUSE_FILTER))
        return;
    vmcb->intercept3 |= INTERCEPT_PAUSE;
    vmcb->pause_count = PAUSE_FILTER_COUNT;
    vmcb->pause_threshold = svm_has(SVM_FEATURE_PAUSE_THRESHOLD) ? PAUSE_FILTER_THRESHOLD : 0;
}

/* CR accesses, INVLPG, descriptor tables: with nested paging these are the guest's own affair. So is what an x87 error does
 * with CR0.NE clear: the processor waits, interruptible, for IGNNE#. */
void svm_intercept_init(struct vmcb *vmcb)
{
    vmcb->intercept_dr = INTERCEPT_ALL_DR;
    vmcb->intercept_exceptions = EXCEPTIONS_ALWAYS;
    vmcb->intercept3 = INTERCEPT_INTR | INTERCEPT_NMI | INTERCEPT_SMI | INTERCEPT_INIT | INTERCEPT_RDPMC |
                       INTERCEPT_CPUID | INTERCEPT_INVD | INTERCEPT_HLT | INTERCEPT_INVLPGA | INTERCEPT_IOIO |
                       INTERCEPT_MSR | INTERCEPT_TASK_SWITCH | INTERCEPT_SHUTDOWN;
    vmcb->intercept4 = INTERCEPT_SVM_INSTRUCTIONS | INTERCEPT_WBINVD | INTERCEPT_MONITOR | INTERCEPT_MWAIT |
                       INTERCEPT_XSETBV | INTERCEPT_RDPRU;
    vmcb->intercept5 = INTERCEPT_INVLPGB | INTERCEPT_MCOMMIT | INTERCEPT_TLBSYNC;
    filter_pauses(vmcb);
}

/* Two bits an MSR, read and write, in three ranges of 8192 MSRs (APM vol. 2, 15.11). */
static void allow_msr(u8 *map, u32 msr)
{
    u32 first = msr >= 0xc0000000 ? 0x2000 : 0, bit = 2 * (first + (msr & 0x1fff));

    map[bit / 8] &= (u8)~(3u << bit % 8);
}

void svm_maps_init(void *iopm, void *msrpm)
{
    static const u32 allowed[] = { MSR_FS_BASE, MSR_GS_BASE, MSR_SHADOW_GS_BASE, MSR_STAR, MSR_LSTAR, MSR_CSTAR,
                                   MSR_SFMASK, MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP };

    static const u16 delays[] = { 0x80, 0xed };   /* where no device answers: software goes there to let a moment pass */

    memset(iopm, 0xff, PAGE_SIZE << IOPM_ORDER);
    for (unsigned int i = 0; i < ARRAY_SIZE(delays); i++)
        ((u8 *)iopm)[delays[i] / 8] &= (u8)~(1u << delays[i] % 8);
    memset(msrpm, 0xff, PAGE_SIZE << MSRPM_ORDER);
    for (unsigned int i = 0; i < ARRAY_SIZE(allowed); i++)
        allow_msr(msrpm, allowed[i]);
}

void svm_set_tsc_offset(struct vcpu *v, u64 offset)
{
    struct svm_container *s = to_svm(v);

    s->vmcb->tsc_offset = offset;
    svm_touch(s, CLEAN_INTERCEPTS);
}
