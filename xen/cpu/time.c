/* SPDX-License-Identifier: MIT */
/* System time: the TSC, scaled. A platform timer gives the TSC its frequency at boot, lets every further CPU find out
 * whether its TSC runs with the boot CPU's, and keeps a TSC that is not invariant on time afterwards. */
#include "cpu/time.h"

#include "boot/boot.h"
#include "cpu/cpu.h"
#include "cpu/hotplug.h"
#include "cpu/lapic.h"
#include "cpu/platform_timer.h"
#include "cpu/time_scale.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "dom/guest_access.h"
#include "lib/lib.h"

#define CALIBRATION_NS (20 * NS_PER_MS)
#define SYNC_PERIOD NS_PER_SEC
#define STEP_NS (100 * NS_PER_MS)      /* further off than this: the clock is set, not slewed */

/* A TSC value and the platform counter at that moment; error: TSC ticks between which the moment lies. */
struct sample { u64 tsc, count, error; };

static struct {
    struct spinlock lock;              /* RANK_TIME: guards count, ticks, tsc */
    const struct platform_timer *timer;    /* constant once set */
    struct time_scale scale;               /* likewise */
    u64 count, ticks;                  /* last value read, and ticks since time_init() with all wraps */
    u64 tsc;                           /* when it was read */
} platform = { .lock = SPINLOCK_INIT(RANK_TIME) };

static u64 tsc_hz;
static u64 sample_error_ns;            /* how well two clocks can be compared here */
static bool tsc_synchronized = true;   /* all CPUs' TSCs show one time; written while CPUs are started, one by one */

/* Written and read by its own CPU in SOFTIRQ_TIME_SYNC. */
static struct cpu_sync {
    struct timer timer;
    u64 tsc; stime_t platform;         /* both clocks at the beginning of the period measured over */
    bool bent;                         /* the clock runs fast or slow on purpose */
} cpu_sync[NR_CPUS];

static struct time_scale cpu_scale(const struct cpu *c) { return (struct time_scale){ c->tsc_mul, c->tsc_shift }; }
static stime_t stime_at(const struct cpu *c, u64 tsc)
{ return c->stime_stamp + scale_ticks(tsc - c->tsc_stamp, cpu_scale(c)); }

stime_t tsc_to_stime(u64 tsc) { return stime_at(this_cpu(), tsc); }
stime_t system_time(void) { return stime_at(this_cpu(), rdtsc()); }
u32 tsc_khz(void) { return (u32)(tsc_hz / 1000); }
const char *time_source_name(void) { return platform.timer ? platform.timer->name : "none"; }

/* Purpose: the TSC value at which system_time() has reached t; the present one if that is past. */
u64 stime_to_tsc(stime_t t)
{
    const struct cpu *c = this_cpu();

    return t <= c->stime_stamp ? c->tsc_stamp : c->tsc_stamp + scale_ns(t - c->stime_stamp, cpu_scale(c));
}

/* Reads both clocks just as the platform counter moves on; the best of several tries, since a host or an SMI may come
 * between. */
static struct sample take_sample(void)
{
    struct sample best = { .error = ~0ULL };

    for (unsigned int tries = 0; tries < 8; tries++) {
        u64 before, after = rdtsc(), count, last = platform.timer->read();

        do {
            before = after;
            count = platform.timer->read();
            after = rdtsc();
        } while (count == last);
        if (after - before < best.error)
            best = (struct sample){ .tsc = before + (after - before) / 2, .count = count, .error = after - before };
    }
    return best;
}

/* Platform time (ns since time_init) of a sample. Between two readings the counter may have wrapped more than once:
 * the TSC tells how often. */
static stime_t platform_time_of(const struct sample *s)
{
    unsigned long flags = spin_lock_irqsave(&platform.lock);
    u64 span = platform.timer->mask + 1, moved = (s->count - platform.count) & platform.timer->mask;
    u64 elapsed_tsc = s->tsc > platform.tsc ? s->tsc - platform.tsc : 0;
    u64 expected = mul_div(elapsed_tsc, platform.timer->hz, tsc_hz), ticks;

    /* Another CPU's later reading: this one lies a little before it. */
    if (moved > span - span / 16 && expected < span / 2) {
        ticks = platform.ticks - (span - moved);
    } else {
        if (expected > moved)
            moved += (expected - moved + span / 2) / span * span;
        ticks = platform.ticks += moved;
        platform.count = s->count;
        platform.tsc = s->tsc;
    }
    spin_unlock_irqrestore(&platform.lock, flags);
    return scale_ticks(ticks, platform.scale);
}

/* Sets this CPU's clock to run from `local` at s on, at hz ticks a second. Never backwards. */
static void set_clock(struct cpu *c, const struct sample *s, stime_t local, u64 hz)
{
    struct time_scale scale = scale_of_hz(hz);
    unsigned long flags = irq_save();

    c->stime_stamp = max(local, stime_at(c, s->tsc));
    c->tsc_stamp = s->tsc;
    c->tsc_mul = scale.mul;
    c->tsc_shift = scale.shift;
    irq_restore(flags);
    if (!current->domain->is_idle)
        update_vcpu_time(current);
}

/* Bends this CPU's clock so that it meets platform time at the end of the next period. A clock that cannot be told from
 * platform time is left alone. */
static void time_sync(void)
{
    struct cpu *c = this_cpu();
    struct cpu_sync *sync = &cpu_sync[c->id];
    struct sample s = take_sample();
    stime_t now = platform_time_of(&s), local = stime_at(c, s.tsc);
    u64 off = now > local ? now - local : local - now, elapsed = now - sync->platform, ticks = s.tsc - sync->tsc, hz;
    bool near = off <= 2 * sample_error_ns + scale_ticks(s.error, cpu_scale(c));

    timer_set(&sync->timer, local + SYNC_PERIOD);
    if (near && !sync->bent)
        return;   /* the longer the period that a frequency is measured over, the better */
    sync->tsc = s.tsc;
    sync->platform = now;
    if (elapsed < NS_PER_MS || elapsed >> 62 || ticks >> 50)
        return;   /* no period to measure by */
    sync->bent = !near;
    hz = mul_div(ticks, NS_PER_SEC, elapsed);
    if (hz < 1000000)
        return;   /* the TSC all but stood still */
    if (off > STEP_NS && now > local)
        local = now;
    else if (!near && now > local)
        hz = mul_div(hz, SYNC_PERIOD, SYNC_PERIOD + min(off, SYNC_PERIOD / 10));   /* fewer ticks make a second */
    else if (!near)
        hz = mul_div(hz, SYNC_PERIOD, SYNC_PERIOD - min(off, SYNC_PERIOD / 10));
    set_clock(c, &s, local, hz);
}

static void sync_timer_fired(void *unused) { raise_softirq(SOFTIRQ_TIME_SYNC); }

/* From now on this CPU's TSC, if it is not invariant, is kept on platform time. s: both clocks just now. */
static void time_sync_start(const struct sample *s)
{
    unsigned int cpu = smp_processor_id();

    if (cpu_features.invariant_tsc)
        return;
    if (cpu == 0)
        open_softirq(SOFTIRQ_TIME_SYNC, time_sync);
    cpu_sync[cpu].tsc = s->tsc;
    cpu_sync[cpu].platform = platform_time_of(s);
    timer_init(&cpu_sync[cpu].timer, sync_timer_fired, NULL, cpu);
    timer_set(&cpu_sync[cpu].timer, system_time() + SYNC_PERIOD);
}

/* Frequency of a counter that moved by `delta` ticks while the platform timer moved by `ticks`; error in ticks of the
 * counter. */
static __init u64 frequency(u64 delta, u64 error, u64 ticks)
{
    u64 hz = mul_div(delta, platform.timer->hz, ticks);
    u64 error_hz = mul_div(error, platform.timer->hz, ticks) + mul_div(delta, platform.timer->hz, ticks * ticks);

    return roundest(hz, error_hz);
}

__init void time_init(void)
{
    struct cpu *c = this_cpu();
    struct time_scale scale;
    struct sample start, end;
    u64 lapic_ticks, lapic_start, lapic_tsc, ticks, goal;

    platform.timer = hpet_probe();
    if (!platform.timer)
        platform.timer = pmtimer_probe();
    if (!platform.timer)
        panic("No platform timer: no usable HPET or ACPI PM timer, and one is needed to calibrate the TSC");
    platform.scale = scale_of_hz(platform.timer->hz);
    goal = platform.timer->hz / (NS_PER_SEC / CALIBRATION_NS);

    start = take_sample();
    lapic_timer_measure_start();
    lapic_start = rdtsc();
    while (((platform.timer->read() - start.count) & platform.timer->mask) < goal)
        for (unsigned int i = 0; i < 1000; i++)
            asm volatile("");    /* the bus and whoever emulates the timer are left alone */
    lapic_ticks = lapic_timer_measure_end();
    lapic_tsc = rdtsc() - lapic_start;
    end = take_sample();

    ticks = (end.count - start.count) & platform.timer->mask;
    tsc_hz = frequency(end.tsc - start.tsc, start.error + end.error, ticks);
    sample_error_ns = mul_div(start.error + end.error, NS_PER_SEC, tsc_hz) + 2 * NS_PER_SEC / platform.timer->hz;
    platform.count = end.count;
    platform.ticks = ticks;
    platform.tsc = end.tsc;

    scale = scale_of_hz(tsc_hz);
    c->tsc_mul = scale.mul;
    c->tsc_shift = scale.shift;
    c->tsc_stamp = start.tsc;
    c->stime_stamp = 0;
    /* Against the TSC, which is known now; what is between the readings is a few accesses to the APIC. */
    lapic_ticks = mul_div(lapic_ticks, tsc_hz, lapic_tsc);
    lapic_timer_calibrated(roundest(lapic_ticks, lapic_ticks >> 17));
    printk("Platform timer is %lu.%03lu MHz %s\n", (unsigned long)(platform.timer->hz / 1000000),
           (unsigned long)(platform.timer->hz / 1000 % 1000), platform.timer->name);
    printk("Detected %lu.%03lu MHz processor%s\n", (unsigned long)(tsc_hz / 1000000),
           (unsigned long)(tsc_hz / 1000 % 1000), cpu_features.invariant_tsc ? ", TSC invariant" : "");
    wallclock_init();
    time_sync_start(&end);
}

/* Purpose: system time on a further CPU, started while the boot CPU runs. If its TSC shows the boot CPU's time as well
 * as the platform timer can tell, it takes over the boot CPU's stamps and the two agree to the tick; else it gets its
 * own. */
void time_init_cpu(void)
{
    struct cpu *c = this_cpu();
    const struct cpu *boot = &cpus[0];
    struct sample s = take_sample();
    stime_t now = platform_time_of(&s), boots = stime_at(boot, s.tsc);
    u64 off = now > boots ? now - boots : boots - now;

    c->tsc_mul = boot->tsc_mul;
    c->tsc_shift = boot->tsc_shift;
    c->tsc_stamp = boot->tsc_stamp;
    c->stime_stamp = boot->stime_stamp;
    /* Allow for the error of the sample, and for 2 ppm of drift of the calibration since. */
    if (off > 2 * sample_error_ns + (now >> 19)) {
        pr_warn("CPU%u: TSC differs from the boot CPU's by %lu ns\n", c->id, (unsigned long)off);
        tsc_synchronized = false;
        c->tsc_stamp = s.tsc;
        c->stime_stamp = now;
    }
    time_sync_start(&s);
}

/* Purpose: this CPU's clock is left alone until time_init_cpu(). */
void time_leave_cpu(void)
{
    if (!cpu_features.invariant_tsc)
        timer_stop(&cpu_sync[smp_processor_id()].timer);
}

/* The version is odd while the rest changes (public header xen/xen.h). */
static void write_vcpu_info(struct vcpu_time_info *to, const struct vcpu_time_info *from)
{
    u32 version = (ACCESS_ONCE(to->version) + 1) | 1;

    ACCESS_ONCE(to->version) = version;
    smp_wmb();
    to->tsc_timestamp = from->tsc_timestamp;
    to->system_time = from->system_time;
    to->tsc_to_system_mul = from->tsc_to_system_mul;
    to->tsc_shift = from->tsc_shift;
    to->flags = from->flags;
    smp_wmb();
    ACCESS_ONCE(to->version) = version + 1;
}

/* The copy at an address of the guest's, which may not be mapped at the moment: then false, and it is tried again. */
static bool write_secondary(struct vcpu *v, const struct vcpu_time_info *from)
{
    struct vcpu_time_info copy = *from;
    u64 to = v->time_guest;

    copy.version = (v->vcpu_info->time.version - 1) | 1;
    if (copy_to_guest_va(to, &copy.version, sizeof(copy.version)))
        return false;
    smp_wmb();
    if (copy_to_guest_va(to, &copy, sizeof(copy)))
        return false;
    smp_wmb();
    copy.version++;
    return !copy_to_guest_va(to, &copy.version, sizeof(copy.version));
}

void update_vcpu_time(struct vcpu *v)
{
    const struct cpu *c = this_cpu();
    struct vcpu_time_info now = {
        .tsc_timestamp = c->tsc_stamp, .system_time = c->stime_stamp,
        .tsc_to_system_mul = c->tsc_mul, .tsc_shift = (int8_t)c->tsc_shift,
        .flags = cpu_features.invariant_tsc && tsc_synchronized ? XEN_PVCLOCK_TSC_STABLE_BIT : 0,
    };
    /* A guest's firmware may have cleared the page that it has handed on: the guest finds its time there nonetheless. */
    bool changed = memcmp(&now, &v->time_shadow, sizeof(now)) != 0 ||
                   ACCESS_ONCE(v->vcpu_info->time.tsc_to_system_mul) != now.tsc_to_system_mul;

    if (changed || v->time_written != &v->vcpu_info->time) {
        v->time_shadow = now;
        v->time_guest_written = 0;
        v->time_written = &v->vcpu_info->time;
        write_vcpu_info(&v->vcpu_info->time, &now);
    }
    if (v->time_guest != v->time_guest_written && v->domain->row->privileged->kernel_mode(v) &&
        write_secondary(v, &now))
        v->time_guest_written = v->time_guest;
}
