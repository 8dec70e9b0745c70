/* SPDX-License-Identifier: MIT */
/* A switch of the hardware's tasks (AMD64 APM vol. 2, chapter 12). Pure: memory is behind operations. */
#ifndef PRISM_MODES_PVH_HW_TASK_CORE_H
#define PRISM_MODES_PVH_HW_TASK_CORE_H

#include <xen/xen.h>

#include "hw/container.h"
#include "insn/emulate.h"

enum task_cause { TASK_JUMP, TASK_CALL, TASK_IRET, TASK_EVENT };

struct task_request {
    enum task_cause cause;
    u16 selector;              /* of the new task's TSS */
    bool external;             /* an event that no instruction asked for: error codes say so */
    bool has_error; u32 error; /* to be pushed on the new task's stack */
};

/* A vCPU's state as far as tasks have it. regs: general registers, RSP, RIP (where the old task goes on) and RFLAGS. SS's
 * DPL is the CPL. */
struct task_state {
    struct cpu_user_regs regs;
    struct container_segment segment[NR_SEGMENTS];
    struct container_table gdt;
    u64 cr0, cr3, dr7;
};

/* Accesses of the processor's own, n bytes at a linear address, which may cross a page. False: *fault is a page fault.
 * can_write answers as write would, and changes nothing. From set_cr3 on addresses are translated by the new tables. */
struct task_memory {
    void *context;
    bool (*read)(void *context, u64 linear, void *data, unsigned int n, struct insn_fault *fault);
    bool (*write)(void *context, u64 linear, const void *data, unsigned int n, struct insn_fault *fault);
    bool (*can_write)(void *context, u64 linear, unsigned int n, struct insn_fault *fault);
    void (*set_cr3)(void *context, u64 cr3);
};

enum task_result {
    TASK_DONE,
    TASK_TRAPS,                /* done, and the new task's T bit asks for #DB before its first instruction */
    TASK_FAULT_OLD,            /* no register has changed; *fault is the old task's */
    TASK_FAULT_NEW,            /* the switch has happened; what could not be loaded is not usable; *fault is the new task's */
};
/* Outside long mode, PE set, VM as RFLAGS has it. Changes *s, unless TASK_FAULT_OLD. */
enum task_result task_switch(struct task_state *s, const struct task_request *r, const struct task_memory *m,
                             struct insn_fault *fault);

#endif
