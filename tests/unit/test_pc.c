/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/board*.c modes/hvm/p[im]*.c modes/hvm/rtc.c modes/hvm/hpet.c modes/hvm/ioapic.c modes/pvh/hw_lapic.c
/* The emulated PC in a domain of two vCPUs: who is interrupted, when the host's timer runs, what a domain that is paused
 * costs, records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/percpu.h"
#undef smp_processor_id
#define smp_processor_id() test_cpu
static u32 test_cpu;
#include "modes/hvm/pc.c"
#include "modes/hvm/pc_deliver.c"
#include "modes/hvm/pc_lines.c"
#include "modes/hvm/pc_records.c"

#define MS 1000000UL

static struct hw_domain hd;
static struct hw_vcpu hv[2];
static struct vcpu *vcpus[2] = { &hv[0].vcpu, &hv[1].vcpu };
static vcpu_info_t info[2];
static struct domain *d = &hd.domain;
static stime_t clock_now;
static unsigned int kicks[2], nmis[2], inits[2], timer_sets, shut_down;

/* ---- What surrounds a PC */

stime_t system_time(void) { return clock_now; }
void wallclock_get(u64 *sec, u32 *nsec) { *sec = 1704067200; *nsec = 0; }
void update_domain_wallclock(struct domain *dom) { assert_ptr_equal(dom, d); }
void vcpu_kick(struct vcpu *v) { kicks[v->id]++; clear_bit(VPF_BLOCKED, &v->pause_flags); }
void domain_shutdown(struct domain *dom, u32 reason) { shut_down = 1 + reason; }
void hw_apic_send_init(struct vcpu *v) { inits[v->id]++; }
static void nmi(struct vcpu *v) { nmis[v->id]++; }
void timer_init(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu)
{ *t = (struct timer){ .fn = fn, .data = data, .cpu = (u16)cpu }; }
void timer_set(struct timer *t, stime_t expires)
{
    t->expires = expires;
    if (t->status != TIMER_KILLED)
        t->status = TIMER_IN_HEAP;
    timer_sets++;
}
void timer_stop(struct timer *t) { t->status = TIMER_INACTIVE; }
void timer_kill(struct timer *t) { t->status = TIMER_KILLED; }
void timer_migrate(struct timer *t, unsigned int cpu) { t->cpu = (u16)cpu; }

static const struct interrupt_ops interrupts = { .nmi = nmi };
static const struct row row = { .interrupts = &interrupts };

/* Time goes on to `until`, timers run. How often did they? */
static unsigned int pass(stime_t until)
{
    struct timer *t = &hd.pc->timer;
    unsigned int runs = 0;

    while (t->status == TIMER_IN_HEAP && t->expires <= until) {
        clock_now = max(clock_now, t->expires);
        t->status = TIMER_INACTIVE;
        t->fn(t->data);
        runs++;
    }
    clock_now = until;
    return runs;
}

static enum io_result access(u64 address, u64 *data, u8 size, bool port, bool write)
{
    struct io_access a = { .address = address, .data = *data, .count = 1, .size = size, .port = port, .write = write };
    enum io_result result = pc_access(vcpus[0], &a);

    *data = a.data;
    return result;
}

static void out(u16 port, u64 value) { assert_int_equal(access(port, &value, 1, true, true), IO_DONE); }
static void put(u64 address, u64 value) { assert_int_equal(access(address, &value, 4, false, true), IO_DONE); }
static void entry(unsigned int pin, u32 low, u8 destination)
{
    put(IOAPIC_ADDRESS, 0x11 + 2 * pin);
    put(IOAPIC_ADDRESS + 0x10, (u32)destination << 24);
    put(IOAPIC_ADDRESS, 0x10 + 2 * pin);
    put(IOAPIC_ADDRESS + 0x10, low);
}

static void start_pic(void)
{
    static const u8 words[4] = { 0x11, 0x20, 0x04, 0x01 };

    for (unsigned int i = 0; i < 4; i++) {
        out(0x20 + !!i, words[i]);
        out(0xa0 + !!i, i == 1 ? 0x28 : words[i]);
    }
}

static void start_pit(void)
{
    out(0x43, 0x34);
    out(0x40, 0xa9);
    out(0x40, 0x04);
}

static bool has(unsigned int cpu, u8 vector)
{
    struct lapic *l = &hv[cpu].lapic;

    if (lapic_pending(l) != vector)
        return false;
    lapic_accept(l, vector);
    return true;
}

static int fresh(void **state)
{
    clock_now = NS_PER_SEC;
    test_cpu = 0;
    memset(&hd, 0, sizeof(hd));
    memset(hv, 0, sizeof(hv));
    memset(kicks, 0, sizeof(kicks));
    memset(nmis, 0, sizeof(nmis));
    memset(inits, 0, sizeof(inits));
    timer_sets = shut_down = 0;
    d->row = &row;
    d->vcpu = vcpus;
    d->max_vcpus = 2;
    d->emulation_flags = XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI;
    for (u32 i = 0; i < 2; i++) {
        hv[i].vcpu.domain = d;
        hv[i].vcpu.id = i;
        hv[i].vcpu.vcpu_info = &info[i];
        hv[i].vcpu.is_running = true;
        lapic_reset(&hv[i].lapic, 2 * i, i == 0);
        (void)lapic_write(&hv[i].lapic, LAPIC_SVR, 0x1ff, 0);
    }
    memset(info, 0, sizeof(info));
    assert_int_equal(pc_init(d), 0);
    assert_int_equal(pc_param(d, HVM_PARAM_TIMER_MODE, HVMPTM_no_delay_for_missed_ticks), 0);
    start_pic();
    return 0;
}

static int gone(void **state)
{
    pc_stop(d);
    pc_stop(d);
    pc_free(d);
    pc_free(d);
    return 0;
}

/* ---- Tests */

static void test_flags(void **state)
{
    gone(NULL);
    d->emulation_flags = XEN_X86_EMU_LAPIC | XEN_X86_EMU_PIC;
    assert_int_equal(pc_init(d), -EOPNOTSUPP);
    d->emulation_flags = XEN_X86_EMU_ALL;
    assert_int_equal(pc_init(d), -EOPNOTSUPP);
    assert_null(hd.pc);
    assert_int_equal(pc_msi(d, 0xfee00000, 0x40), -EINVAL);
    pc_isa_irq(d, 4, true);
    pc_eoi(vcpus[0], 0x40);
    pc_vcpu_scheduled(vcpus[0], true);
    assert_false(pc_extint_pending(vcpus[0]) || pc_callback_waits(vcpus[0]));
}

static void test_extint(void **state)
{
    pc_isa_irq(d, 4, true);
    assert_false(pc_extint_pending(vcpus[0]));                /* LINT0 is masked */
    (void)lapic_write(&hv[0].lapic, LAPIC_LVT_LINT0, 0x700, 0);
    assert_true(pc_extint_pending(vcpus[0]));
    assert_false(pc_extint_pending(vcpus[1]));
    assert_int_equal(pc_extint_ack(vcpus[0]), 0x24);
    assert_false(pc_extint_pending(vcpus[0]));
    assert_int_equal(pc_extint_ack(vcpus[0]), -1);
    out(0x20, 0x20);
    pc_isa_irq(d, 4, false);
    (void)lapic_write(&hv[0].lapic, LAPIC_LVT_LINT0, 0x10700, 0);
    entry(0, 0x700, 2);                                       /* by the I/O APIC, to vCPU 1 */
    kicks[1] = 0;
    pc_isa_irq(d, 4, true);
    assert_int_equal(kicks[1], 1);
    assert_true(pc_extint_pending(vcpus[1]));
    assert_false(pc_extint_pending(vcpus[0]));
    entry(0, 0x10700, 2);
    (void)lapic_set_base(&hv[0].lapic, LAPIC_DEFAULT_BASE | LAPIC_BASE_BSP, 40);
    (void)lapic_set_base(&hv[1].lapic, LAPIC_DEFAULT_BASE, 40);
    assert_true(pc_extint_pending(vcpus[0]));                 /* without its APIC: the first one only */
    assert_false(pc_extint_pending(vcpus[1]));
}

static void test_lint0(void **state)
{
    (void)lapic_write(&hv[0].lapic, LAPIC_LVT_LINT0, 0x031, 0);
    (void)lapic_write(&hv[1].lapic, LAPIC_LVT_LINT0, 0x400, 0);
    pc_isa_irq(d, 4, true);
    assert_true(has(0, 0x31));
    assert_int_equal(nmis[1], 1);
    assert_false(pc_extint_pending(vcpus[0]));
}

static void test_destinations(void **state)
{
    entry(4, 0x34, 2);
    pc_isa_irq(d, 4, true);
    assert_true(has(1, 0x34));
    assert_int_equal(lapic_pending(&hv[0].lapic), -1);
    assert_int_equal(kicks[1], 1);
    entry(5, 0x45, 0xff);
    pc_isa_irq(d, 5, true);
    assert_true(has(0, 0x45) && has(1, 0x45));
    entry(6, 0x400, 0);
    pc_isa_irq(d, 6, true);
    assert_int_equal(nmis[0], 1);
    entry(7, 0x500, 2);
    pc_isa_irq(d, 7, true);
    assert_int_equal(inits[1], 1);
    (void)lapic_set_base(&hv[1].lapic, hv[1].lapic.base | LAPIC_BASE_X2APIC, 40);
    entry(9, 0x59, 0xff);
    pc_isa_irq(d, 9, true);
    assert_true(has(0, 0x59) && has(1, 0x59));
    entry(10, 0x0f, 0xff);                                    /* no vector for an interrupt */
    pc_isa_irq(d, 10, true);
    assert_int_equal(lapic_pending(&hv[0].lapic), -1);
}

static void test_lowest(void **state)
{
    unsigned int taken[2] = { 0 };

    entry(4, 0x134, 0xff);
    for (unsigned int i = 0; i < 10; i++) {
        pc_isa_irq(d, 4, true);
        pc_isa_irq(d, 4, false);
        for (unsigned int cpu = 0; cpu < 2; cpu++)
            if (has(cpu, 0x34)) {
                taken[cpu]++;
                (void)lapic_write(&hv[cpu].lapic, LAPIC_EOI, 0, 0);
            }
    }
    assert_int_equal(taken[0], 5);
    assert_int_equal(taken[1], 5);
}

static void test_msi(void **state)
{
    assert_int_equal(pc_msi(d, 0xfee02000, 0x4066), 0);
    assert_true(has(1, 0x66));
    assert_int_equal(pc_msi(d, 0xfed02000, 0x66), -EINVAL);
    assert_int_equal(pc_msi(d, 0x1fee02000, 0x66), -EINVAL);
    assert_int_equal(pc_msi(d, 0xfee02000, 0x0f), -EINVAL);
    assert_int_equal(pc_msi(d, 0xfee02000, 0x766), -EINVAL);
    assert_int_equal(pc_msi(d, 0xfee00000, 0x400), 0);
    assert_int_equal(nmis[0], 1);
}

static void test_level(void **state)
{
    entry(16 + 12, 0xa041, 0);
    pc_pci_intx(d, 3, 0, true);
    assert_true(has(0, 0x41));
    assert_int_equal(lapic_write(&hv[0].lapic, LAPIC_EOI, 0, 0), LAPIC_ENDED);
    pc_eoi(vcpus[0], 0x41);
    assert_true(has(0, 0x41));
    pc_pci_intx(d, 3, 0, false);
    assert_int_equal(lapic_write(&hv[0].lapic, LAPIC_EOI, 0, 0), LAPIC_ENDED);
    pc_eoi(vcpus[0], 0x41);
    assert_int_equal(lapic_pending(&hv[0].lapic), -1);
}

static void test_callback(void **state)
{
    u64 intx = (u64)HVM_PARAM_CALLBACK_TYPE_PCI_INTX << 56;

    entry(16 + 8, 0xa051, 0);
    assert_int_equal(pc_set_callback(d, intx | 2 << 11), 0);
    assert_false(pc_callback_waits(vcpus[0]));
    info[0].evtchn_upcall_pending = 1;
    assert_true(pc_callback_waits(vcpus[0]));
    pc_sync_callback(vcpus[0]);
    assert_false(pc_callback_waits(vcpus[0]));
    assert_true(has(0, 0x51));
    info[0].evtchn_upcall_pending = 0;
    pc_sync_callback(vcpus[0]);
    (void)lapic_write(&hv[0].lapic, LAPIC_EOI, 0, 0);
    pc_eoi(vcpus[0], 0x51);
    assert_int_equal(lapic_pending(&hv[0].lapic), -1);
    info[1].evtchn_upcall_pending = 1;
    assert_false(pc_callback_waits(vcpus[1]));
    assert_int_equal(pc_set_callback(d, 48), -EINVAL);
    assert_int_equal(pc_set_callback(d, intx | 1 << 16), -EINVAL);
    assert_int_equal(pc_set_callback(d, 9UL << 56), -EINVAL);
    assert_int_equal(pc_set_callback(d, (u64)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | 0xf3), 0);
    assert_int_equal(pc_set_callback(d, 0), 0);
}

static void take_tick(void)
{
    if (pc_extint_pending(vcpus[0])) {
        (void)pc_extint_ack(vcpus[0]);
        out(0x20, 0x20);
    }
}

static void test_timer(void **state)
{
    (void)lapic_write(&hv[0].lapic, LAPIC_LVT_LINT0, 0x700, 0);
    assert_int_equal(hd.pc->timer.status, TIMER_INACTIVE);
    start_pit();
    take_tick();
    assert_int_equal(hd.pc->timer.status, TIMER_IN_HEAP);
    assert_int_equal(pass(clock_now + MS + MS / 2), 1);
    assert_true(pc_extint_pending(vcpus[0]));
    take_tick();
    out(0x21, 0x01);                                          /* masked: nothing to wait for */
    assert_int_equal(hd.pc->timer.status, TIMER_INACTIVE);
    out(0x21, 0x00);
    assert_int_equal(hd.pc->timer.status, TIMER_IN_HEAP);
    test_cpu = 3;
    pc_vcpu_scheduled(vcpus[0], true);
    assert_int_equal(hd.pc->timer.cpu, 3);
}

/* However fast a guest would have it, the host's timer runs no more than every 100 us. */
static void test_too_fast(void **state)
{
    (void)lapic_write(&hv[0].lapic, LAPIC_LVT_LINT0, 0x700, 0);
    out(0x43, 0x14);
    out(0x40, 2);
    assert_true(pass(clock_now + 10 * MS) <= 101);
    assert_int_equal(hd.pc->board.missed[TICK_PIT], 1000);
}

static void test_paused(void **state)
{
    (void)lapic_write(&hv[0].lapic, LAPIC_LVT_LINT0, 0x700, 0);
    start_pit();
    take_tick();
    hv[0].vcpu.is_running = hv[1].vcpu.is_running = false;
    set_bit(VPF_BLOCKED, &hv[0].vcpu.pause_flags);
    set_bit(VPF_BLOCKED, &hv[1].vcpu.pause_flags);
    d->pause_count = 1;
    assert_int_equal(pass(clock_now + 5000 * MS), 1);         /* the tick that unblocks it */
    assert_false(test_bit(VPF_BLOCKED, &hv[0].vcpu.pause_flags));
    pc_isa_irq(d, 4, true);
    assert_int_equal(hd.pc->timer.status, TIMER_INACTIVE);
    d->pause_count = 0;
    hv[0].vcpu.is_running = true;
    pc_vcpu_scheduled(vcpus[0], true);
    assert_int_equal(hd.pc->timer.status, TIMER_IN_HEAP);
    take_tick();
    assert_true(pass(clock_now + 10 * MS) >= 10);
}

/* A deadline that has passed while something else moved is not passed over; a shot of the PIT, whose line is looked at then, is
 * told of at once, and once. */
static void test_passed(void **state)
{
    u64 flags = 0;

    (void)lapic_write(&hv[0].lapic, LAPIC_LVT_LINT0, 0x700, 0);
    out(0x43, 0x30);
    out(0x40, 0xa9);
    out(0x40, 0x04);
    out(0x70, 0x0c);
    assert_int_equal(access(0x71, &flags, 1, true, false), IO_DONE);
    out(0x70, 0x0b);
    out(0x71, 0x42);                                          /* the clock's, 1,024 times a second */
    clock_now += 2 * MS;                                      /* the timer is late */
    pc_isa_irq(d, 12, true);
    pc_isa_irq(d, 12, false);
    assert_int_equal(hd.pc->timer.status, TIMER_IN_HEAP);
    assert_int_equal(pc_extint_ack(vcpus[0]), 0x20);
    assert_int_equal(pass(clock_now), 1);
    out(0x20, 0x20);
    assert_int_equal(pc_extint_ack(vcpus[0]), 0x28);
    assert_int_equal(pc_extint_ack(vcpus[0]), -1);
}

static void test_delay(void **state)
{
    u64 before = 0, after = 0;

    assert_int_equal(pc_param(d, HVM_PARAM_TIMER_MODE, HVMPTM_delay_for_missed_ticks), 0);
    (void)lapic_write(&hv[0].lapic, LAPIC_LVT_LINT0, 0x700, 0);
    start_pit();
    take_tick();
    assert_int_equal(access(BOARD_PM_OLD + 8, &before, 4, true, false), IO_DONE);
    pc_vcpu_scheduled(vcpus[0], false);                       /* another is on its CPU */
    assert_int_equal(pass(clock_now + 100 * MS), 0);
    pc_vcpu_scheduled(vcpus[0], true);
    assert_int_equal(access(BOARD_PM_OLD + 8, &after, 4, true, false), IO_DONE);
    assert_int_equal(after, before);
    assert_int_equal(pass(clock_now + MS + MS / 2), 1);
    set_bit(VPF_BLOCKED, &hv[0].vcpu.pause_flags);
    pc_vcpu_scheduled(vcpus[0], false);                       /* it waits of its own accord */
    hv[0].vcpu.is_running = hv[1].vcpu.is_running = false;
    assert_int_equal(pass(clock_now + 10 * MS), 10);
}

static void test_params(void **state)
{
    u64 data = 0x2001;

    assert_int_equal(pc_param(d, HVM_PARAM_TIMER_MODE, 4), -EINVAL);
    assert_int_equal(pc_param(d, HVM_PARAM_ACPI_IOPORTS_LOCATION, 2), -EINVAL);
    assert_int_equal(pc_param(d, HVM_PARAM_ACPI_IOPORTS_LOCATION, 1), 0);
    assert_int_equal(pc_param(d, HVM_PARAM_ACPI_S_STATE, 3), -EOPNOTSUPP);
    assert_int_equal(pc_param(d, HVM_PARAM_ACPI_S_STATE, 0), 0);
    assert_int_equal(access(BOARD_PM_NEW + 4, &data, 2, true, true), IO_DONE);
    assert_int_equal(shut_down, 1 + SHUTDOWN_poweroff);
    shut_down = 0;
    data = 0x2401;
    assert_int_equal(access(BOARD_PM_NEW + 4, &data, 2, true, true), IO_DONE);
    assert_int_equal(shut_down, 0);
    assert_int_equal(pc_button(d, false), 0);
    data = 0x100;
    assert_int_equal(access(BOARD_PM_NEW + 2, &data, 2, true, true), IO_DONE);
    assert_int_equal(hd.pc->board.ioapic.lines & 1 << 9, 1 << 9);
    hd.params[HVM_PARAM_HPET_ENABLED] = 0;
    assert_int_equal(access(HPET_ADDRESS, &data, 4, false, false), IO_NOT_MINE);
}

static void test_clock(void **state)
{
    u64 data = 0;

    d->time_offset_seconds = 3600;
    out(0x70, 0x04);
    assert_int_equal(access(0x71, &data, 1, true, false), IO_DONE);
    assert_int_equal(data, 0x01);
    out(0x71, 0x05);                                          /* five o'clock */
    assert_int_equal(d->time_offset_seconds, 5 * 3600);
    assert_int_equal(access(0x71, &data, 1, true, false), IO_DONE);
    assert_int_equal(data, 0x05);
}

static void test_records(void **state)
{
    static u8 saved[16][2][1100] aligned(8);

    entry(4, 0x8034, 0);
    pc_isa_irq(d, 4, true);
    pc_pci_link_route(d, 1, 11);
    start_pit();
    d->time_offset_seconds = 77;
    for (unsigned int n = 0; n < pc_nr_records; n++)
        for (u16 i = 0; i < pc_records[n].instances; i++)
            assert_true(pc_records[n].save(d, i, saved[n][i]));
    gone(NULL);
    d->time_offset_seconds = 0;
    assert_int_equal(pc_init(d), 0);
    for (unsigned int n = 0; n < pc_nr_records; n++)
        for (u16 i = 0; i < pc_records[n].instances; i++)
            assert_int_equal(pc_records[n].load(d, i, saved[n][i]), 0);
    assert_int_equal(d->time_offset_seconds, 77);
    assert_int_equal(hd.pc->board.link.route[1], 11);
    assert_int_equal(hd.pc->board.ioapic.hw.redirtbl[4].bits, 0xc034);
    assert_int_equal(hd.pc->timer.status, TIMER_IN_HEAP);
    saved[0][0][0] = 0xff;
    for (unsigned int n = 0; n < pc_nr_records; n++) {
        memset(saved[n][0], 0xff, pc_records[n].length);
        assert_int_equal(pc_records[n].load(d, 0, saved[n][0]), pc_records[n].type == HVM_SAVE_CODE(PCI_IRQ) ? 0 : -EINVAL);
    }
    pc_dump(d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, fresh, gone)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flags), TEST(extint), TEST(lint0), TEST(destinations), TEST(lowest), TEST(msi), TEST(level), TEST(callback),
        TEST(timer), TEST(too_fast), TEST(paused), TEST(passed), TEST(delay), TEST(params), TEST(clock), TEST(records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
