/* SPDX-License-Identifier: MIT */
/* Instructions that may fault on a guest's account, for assembly. */

/* A fault at `instruction` goes on at `fixup`, registers as they were. */
.macro guarded fixup, instruction:vararg
99: \instruction
    .pushsection .extable, "a", @progbits
    .long 99b - ., \fixup - .
    .popsection
.endm
