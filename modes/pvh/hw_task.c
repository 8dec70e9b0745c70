/* SPDX-License-Identifier: MIT */
/* Switches of the hardware's tasks, which a container leaves to the row: from the exit to hw_task_core.c and back. */
#include "modes/pvh/hw_task_core.h"
#include "modes/pvh/pvh.h"

#define DR6_BT (1u << 15)
#define GATE_SIZE 8
#define GATE_DPL_BYTE 5
#define ERROR_IDT 2u

/* ---- The guest's memory */

static unsigned int part(u32 linear, unsigned int n)
{
    return min(n, (unsigned int)(PAGE_SIZE - (linear & ~PAGE_MASK)));
}

static bool translate(struct vcpu *v, u32 linear, u32 access, u64 *gpa, struct insn_fault *fault)
{
    u32 error;

    if (hw_translate(v, linear, access, gpa, &error))
        return true;
    *fault = (struct insn_fault){ .vector = TRAP_PF, .has_error = true, .error = error, .cr2 = linear };
    return false;
}

/* Where there is no memory, ones are read: no device is asked. */
static bool read(void *context, u64 linear, void *data, unsigned int n, struct insn_fault *fault)
{
    u64 gpa;

    for (unsigned int done = 0, some; done < n; done += some) {
        some = part((u32)(linear + done), n - done);
        if (!translate(context, (u32)(linear + done), 0, &gpa, fault))
            return false;
        if (!hw_read_gpa(((struct vcpu *)context)->domain, gpa, (char *)data + done, some))
            memset((char *)data + done, 0xff, some);
    }
    return true;
}

static bool can_write(void *context, u64 linear, unsigned int n, struct insn_fault *fault)
{
    u64 gpa;

    for (unsigned int done = 0; done < n; done += part((u32)(linear + done), n - done))
        if (!translate(context, (u32)(linear + done), PFEC_WRITE, &gpa, fault))
            return false;
    return true;
}

static bool write(void *context, u64 linear, const void *data, unsigned int n, struct insn_fault *fault)
{
    u64 gpa;

    if (!can_write(context, linear, n, fault))
        return false;
    for (unsigned int done = 0, some; done < n; done += some) {
        some = part((u32)(linear + done), n - done);
        if (!translate(context, (u32)(linear + done), PFEC_WRITE, &gpa, fault))
            return false;
        (void)hw_write_gpa(((struct vcpu *)context)->domain, gpa, (const char *)data + done, some);
    }
    return true;
}

static void set_cr3(void *context, u64 cr3)
{
    container_ops->set(context, CREG_CR3, cr3);
}

/* ---- The vCPU */

static void get_state(struct vcpu *v, struct task_state *s)
{
    struct container_table idt;

    s->regs = *guest_regs();
    for (enum container_segment_id id = 0; id < NR_SEGMENTS; id++)
        container_ops->get_segment(v, id, &s->segment[id]);
    container_ops->get_tables(v, &s->gdt, &idt);
    s->cr0 = container_ops->get(v, CREG_CR0);
    s->cr3 = container_ops->get(v, CREG_CR3);
    s->dr7 = container_ops->get(v, CREG_DR7);
}

/* CR3 has been set on the way; the GDT is nobody's to change. */
static void set_state(struct vcpu *v, const struct task_state *s)
{
    *guest_regs() = s->regs;
    for (enum container_segment_id id = 0; id < NR_SEGMENTS; id++)
        container_ops->set_segment(v, id, &s->segment[id]);
    container_ops->set(v, CREG_CR0, s->cr0);
    container_ops->set(v, CREG_DR7, s->dr7);
    container_ops->set_interrupt_shadow(v, false);
}

/* ---- The exit */

/* INT n reaches a gate only if its DPL allows. Where the processor looks at that after the exit, nobody else does. */
static bool gate_allows(struct vcpu *v, const struct exit *exit, struct insn_fault *fault)
{
    struct container_table gdt, idt;
    u32 at = exit->task.vector * GATE_SIZE;
    u8 byte;

    container_ops->get_tables(v, &gdt, &idt);
    if (at + GATE_SIZE - 1 <= idt.limit) {
        if (!read(v, (u32)(idt.base + at + GATE_DPL_BYTE), &byte, 1, fault))
            return false;
        if (exit->cpl <= (byte >> 5 & 3))
            return true;
    }
    *fault = (struct insn_fault){ .vector = TRAP_GP, .has_error = true, .error = at | ERROR_IDT };
    return false;
}

static struct task_request request_of(const struct exit *exit)
{
    return (struct task_request){
        .cause = exit->task.iret ? TASK_IRET : exit->task.jump ? TASK_JUMP : exit->task.by_event ? TASK_EVENT : TASK_CALL,
        .selector = exit->task.selector, .external = exit->task.by_event && !exit->task.software,
        .has_error = exit->task.has_error, .error = exit->task.error,
    };
}

/* The old task goes on after the instruction that switches, if one does. False: its bytes cannot be had or are no
 * instruction any more; it is begun anew. */
static bool pass_instruction(struct vcpu *v, const struct exit *exit, struct task_state *s)
{
    struct insn insn;

    if (exit->task.by_event && !exit->task.software) {
        s->regs.rflags = (s->regs.rflags & ~(u64)X86_EFLAGS_RF) | (exit->task.resume_flag ? X86_EFLAGS_RF : 0);
        return true;
    }
    if (container_fetch_insn(v, &insn))
        return false;
    s->regs.rip = (u32)(s->regs.rip + insn.length);
    s->regs.rflags &= ~(u64)X86_EFLAGS_RF;
    return true;
}

static void debug_trap(struct vcpu *v)
{
    container_ops->set(v, CREG_DR6, container_ops->get(v, CREG_DR6) | DR6_BT);
    hw_inject(v, TRAP_DB, 0, 0);
}

/* An event that brought this about stays pending while something can fail, so that a fault meets it as it would have in
 * the processor. */
void hw_task_switch(struct vcpu *v, struct exit *exit)
{
    static const struct task_memory memory = { .read = read, .write = write, .can_write = can_write, .set_cr3 = set_cr3 };
    struct task_request request = request_of(exit);
    struct task_memory m = memory;
    struct insn_fault fault;
    struct task_state s;
    enum task_result result = TASK_FAULT_OLD;

    m.context = v;
    get_state(v, &s);
    if (container_ops->get(v, CREG_EFER) & EFER_LMA) {   /* there are no task switches: the processor does not ask */
        hw_inject(v, TRAP_GP, exit->task.selector & ~3u, 0);
        return;
    }
    if (!pass_instruction(v, exit, &s))
        return;
    if (!exit->task.software || gate_allows(v, exit, &fault))
        result = task_switch(&s, &request, &m, &fault);
    if (result != TASK_FAULT_OLD)
        set_state(v, &s);
    if (result == TASK_FAULT_OLD || result == TASK_FAULT_NEW) {
        hw_inject(v, fault.vector, fault.error, fault.cr2);
        return;
    }
    if (exit->task.by_event)
        container_ops->drop_event(v);
    if (result == TASK_TRAPS)
        debug_trap(v);
}
