/* SPDX-License-Identifier: MIT */
/* ELF notes by which a domain builder knows a kernel (public header xen/elfnote.h). For assembly. */
#define __ASSEMBLY__
#include <xen/elfnote.h>

.macro XEN_NOTE type, value:vararg
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  \value
2:  .balign 4
    .popsection
.endm
