/* SPDX-License-Identifier: MIT */
/* How long each vCPU ran, waited and slept: for tools, and for guests in an area of their own memory (public header
 * xen/vcpu.h, VCPUOP_register_runstate_memory_area). */
#include "cpu/cpu.h"
#include "dom/guest_access.h"
#include "dom/sched_cpu.h"
#include "mem/frame.h"

void vcpu_runstate(struct vcpu *v, struct vcpu_runstate_info *out)
{
    unsigned long flags = sched_lock_vcpu(v);
    stime_t now = system_time();

    *out = v->runstate;
    sched_unlock_vcpu(v, flags);
    if (now > out->state_entry_time)
        out->time[out->state] += now - out->state_entry_time;
}

u64 vcpu_cpu_time(struct vcpu *v)
{
    struct vcpu_runstate_info r;

    vcpu_runstate(v, &r);
    return r.time[RUNSTATE_running];
}

/* As the guest lays the structure out: 32-bit code has no gap behind its first word. */
static size_t lay_out(const struct domain *d, const struct vcpu_runstate_info *info, u8 out[sizeof(*info)])
{
    size_t start = offsetof(struct vcpu_runstate_info, state_entry_time), at = d->narrow ? sizeof(u32) : start;

    memset(out, 0, sizeof(*info));
    memcpy(out, &info->state, sizeof(info->state));
    memcpy(out + at, &info->state_entry_time, sizeof(*info) - start);
    return at + sizeof(*info) - start;
}

int vcpu_runstate_write(const struct domain *d, u64 va, const struct vcpu_runstate_info *info)
{
    u8 out[sizeof(*info)];
    size_t size = lay_out(d, info, out);

    return copy_to_guest_va(va, out, size);
}

typedef volatile u64 aligned(1) anywhere_u64;   /* at an address that a guest has chosen */

/* The area's writing, where each access of its own would cost a walk through the guest's tables. */
static void publish_in(char *area, const u8 *info, size_t size, size_t stamp_at, bool flagged)
{
    anywhere_u64 *stamp = (anywhere_u64 *)(area + stamp_at);
    u64 final = *(const anywhere_u64 *)(info + stamp_at);

    if (flagged) {
        *stamp = final | XEN_RUNSTATE_UPDATE;
        smp_wmb();
        memcpy(area, info, stamp_at);
        memcpy(area + stamp_at + sizeof(final), info + stamp_at + sizeof(final), size - stamp_at - sizeof(final));
        smp_wmb();
        *stamp = final;
    } else {
        memcpy(area, info, size);
    }
}

static int publish_by_copies(const struct domain *d, u64 va, const struct vcpu_runstate_info *info, size_t stamp_at,
                             bool flagged)
{
    struct vcpu_runstate_info copy;
    int rc;

    if (!flagged)
        return vcpu_runstate_write(d, va, info);
    copy = *info;
    copy.state_entry_time |= XEN_RUNSTATE_UPDATE;
    rc = copy_to_guest_va(va + stamp_at, &copy.state_entry_time, sizeof(copy.state_entry_time));
    if (rc == 0)
        rc = vcpu_runstate_write(d, va, &copy);
    smp_wmb();
    if (rc == 0)
        rc = copy_to_guest_va(va + stamp_at, &info->state_entry_time, sizeof(info->state_entry_time));
    return rc;
}

/* With the update flag (VMASST_TYPE_runstate_update_flag), the highest bit of state_entry_time is set while the rest is
 * being written, so that other vCPUs of the guest can read the area. */
int vcpu_runstate_publish(struct vcpu *v, const struct vcpu_runstate_info *info)
{
    bool flagged = v->domain->vm_assist & (1UL << VMASST_TYPE_runstate_update_flag);
    u64 va = v->runstate_guest, stamp_at = v->domain->narrow ? sizeof(u32) : sizeof(u64);
    u8 out[sizeof(*info)];
    mfn_t mfn;
    char *area;

    if (!va)
        return 0;
    area = v->domain->row->privileged->writable(va, sizeof(*info), &mfn);
    if (!area)
        return publish_by_copies(v->domain, va, info, stamp_at, flagged);
    publish_in(area, out, lay_out(v->domain, info, out), stamp_at, flagged);
    put_frame(mfn);
    return 0;
}

static const char *const state_names[] = { "running", "runnable", "blocked", "offline" };

static void dump_domain(struct domain *d)
{
    struct vcpu *v;

    printk("%s: pause count %u, dying %u\n", d->name_for_log, d->pause_count, d->dying);
    for_each_vcpu(d, v) {
        struct vcpu_runstate_info r;

        vcpu_runstate(v, &r);
        printk("  v%u CPU %u %s%s flags %lx pause %u affinity %lx/%lx ran %lu ms upcall %u mask %u\n", v->id,
               v->processor, state_names[r.state], v->is_running ? "*" : "", v->pause_flags, v->pause_count,
               v->hard_affinity, v->soft_affinity, (u64)(r.time[RUNSTATE_running] / NS_PER_MS),
               v->vcpu_info->evtchn_upcall_pending, v->vcpu_info->evtchn_upcall_mask);
    }
}

void sched_dump(void)
{
    struct domain *d;

    printk("Scheduler: %s, system time %lu ms\n", scheduler->name, (u64)(system_time() / NS_PER_MS));
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
        struct scheduler_cpu *sc = scheduler_cpu(cpu);
        unsigned long flags = spin_lock_irqsave(&sc->lock);

        printk("CPU %u runs %sv%u\n", cpu, sc->running->domain->name_for_log, sc->running->id);
        scheduler->dump(cpu);
        spin_unlock_irqrestore(&sc->lock, flags);
    }
    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        dump_domain(d);
    spin_unlock(&domlist_lock);
}
