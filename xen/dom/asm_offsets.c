/* SPDX-License-Identifier: MIT */
/* Where a debugger finds whose a frame is: numbers for harness/watch.py. */
#include "cpu/asm_offsets.h"
#include "mem/frame.h"

void dom_asm_offsets(void);
void dom_asm_offsets(void)
{
    NUMBER(FRAME_SIZE, sizeof(struct frame));
    OFFSET(FRAME_OWNER, struct frame, owner);
}
