/* SPDX-License-Identifier: MIT */
/* Between the two files of task switching: one switch under way, descriptors, segments. Functions that return bool have
 * set *fault where they return false. */
#ifndef PRISM_MODES_PVH_HW_TASK_SEGMENT_H
#define PRISM_MODES_PVH_HW_TASK_SEGMENT_H

#include "modes/pvh/hw_task_core.h"

#define SELECTOR_RPL 3u
#define SELECTOR_LDT 4u
#define SELECTOR_INDEX 0xfff8u

/* Types: of system segments (attributes' S bit clear), and bits of the others'. */
#define TYPE_MASK 0xfu
#define TYPE_TSS 1u
#define TYPE_LDT 2u
#define TYPE_TSS_BUSY 3u         /* TYPE_TSS and the busy bit */
#define TYPE_TSS_32 8u
#define TYPE_ACCESSED 1u
#define TYPE_WRITABLE 2u         /* of code: readable */
#define TYPE_DOWN 4u             /* of data: expands down; of code: conforming */
#define TYPE_CODE 8u

struct task {
    struct task_state *s;
    const struct task_request *r;
    const struct task_memory *m;
    struct insn_fault *fault;
};

struct descriptor { struct container_segment segment; u64 address; };   /* where it is in its table */

/* Notes an exception about `selector`; its error code has no RPL. Returns false. */
bool task_fault(struct task *t, u8 vector, u16 selector);
bool task_read(struct task *t, u64 linear, void *data, unsigned int n);
bool task_write(struct task *t, u64 linear, const void *data, unsigned int n);

/* Is the selector within its table? No fault is noted. */
bool task_in_table(const struct task *t, u16 selector);
bool task_read_descriptor(struct task *t, u16 selector, struct descriptor *d);
/* The busy bit of a TSS descriptor in the GDT. */
bool task_can_mark(struct task *t, u16 selector);
bool task_mark(struct task *t, u16 selector, bool busy);

/* The six segments and the LDT of the new task, whose RFLAGS are in place. */
bool task_load_segments(struct task *t, const u16 selector[6], u16 ldt);
bool task_stack_has(const struct container_segment *ss, u64 offset, u64 size);

#endif
