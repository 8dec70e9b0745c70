/* SPDX-License-Identifier: MIT */
/* What surrounds device models, beyond tests/unit/devmodel_machine.h: tools that make dm_ops, their memory, the guest's p2m, an
 * allocator that may fail, and lines and interrupts that only look at what they are given. Includes the sources of dm_ops. */
#ifndef PRISM_TESTS_FUZZ_DEVMODEL_TOOLS_H
#define PRISM_TESTS_FUZZ_DEVMODEL_TOOLS_H

#include "tests/unit/devmodel_machine.h"
#include "abi/hypercall.h"
static bool preempt;
#define hypercall_preempt_check() (preempt = !preempt)
#include "devmodel/dm_inject.c"
#include "devmodel/dm_memory.c"
#include "devmodel/dm_op.c"
#include "devmodel/vram.c"

#define FRAMES 3000
#define CONTINUED 12345    /* the answer of a call that is to be made again */

static struct domain other_tools = { .id = 9, .is_privileged = true };
static struct vcpu other_vcpu = { .domain = &other_tools };
static struct vcpu *const tool_vcpus[] = { &tool_vcpu, &other_vcpu };
static struct p2m p2m = { .limit = FRAMES };
static u8 types[FRAMES];
static unsigned int blocks, fail_in;
static struct { struct xen_dm_op_buf list[3]; struct xen_dm_op op; u8 scratch[512]; } shared;   /* memory of the tools */

void *xzalloc_bytes(size_t size, size_t align)
{
    if (fail_in && --fail_in == 0)
        return NULL;
    blocks++;
    return calloc(1, size ? size : 1);
}
void xfree(void *p)
{
    blocks -= p != NULL;
    free(p);
}
mfn_t p2m_get(struct p2m *p, gfn_t gfn, enum p2m_type *type, unsigned int *order)
{
    check(gfn < FRAMES);
    *type = types[gfn];
    return gfn;
}
int p2m_change_type(struct p2m *p, gfn_t gfn, enum p2m_type from, enum p2m_type to)
{
    check(gfn < FRAMES);
    if (types[gfn] != from || gfn == 77)
        return -EINVAL;
    types[gfn] = to;
    return 0;
}
int p2m_change_type_range(struct p2m *p, gfn_t first, gfn_t end, enum p2m_type from, enum p2m_type to, gfn_t *next)
{
    gfn_t stop = end - first > 700 ? first + 700 : end;

    check(first <= end && end <= FRAMES);
    for (gfn_t gfn = first; gfn < stop; gfn++)
        if (types[gfn] == from)
            types[gfn] = to;
    *next = stop;
    return stop < end ? -ERESTART : 0;
}
int pod_populate(struct domain *d, gfn_t gfn) { types[gfn] = P2M_RAM; return 0; }
int memory_physmap_add(struct domain *d, unsigned int space, unsigned long idx, gfn_t gfn)
{ return idx < FRAMES && gfn < FRAMES ? 0 : -EINVAL; }
long hypercall_continue(unsigned long number, unsigned int nargs, ...) { return CONTINUED; }
struct domain *domain_get(domid_t id)
{ return id == guest.id ? &guest : id == tools.id ? &tools : id == other_tools.id ? &other_tools : NULL; }
void domain_put(struct domain *d) {}
void domain_shutdown(struct domain *d, u32 reason) { check(d == &guest && reason <= SHUTDOWN_MAX); }
void vcpu_pause(struct vcpu *v) {}
void vcpu_unpause(struct vcpu *v) {}

static bool no_event(const struct vcpu *v) { return false; }
static bool can_inject(const struct vcpu *v) { return true; }
static void inject_interrupt(struct vcpu *v, u8 vector) { check(vector >= 16); }
static bool inject_exception(struct vcpu *v, u8 vector, bool has_error, u32 error, u64 cr2) { check(vector < 32); return true; }
static const struct container_ops ops = { .event_pending = no_event, .can_inject_interrupt = can_inject,
                                          .inject_interrupt = inject_interrupt, .inject = inject_exception };
const struct container_ops *container_ops = &ops;

static bool in_tools_memory(u64 va, size_t n)
{
    u64 first = (u64)(unsigned long)&shared;

    return va >= first && va - first <= sizeof(shared) && n <= sizeof(shared) - (va - first);
}
static size_t copy_from(void *dst, u64 va, size_t n)
{
    if (!in_tools_memory(va, n))
        return n;
    memcpy(dst, (const void *)(unsigned long)va, n);
    return 0;
}
static size_t copy_to(u64 va, const void *src, size_t n)
{
    if (!in_tools_memory(va, n))
        return n;
    memcpy((void *)(unsigned long)va, src, n);
    return 0;
}
static void isa_irq(struct domain *d, unsigned int irq, bool level) { check(irq < 16); }
static void pci_intx(struct domain *d, unsigned int device, unsigned int pin, bool level) { check(device < 32 && pin < 4); }
static void pci_link(struct domain *d, unsigned int link, unsigned int irq) { check(link < 4 && irq < 16); }
static int msi(struct domain *d, u64 address, u32 data) { return 0; }
static void nmi(struct vcpu *v) {}
static const struct platform_inputs lines = { isa_irq, pci_intx, pci_link, msi };
static const struct platform_ops platform = { .inputs = &lines };
static const struct interrupt_ops interrupts = { .nmi = nmi };
static const struct privileged_ops whole = { .get_gfn = get_gfn, .map_gfn = map_gfn, .unmap_gfn = unmap_gfn, .container = &abi,
                                             .copy_from = copy_from, .copy_to = copy_to };
static const struct row whole_row = { .privileged = &whole, .platform = &platform, .interrupts = &interrupts };

#endif
