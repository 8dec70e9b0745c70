/* SPDX-License-Identifier: MIT */
/* A guest's vector registers for the instruction emulator. They are saved from the processor when an instruction first
 * asks for one, and loaded again when it is done (hw_access_end). */
#include "modes/pvh/hw_access.h"

#define XCR0_SSE_AVX 6UL
#define STATUS_ERROR 0x80       /* of the x87 status word: an exception is pending that is not masked */
#define XSAVE_LEAF 0xd
#define AVX_COMPONENT 2

static struct insn_image image_of(struct vcpu *v)
{
    bool avx = cpu_features.xcr0_mask & XCR0_SSE_AVX & ~2UL;

    return (struct insn_image){ .area = v->fpu, .has_header = cpu_features.xsave,
                                .ymm_offset = avx ? cpuid(XSAVE_LEAF, AVX_COMPONENT).b : 0 };
}

static void save(struct hw_access *a)
{
    if (a->fpu_in_memory)
        return;
    hw_note_xcr0(a->v);
    fpu_save(a->v);
    a->fpu_in_memory = true;
}

static u16 x87_status(struct vcpu *v)
{
    u8 fxsave[512];

    fpu_export(v, fxsave);
    return (u16)(fxsave[2] | fxsave[3] << 8);
}

/* What the processor looks at before it touches a register (APM vol. 2, 11.3, 11.5.2; vol. 5, MOVD; vol. 4). 0: nothing. */
static u8 exception(struct hw_access *a, unsigned int n, unsigned int size)
{
    u64 cr0 = container_ops->get(a->v, CREG_CR0), cr4 = container_ops->get(a->v, CREG_CR4);
    enum container_mode mode = container_mode(a->v);

    if (size == 32) {
        if (mode == MODE_REAL || mode == MODE_VM86 || !(cr4 & X86_CR4_OSXSAVE) ||
            (a->v->xcr0 & XCR0_SSE_AVX) != XCR0_SSE_AVX)
            return TRAP_UD;
    } else if (cr0 & X86_CR0_EM || (n < INSN_MMX && !(cr4 & X86_CR4_OSFXSR))) {
        return TRAP_UD;
    }
    if (cr0 & X86_CR0_TS)
        return TRAP_NM;
    return n >= INSN_MMX && x87_status(a->v) & STATUS_ERROR ? TRAP_MF : 0;
}

enum insn_result hw_get_vector(void *context, unsigned int n, void *data, unsigned int size)
{
    struct hw_access *a = context;
    struct insn_image image = image_of(a->v);
    u8 vector;

    save(a);
    vector = exception(a, n, size);
    if (vector) {
        a->fault = (struct insn_fault){ .vector = vector };
        return INSN_FAULT;
    }
    insn_image_get(&image, n, data, size);
    return INSN_DONE;
}

void hw_set_vector(void *context, unsigned int n, const void *data, unsigned int size)
{
    struct hw_access *a = context;
    struct insn_image image = image_of(a->v);

    insn_image_set(&image, n, data, size);
}
