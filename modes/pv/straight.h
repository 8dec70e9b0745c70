/* SPDX-License-Identifier: MIT */
/* For the straight lines in assembly (entry.S, entry_fault.S), which enter a guest without C: what they charge, and how they
 * reach the guest's stack. */

/* As LEDGER_SITE (dom/ledger.h): the crossing gets its name here, or with PV_LEDGER_COUNTED a part of it is counted. */
.macro ledger_site cell, kind=PV_LEDGER_NAMED
    .pushsection .ledger_sites, "", @progbits
    .quad .Lsite\@, \kind, (\cell - PV_LEDGER) / PV_LEDGER_CELL_SIZE
    .popsection
.Lsite\@:
.endm

/* Since S_ENTRY_TSC, to the ledger's cell at offset `cell` of the vCPU; to_user: its time in user mode begins. RSP = &regs.rsp.
 * Uses RAX, RDX. */
.macro charge cell, to_user=0
    ledger_site \cell
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    mov S_CURRENT(%rsp), %rdx
    .if \to_user
    sub %rax, PV_LEDGER_USER(%rdx)
    .endif
    sub S_ENTRY_TSC(%rsp), %rax
    incq \cell + PV_LEDGER_COUNT(%rdx)
    add %rax, \cell + PV_LEDGER_TICKS(%rdx)
.endm

/* Into the guest's kernel, whose RIP is in RCX and whose RSP is in its slot, charged to `cell`. */
.macro enter_kernel cell
    charge \cell
    mov $(X86_EFLAGS_IF | 2), %r11d
    mov S_RAX(%rsp), %rax
    mov S_RDX(%rsp), %rdx
    mov (%rsp), %rsp
    sysretq
.endm

/* One more of an event that is part of the crossing. RDX = current. */
.macro count_event cell
    ledger_site \cell, PV_LEDGER_COUNTED
    incq \cell + PV_LEDGER_COUNT(%rdx)
.endm

.macro user_access smap, instruction
    .if \smap
    \instruction
    .endif
.endm
