/* SPDX-License-Identifier: MIT */
/* The emulated PC in its domain: made and ended, its time, accesses to it. */
#include <xen/sched.h>

#include "dom/sched.h"
#include "modes/hvm/pc_state.h"

#define MIN_GAP 100000UL             /* ns: a guest cannot have the host's timer run more often than that */
#define MAX_OFFSET (1L << 33)        /* s: more of a clock's offset is no date */
#define EMU_REQUIRED (XEN_X86_EMU_LAPIC | XEN_X86_EMU_HPET | XEN_X86_EMU_PM | XEN_X86_EMU_RTC | XEN_X86_EMU_IOAPIC | \
                      XEN_X86_EMU_PIC | XEN_X86_EMU_PIT)
#define EMU_ALLOWED (EMU_REQUIRED | XEN_X86_EMU_VGA | XEN_X86_EMU_IOMMU | XEN_X86_EMU_USE_PIRQ)

/* ---- Time */

/* Is nobody of the domain let run? */
static bool is_stopped(const struct domain *d)
{
    const struct vcpu *v;

    if (d->pause_count)
        return true;
    for_each_vcpu(d, v)
        if (!v->pause_count)
            return false;
    return true;
}

static bool any_vcpu(const struct domain *d, bool (*is)(const struct vcpu *))
{
    const struct vcpu *v;

    for_each_vcpu(d, v)
        if (is(v))
            return true;
    return false;
}

static bool is_on_cpu(const struct vcpu *v) { return v->is_running; }
static bool is_ready(const struct vcpu *v)
{ return !(v->pause_flags & (1UL << VPF_BLOCKED | 1UL << VPF_POLLING | 1UL << VPF_DOWN)); }

/* The clock shows the wall clock and the domain's offset from it. */
static void set_epoch(struct pc *pc)
{
    s64 offset = min(max(pc->d->time_offset_seconds, -MAX_OFFSET), MAX_OFFSET);
    u64 sec;
    u32 nsec;

    wallclock_get(&sec, &nsec);
    pc->board.rtc.epoch_ns = ((s64)sec + offset) * (s64)NS_PER_SEC + nsec + (s64)pc->behind;
}

unsigned long pc_begin(struct pc *pc)
{
    unsigned long flags = spin_lock_irqsave(&pc->lock);
    stime_t now = (pc->stands ? pc->stands_at : system_time()) - pc->behind;

    pc->now = max(pc->now, now);   /* clocks of CPUs may differ a little */
    set_epoch(pc);
    return flags;
}

/* Sets the host's timer to what the board waits for next. */
static void arm(struct pc *pc)
{
    stime_t next;

    if (pc->parked && is_stopped(pc->d))
        return;
    pc->parked = false;
    next = pc->stands ? STIME_NEVER : board_next(&pc->board, any_vcpu(pc->d, is_on_cpu));
    if (next != STIME_NEVER)
        next = max(next + pc->behind, pc->fired + MIN_GAP);
    if (next == pc->armed)
        return;
    pc->armed = next;
    if (next == STIME_NEVER)
        timer_stop(&pc->timer);
    else
        timer_set(&pc->timer, next);
}

void pc_end(struct pc *pc, unsigned long flags)
{
    struct rtc *rtc = &pc->board.rtc;

    if (rtc->moved) {
        pc->d->time_offset_seconds += rtc->moved;
        rtc->moved = 0;
        update_domain_wallclock(pc->d);
    }
    if (pc->board.moved) {
        pc->board.moved = false;
        arm(pc);
    }
    spin_unlock_irqrestore(&pc->lock, flags);
}

/* A paused domain gets one interrupt, which gets it going again once it may run; until then the timer rests. */
static void timer_fired(void *data)
{
    struct pc *pc = data;
    unsigned long flags = pc_begin(pc);

    pc->armed = STIME_NEVER;
    pc->fired = system_time();
    board_run(&pc->board, pc->now);
    if (is_stopped(pc->d) && any_vcpu(pc->d, is_ready))
        pc->parked = true;
    pc_end(pc, flags);
}

/* With HVMPTM_delay_for_missed_ticks time stands still while another has the first vCPU's CPU. */
static void scheduled_out(struct pc *pc, struct vcpu *v)
{
    unsigned long flags;

    if (pc->timer_mode != HVMPTM_delay_for_missed_ticks || v->id || !is_ready(v))
        return;
    flags = pc_begin(pc);
    if (!pc->stands) {
        pc->stands = true;
        pc->stands_at = system_time();
        pc->board.moved = true;
    }
    pc_end(pc, flags);
}

static bool has_missed(const struct board *b)
{
    u32 missed = 0;

    for (unsigned int i = 0; i < NR_TICKS; i++)
        missed |= b->missed[i];
    return missed;
}

/* The timer follows the first vCPU, which most interrupts are for. */
static void scheduled_in(struct pc *pc, struct vcpu *v)
{
    bool move = v->id == 0 && pc->timer.cpu != smp_processor_id();
    unsigned long flags;

    if (!move && !ACCESS_ONCE(pc->parked) && !ACCESS_ONCE(pc->stands) && !has_missed(&pc->board))
        return;
    flags = pc_begin(pc);
    if (move)
        timer_migrate(&pc->timer, smp_processor_id());
    if (v->id == 0 && pc->stands) {
        pc->behind += system_time() - pc->stands_at;
        pc->stands = false;
        set_epoch(pc);
    }
    pc->board.moved = true;
    pc_end(pc, flags);
}

void pc_vcpu_scheduled(struct vcpu *v, bool in)
{
    struct pc *pc = pc_of(v->domain);

    if (pc && in)
        scheduled_in(pc, v);
    else if (pc)
        scheduled_out(pc, v);
}

/* ---- Making and ending */

int pc_init(struct domain *d)
{
    struct pc *pc;

    if ((d->emulation_flags & EMU_REQUIRED) != EMU_REQUIRED || d->emulation_flags & ~EMU_ALLOWED) {
        printk("%s: a PC of devices %x is not offered\n", d->name_for_log, d->emulation_flags);
        return -EOPNOTSUPP;
    }
    pc = xzalloc(struct pc);
    if (!pc)
        return -ENOMEM;
    pc->d = d;
    spin_init(&pc->lock, RANK_PC);
    board_reset(&pc->board, &pc_board_ops, pc);
    timer_init(&pc->timer, timer_fired, pc, smp_processor_id());
    pc->armed = STIME_NEVER;
    to_hw_domain(d)->params[HVM_PARAM_HPET_ENABLED] = 1;
    to_hw_domain(d)->pc = pc;
    return 0;
}

void pc_stop(struct domain *d)
{
    if (pc_of(d))
        timer_kill(&pc_of(d)->timer);
}

void pc_free(struct domain *d)
{
    xfree(pc_of(d));
    to_hw_domain(d)->pc = NULL;
}

/* ---- Accesses, parameters, buttons */

enum io_result pc_access(struct vcpu *v, struct io_access *a)
{
    struct pc *pc = pc_of(v->domain);
    enum io_result result;
    bool power_off, sleep;
    unsigned long flags;

    if (!pc || a->count > 1)
        return IO_NOT_MINE;
    flags = pc_begin(pc);
    pc->board.hpet_hidden = !to_hw_domain(v->domain)->params[HVM_PARAM_HPET_ENABLED];
    result = board_access(&pc->board, a, pc->now);
    power_off = pc->board.power_off;
    sleep = pc->board.sleep;
    pc->board.power_off = pc->board.sleep = false;
    pc_end(pc, flags);
    if (power_off)
        domain_shutdown(v->domain, SHUTDOWN_poweroff);
    else if (sleep)
        pr_debug("%s: sleep states other than S4 and S5 are not offered\n", v->domain->name_for_log);
    return result;
}

static int set_timer_mode(struct pc *pc, u64 mode)
{
    static const enum missed_ticks missed_ticks[] = {
        [HVMPTM_delay_for_missed_ticks] = TICKS_ALL, [HVMPTM_no_delay_for_missed_ticks] = TICKS_ALL,
        [HVMPTM_no_missed_ticks_pending] = TICKS_NONE, [HVMPTM_one_missed_tick_pending] = TICKS_ONE };

    if (mode >= ARRAY_SIZE(missed_ticks))
        return -EINVAL;
    pc->timer_mode = (u32)mode;
    pc->board.missed_ticks = missed_ticks[mode];
    return 0;
}

int pc_param(struct domain *d, u32 index, u64 value)
{
    struct pc *pc = pc_of(d);
    unsigned long flags;
    int rc = -EINVAL;

    if (!pc)
        return -EINVAL;
    flags = pc_begin(pc);
    if (index == HVM_PARAM_TIMER_MODE) {
        rc = set_timer_mode(pc, value);
    } else if (index == HVM_PARAM_ACPI_IOPORTS_LOCATION && value <= 1) {
        pc->board.pm_base = value ? BOARD_PM_NEW : BOARD_PM_OLD;
        rc = 0;
    } else if (index == HVM_PARAM_ACPI_S_STATE) {
        rc = value ? -EOPNOTSUPP : 0;
    }
    pc_end(pc, flags);
    if (rc == -EOPNOTSUPP)
        printk("%s: suspend to memory is not offered\n", d->name_for_log);
    return rc;
}

int pc_button(struct domain *d, bool sleep)
{
    struct pc *pc = pc_of(d);
    unsigned long flags;

    if (!pc)
        return -EOPNOTSUPP;
    flags = pc_begin(pc);
    pm_button(&pc->board.pm, sleep);
    board_settle(&pc->board, pc->now);
    pc_end(pc, flags);
    return 0;
}
