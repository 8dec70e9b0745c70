/* SPDX-License-Identifier: MIT */
/* Ports of a guest in a container. There is no device at any: they read as ones. String forms are done whole, up to a
 * bound after which the guest begins the rest anew. */
#include "modes/pvh/pvh.h"

#define MAX_ITERATIONS 1024

static u64 address_mask(unsigned int bytes)
{
    return bytes == 8 ? ~0UL : (1UL << 8 * bytes) - 1;
}

/* Registers of less than 64 bits: 16-bit ones leave the rest alone, 32-bit ones clear it. */
static void set_part(u64 *reg, u64 value, unsigned int bytes)
{
    *reg = bytes == 2 ? (*reg & ~0xffffUL) | (value & 0xffff) : value & address_mask(bytes);
}

/* INS: ones into ES:rDI. False: a page fault is left for the guest. */
static bool input_string(struct vcpu *v, const struct exit *exit, u64 offset)
{
    u32 access = PFEC_WRITE | (exit->cpl == 3 ? PFEC_USER : 0), error;
    struct container_segment es;
    u64 gpa;

    container_ops->get_segment(v, SEGMENT_ES, &es);
    if (container_mode(v) == MODE_64)
        es.base = 0;
    for (unsigned int i = 0; i < exit->port.size; i++) {
        static const u8 ones = 0xff;
        if (!hw_translate(v, es.base + offset + i, access, &gpa, &error)) {
            hw_inject(v, TRAP_PF, error, es.base + offset + i);
            return false;
        }
        (void)hw_write_gpa(v->domain, gpa, &ones, 1);
    }
    return true;
}

static void string(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();
    unsigned int bytes = exit->port.address_size;
    u64 *index = exit->port.in ? &regs->rdi : &regs->rsi, mask = address_mask(bytes);
    s64 step = regs->rflags & X86_EFLAGS_DF ? -(s64)exit->port.size : exit->port.size;

    for (unsigned int i = 0; i < MAX_ITERATIONS; i++) {
        if (exit->port.rep && (regs->rcx & mask) == 0)
            break;
        if (exit->port.in && !input_string(v, exit, *index & mask))
            return;
        set_part(index, *index + (u64)step, bytes);
        if (!exit->port.rep)
            break;
        set_part(&regs->rcx, regs->rcx - 1, bytes);
    }
    if (!exit->port.rep || (regs->rcx & mask) == 0)
        container_advance_rip(v, exit);
}

void hw_port(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();

    if (exit->port.string) {
        string(v, exit);
        return;
    }
    if (exit->port.in)
        regs->rax = exit->port.size == 4 ? 0xffffffff : regs->rax | address_mask(exit->port.size);
    container_advance_rip(v, exit);
}
