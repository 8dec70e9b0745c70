/* SPDX-License-Identifier: MIT */
/* Scheduling, the mechanism: who waits, who runs, when a CPU changes from one to the other. Who is next is the policy's
 * answer (struct scheduler). */
#include "abi/event.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/sched_cpu.h"
#include "mem/frame.h"
#include "trace/trace.h"

const struct scheduler *scheduler = &sched_fair;
volatile cpumask_t sched_idle_mask;

unsigned long sched_lock_vcpu(struct vcpu *v)
{
    for (;;) {
        unsigned int cpu = v->processor;
        unsigned long flags = spin_lock_irqsave(&scheduler_cpu(cpu)->lock);

        if (v->processor == cpu)
            return flags;
        spin_unlock_irqrestore(&scheduler_cpu(cpu)->lock, flags);
    }
}

void sched_unlock_vcpu(struct vcpu *v, unsigned long flags)
{
    spin_unlock_irqrestore(&scheduler_cpu(v->processor)->lock, flags);
}

/* Lock held. */
static void runstate_change(struct vcpu *v, int state, stime_t now)
{
    struct vcpu_runstate_info *r = &v->runstate;

    trace(TRC_SCHED_RUNSTATE_CHANGE | (u32)r->state << 8 | (u32)state << 4, TRACE_PAIR(v->id, v->domain->id));
    if (now > r->state_entry_time) {
        r->time[r->state] += now - r->state_entry_time;
        r->state_entry_time = now;
    }
    r->state = state;
}

static int state_off_cpu(const struct vcpu *v)
{
    if (vcpu_runnable(v))
        return RUNSTATE_runnable;
    return test_bit(VPF_BLOCKED, &v->pause_flags) ? RUNSTATE_blocked : RUNSTATE_offline;
}

/* Lock held; v, neither queued nor running, is `cpu`'s from now on, and so is the lock that guards it. */
static void leave_for(struct vcpu *v, unsigned int cpu)
{
    scheduler->migrate(v, cpu);
    ledger_settle(v);
    ACCESS_ONCE(v->processor) = cpu;
}

/* ---- Waking and sleeping */

/* v, just woken, goes to the CPU that suits it. Returns with the lock of v's processor held, whichever that is now. */
static void place_woken(struct vcpu *v)
{
    unsigned int cpu;
    struct scheduler_cpu *old = scheduler_cpu(v->processor);

    if (v->is_running || old->running == v)
        return;
    cpu = scheduler->pick_cpu(v);
    if (cpu == v->processor)
        return;
    leave_for(v, cpu);
    spin_unlock(&old->lock);
    (void)sched_lock_vcpu(v);   /* interrupts are off already */
}

void vcpu_wake(struct vcpu *v)
{
    unsigned long flags = sched_lock_vcpu(v);

    trace(TRC_SCHED_WAKE, v->domain->id, v->id);
    if (vcpu_runnable(v)) {
        if (v->runstate.state >= RUNSTATE_blocked) {
            runstate_change(v, RUNSTATE_runnable, system_time());
            place_woken(v);
        }
        if (vcpu_runnable(v))
            scheduler->wake(v);
    } else if (v->runstate.state == RUNSTATE_blocked && !test_bit(VPF_BLOCKED, &v->pause_flags))
        runstate_change(v, RUNSTATE_offline, system_time());
    sched_unlock_vcpu(v, flags);
}

void vcpu_sleep_nosync(struct vcpu *v)
{
    unsigned long flags = sched_lock_vcpu(v);

    trace(TRC_SCHED_SLEEP, v->domain->id, v->id);
    if (!vcpu_runnable(v)) {
        if (v->runstate.state == RUNSTATE_runnable)
            runstate_change(v, state_off_cpu(v), system_time());
        scheduler->sleep(v);
    }
    sched_unlock_vcpu(v, flags);
}

void vcpu_sleep_sync(struct vcpu *v)
{
    ASSERT(v != current);
    vcpu_sleep_nosync(v);
    while (!vcpu_runnable(v) && v->is_running)
        cpu_relax();
}

void sync_vcpu_state(struct vcpu *v)
{
    if (v == current) {
        bool unloaded = READ_CR(0) & X86_CR0_TS;

        v->regs = *guest_regs();
        fpu_save(v);
        if (!unloaded)
            fpu_restore(v);
        return;
    }
    while (v->is_running)   /* a CPU that leaves a vCPU keeps nothing of it: see context_switch() */
        cpu_relax();
}

void vcpu_unblock(struct vcpu *v)
{
    if (!test_and_clear_bit(VPF_BLOCKED, &v->pause_flags))
        return;
    if (ACCESS_ONCE(v->poll_evtchn) != 0) {
        ACCESS_ONCE(v->poll_evtchn) = 0;
        /* v may have been woken by somebody else in between and polls once more: then that poll ends here, since with
         * its bit out of poll_mask nobody would end it later. */
        if (test_and_clear_bit(v->id, v->domain->poll_mask))
            clear_bit(VPF_BLOCKED, &v->pause_flags);
    }
    vcpu_wake(v);
}

void vcpu_kick(struct vcpu *v)
{
    bool running = v->is_running;

    vcpu_unblock(v);
    if (running && v != current)
        smp_send_event_check(v->processor);
}

void vcpu_nmi(struct vcpu *v)
{
    v->nmi_pending = true;
    vcpu_kick(v);
}

void vcpu_block_current(void)
{
    struct vcpu *v = current;

    set_bit(VPF_BLOCKED, &v->pause_flags);
    if (v->domain->row->interrupts->pending(v)) {   /* after the flag: an event from now on clears it */
        clear_bit(VPF_BLOCKED, &v->pause_flags);
    } else {
        trace(TRC_SCHED_BLOCK, v->domain->id, v->id);
        raise_softirq(SOFTIRQ_SCHEDULE);
    }
}

void vcpu_yield_current(void)
{
    unsigned long flags = sched_lock_vcpu(current);

    scheduler->yield(current);
    sched_unlock_vcpu(current, flags);
    trace(TRC_SCHED_YIELD, current->domain->id, current->id);
    raise_softirq(SOFTIRQ_SCHEDULE);
    cpu_relax();   /* it waits for another CPU, which under an emulator may get its turn by this alone */
}

/* ---- Affinity */

/* If v waits to be moved and has left its CPU: to one that it may use. */
static void move_stopped(struct vcpu *v)
{
    unsigned long flags = sched_lock_vcpu(v);
    unsigned int old = v->processor, cpu;
    bool moved = !v->is_running && test_and_clear_bit(VPF_MIGRATING, &v->pause_flags);

    if (moved) {
        cpu = scheduler->pick_cpu(v);
        if (cpu != old)
            leave_for(v, cpu);
    }
    spin_unlock_irqrestore(&scheduler_cpu(old)->lock, flags);
    if (moved)
        vcpu_wake(v);
}

void sched_move(struct vcpu *v)
{
    set_bit(VPF_MIGRATING, &v->pause_flags);
    vcpu_sleep_nosync(v);
    move_stopped(v);
}

/* -EINVAL: none of these CPUs can be had. */
static int apply_affinity(struct vcpu *v, cpumask_t hard, cpumask_t soft)
{
    unsigned long flags = sched_lock_vcpu(v);
    bool possible = (hard & cpu_active_mask) != 0, move = possible && !(hard & (1ULL << v->processor));

    if (possible) {
        v->hard_affinity = hard;
        v->soft_affinity = soft;
    }
    sched_unlock_vcpu(v, flags);
    if (move)
        sched_move(v);
    return possible ? 0 : -EINVAL;
}

int vcpu_set_affinity(struct vcpu *v, cpumask_t hard, cpumask_t soft)
{
    if (!(hard & cpu_active_mask))
        return -EINVAL;
    if (v->affinity_overridden) {   /* takes effect when that ends */
        v->saved_affinity = hard;
        hard = v->hard_affinity;
    }
    return apply_affinity(v, hard, soft);
}

int vcpu_pin_override(struct vcpu *v, int cpu)
{
    if (cpu >= (int)nr_cpus)
        return -EINVAL;
    if (cpu < 0) {
        if (!v->affinity_overridden)
            return -EINVAL;
        v->affinity_overridden = false;
        return apply_affinity(v, v->saved_affinity & cpu_active_mask ? v->saved_affinity : ~0ULL, v->soft_affinity);
    }
    if (v->affinity_overridden)
        return -EBUSY;
    v->saved_affinity = v->hard_affinity;
    v->affinity_overridden = apply_affinity(v, 1ULL << cpu, v->soft_affinity) == 0;
    return v->affinity_overridden ? 0 : -EINVAL;
}

/* ---- The one place where a CPU changes its vCPU */

static void arm_slice(struct scheduler_cpu *sc, stime_t now, stime_t slice)
{
    if (slice)
        timer_set(&sc->slice, now + slice);
    else if (sc->slice.status == TIMER_IN_HEAP)
        timer_stop(&sc->slice);
}

static void trace_stay(const struct vcpu *v, stime_t now, stime_t slice)
{
    trace(TRC_SCHED_SWITCH_INFCONT, v->domain->id, v->id, (u32)(now - v->runstate.state_entry_time), (u32)slice);
    trace(TRC_SCHED_CONTINUE_RUNNING, TRACE_PAIR(v->id, v->domain->id));
}

/* Before their states change. */
static void trace_switch(const struct vcpu *prev, const struct vcpu *next, stime_t now, stime_t slice)
{
    bool waited = next->runstate.state == RUNSTATE_runnable;

    trace(TRC_SCHED_SWITCH_INFPREV, prev->domain->id, prev->id, (u32)(now - prev->runstate.state_entry_time), (u32)slice);
    trace(TRC_SCHED_SWITCH_INFNEXT, next->domain->id, next->id,
          waited ? (u32)(now - next->runstate.state_entry_time) : 0, (u32)slice);
    trace(TRC_SCHED_SWITCH, prev->domain->id, prev->id, next->domain->id, next->id);
}

static void schedule(void)
{
    unsigned int cpu = smp_processor_id();
    struct scheduler_cpu *sc = scheduler_cpu(cpu);
    struct vcpu *prev = current, *next;
    struct vcpu_runstate_info left;
    stime_t now, slice;

    irq_disable();
    spin_lock(&sc->lock);
    now = system_time();
    next = scheduler->pick_next(cpu, now, &slice);
    arm_slice(sc, now, slice);
    if (next == prev) {
        if (unlikely(trace_on))
            trace_stay(next, now, slice);
        spin_unlock(&sc->lock);
        irq_enable();
        return;
    }
    if (unlikely(trace_on))
        trace_switch(prev, next, now, slice);
    sc->running = next;
    prev->last_run = now;
    runstate_change(prev, is_idle_vcpu(prev) ? RUNSTATE_runnable : state_off_cpu(prev), now);
    left = prev->runstate;
    runstate_change(next, RUNSTATE_running, now);
    next->is_running = true;
    if (is_idle_vcpu(next))
        set_bit(cpu, &sched_idle_mask);
    else if (is_idle_vcpu(prev))
        clear_bit(cpu, &sched_idle_mask);
    spin_unlock(&sc->lock);

    if (!is_idle_vcpu(prev)) {
        irq_enable();   /* guest memory is written with interrupts on */
        vcpu_periodic_stop(prev);
        (void)vcpu_runstate_publish(prev, &left);
        irq_disable();
    }
    if (!is_idle_vcpu(next) && next->singleshot_timer.cpu != cpu)
        vcpu_timers_migrate(next, cpu);
    context_switch(prev, next);
}

/* Purpose: from now on other CPUs may run prev. If it is still willing to run and another CPU has nothing to do, that
 * CPU is told; it could not have taken prev before. */
void sched_context_saved(struct vcpu *prev)
{
    cpumask_t idle;

    smp_mb();
    prev->is_running = false;
    smp_mb();
    if (is_idle_vcpu(prev))
        return;
    if (test_bit(VPF_MIGRATING, &prev->pause_flags))
        move_stopped(prev);
    idle = sched_idle_for(prev);
    if (idle && ACCESS_ONCE(prev->runstate.state) == RUNSTATE_runnable)
        cpu_raise_softirq((unsigned int)__builtin_ctzll(idle), SOFTIRQ_SCHEDULE);
}

/* ---- Setting up */

static void slice_expired(void *unused)
{
    trace(TRC_SCHED_S_TIMER_FN);
    raise_softirq(SOFTIRQ_SCHEDULE);
}

static struct vcpu *make_idle_vcpu(unsigned int cpu)
{
    struct vcpu *v = xzalloc(struct vcpu);

    if (!v)
        return NULL;
    v->domain = &idle_domain;
    v->id = cpu;
    v->processor = cpu;
    v->hard_affinity = v->soft_affinity = 1ULL << cpu;
    v->runstate.state = RUNSTATE_running;
    v->runstate.state_entry_time = system_time();
    v->is_running = true;
    v->ran = -rdtsc();
    v->vcpu_info_mfn = INVALID_MFN;
    idle_domain.vcpu[cpu] = v;
    return v;
}

/* Purpose: CPU `cpu`'s run queue and idle vCPU, before it takes part. The boot CPU's comes first; panics without
 * memory. */
void sched_init_cpu(unsigned int cpu)
{
    struct scheduler_cpu *sc = xzalloc(struct scheduler_cpu);

    if (cpu == 0) {
        idle_domain_init();
        open_softirq(SOFTIRQ_SCHEDULE, schedule);
    }
    cpus[cpu].idle_vcpu = make_idle_vcpu(cpu);
    if (!sc || !cpus[cpu].idle_vcpu)
        panic("No memory for CPU %u's run queue", cpu);
    spin_init(&sc->lock, RANK_SCHED);
    sc->running = cpus[cpu].idle_vcpu;
    timer_init(&sc->slice, slice_expired, NULL, cpu);
    cpus[cpu].sched = sc;
    if (scheduler->cpu_init(cpu))
        panic("No memory for CPU %u's run queue", cpu);
    set_bit(cpu, &sched_idle_mask);
    set_bit(cpu, &cpu_active_mask);
}

int sched_vcpu_init(struct vcpu *v, unsigned int cpu)
{
    v->processor = cpu;
    v->hard_affinity = v->soft_affinity = ~0ULL;
    v->runstate.state = RUNSTATE_offline;
    v->runstate.state_entry_time = system_time();
    return scheduler->vcpu_init(v);
}

void sched_vcpu_free(struct vcpu *v)
{
    unsigned long flags;

    if (!v->sched)
        return;
    flags = sched_lock_vcpu(v);
    ledger_settle(v);
    sched_unlock_vcpu(v, flags);
    scheduler->vcpu_free(v);
}
