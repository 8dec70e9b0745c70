/* SPDX-License-Identifier: MIT */
/* Vector registers in what FXSAVE or XSAVE has written (AMD64 APM vol. 2, 11.4.4 and 11.5.2). */
#include "insn/emulate.h"
#include "lib/lib.h"

#define STATE_X87 1
#define STATE_SSE 2
#define STATE_AVX 4
#define XSTATE_BV 512
#define STATUS_HIGH 3    /* upper byte of the x87 status word; its bits 5:3 are the stack's top */
#define TOP_SHIFT 3
#define TAGS 4           /* a bit for each register that is in use */
#define MXCSR 24         /* what is before is x87's alone */
#define X87_REGS 32      /* from the stack's top on, 16 bytes each */
#define XMM_REGS 160
#define INITIAL_CONTROL 0x37f

static u8 *area(const struct insn_image *image) { return image->area; }

static bool in_use(const struct insn_image *image, u64 state)
{
    u64 bits = STATE_X87 | STATE_SSE;

    if (image->has_header)
        memcpy(&bits, area(image) + XSTATE_BV, sizeof(bits));
    return bits & state;
}

/* A component that is in its initial state has no values in the image; they are put there. */
static void use(const struct insn_image *image, u64 state)
{
    static const u16 control = INITIAL_CONTROL;
    u64 bits;

    if (in_use(image, state))
        return;
    if (state == STATE_X87) {
        memset(area(image), 0, MXCSR);
        memcpy(area(image), &control, sizeof(control));
        memset(area(image) + X87_REGS, 0, 8 * 16);
    } else {
        memset(area(image) + (state == STATE_SSE ? XMM_REGS : image->ymm_offset), 0, 16 * 16);
    }
    memcpy(&bits, area(image) + XSTATE_BV, sizeof(bits));
    bits |= state;
    memcpy(area(image) + XSTATE_BV, &bits, sizeof(bits));
}

static void get_part(const struct insn_image *image, u64 state, u32 at, void *data, unsigned int size)
{
    if (in_use(image, state))
        memcpy(data, area(image) + at, size);
    else
        memset(data, 0, size);
}

static unsigned int top(const struct insn_image *image) { return area(image)[STATUS_HIGH] >> TOP_SHIFT & 7; }

void insn_image_get(const struct insn_image *image, unsigned int n, void *data, unsigned int size)
{
    if (n >= INSN_MMX) {
        get_part(image, STATE_X87, X87_REGS + 16 * ((n - INSN_MMX - top(image)) & 7), data, 8);
        return;
    }
    get_part(image, STATE_SSE, XMM_REGS + 16 * n, data, 16);
    if (size == 32)
        get_part(image, STATE_AVX, image->ymm_offset + 16 * n, (u8 *)data + 16, 16);
}

/* What every MMX instruction does besides: all registers in use, the stack's top at 0; and what it writes has an
 * exponent and sign of all ones (APM vol. 1, 5.10 and 5.11). */
static void set_mmx(const struct insn_image *image, unsigned int n, const void *data)
{
    u8 regs[8 * 16];

    use(image, STATE_X87);
    for (unsigned int i = 0; i < 8; i++)
        memcpy(regs + 16 * i, area(image) + X87_REGS + 16 * ((i - top(image)) & 7), 16);
    memcpy(regs + 16 * n, data, 8);
    memset(regs + 16 * n + 8, 0xff, 2);
    memcpy(area(image) + X87_REGS, regs, sizeof(regs));
    area(image)[STATUS_HIGH] &= ~(7 << TOP_SHIFT);
    area(image)[TAGS] = 0xff;
}

void insn_image_set(const struct insn_image *image, unsigned int n, const void *data, unsigned int size)
{
    if (n >= INSN_MMX) {
        set_mmx(image, n - INSN_MMX, data);
        return;
    }
    use(image, STATE_SSE);
    memcpy(area(image) + XMM_REGS + 16 * n, data, 16);
    if (size == 32) {
        use(image, STATE_AVX);
        memcpy(area(image) + image->ymm_offset + 16 * n, (const u8 *)data + 16, 16);
    }
}
