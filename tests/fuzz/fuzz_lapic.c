/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/board*.c modes/hvm/p[im]*.c modes/hvm/rtc.c modes/hvm/hpet.c modes/hvm/ioapic.c modes/pvh/hw_lapic*.c
/* The local APICs of a hostile guest's two vCPUs, and what sends to them: their registers by every size and offset and as
 * MSRs, interrupts between the two, messages, the I/O APIC, timers as time goes on, memory types, saved states that
 * somebody has changed. What the manuals say (APM vol. 2, 16; Intel SDM vol. 3, 11) is reckoned anew at each step. */
#include "container_machine.h"

#undef ledger_charge
#define ledger_charge(v, event) ((void)0)
#define rdtsc() (2 * clock_now)
#include "modes/pvh/hw_access.c"
#include "modes/pvh/hw_apic.c"
#include "modes/pvh/hw_mtrr.c"
#include "modes/pvh/hw_save_lapic.c"
#include "modes/hvm/pc_deliver.c"

#include "cases.h"

#define MOST_A_SECOND 10000u         /* runs of the host's timer that a vCPU can bring about by itself */

/* ---- What surrounds them */

static const struct container_ops ops = { .get = get, .set = set };
const struct container_ops *container_ops = &ops;
static void nmi(struct vcpu *v) { v->nmi_pending = true; }
static const struct interrupt_ops interrupts = { .nmi = nmi };
static const struct row row = { .interrupts = &interrupts };

stime_t tsc_to_stime(u64 tsc) { return NS_PER_SEC + (tsc - 2 * NS_PER_SEC) / 2; }   /* as from a stamp: of no earlier time */
void vcpu_kick(struct vcpu *v) {}
void vcpu_wake(struct vcpu *v) {}
void vcpu_sleep_sync(struct vcpu *v) { check(v != running); }
void hw_startup(struct vcpu *v, u8 page) {}
void timer_init(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu)
{ *t = (struct timer){ .fn = fn, .data = data }; }
void timer_set(struct timer *t, stime_t expires) { t->expires = expires; t->status = TIMER_IN_HEAP; }
void timer_stop(struct timer *t) { t->status = TIMER_INACTIVE; }
void timer_migrate(struct timer *t, unsigned int cpu) {}

/* An access leads to the APIC's page or nowhere. */
mfn_t p2m_get(struct p2m *p, gfn_t gfn, enum p2m_type *type, unsigned int *order) { *type = P2M_NONE; return INVALID_MFN; }
bool hw_translate(struct vcpu *v, u64 va, u32 access, u64 *gpa, u32 *error) { *error = 0; return false; }
bool hw_read_gpa(struct domain *d, u64 gpa, void *dst, size_t n) { return false; }
bool hw_write_gpa(struct domain *d, u64 gpa, const void *src, size_t n) { return false; }
enum io_result hw_io(struct vcpu *v, struct io_access *a) { a->data = 0; return IO_DONE; }
u8 hw_watching(struct vcpu *v, bool ports) { return 0; }
u8 hw_watch_hits(struct vcpu *v, u8 mask, u64 address, unsigned int size, bool write) { return 0; }
enum insn_result hw_get_vector(void *context, unsigned int n, void *data, unsigned int size) { return INSN_UNHANDLED; }
void hw_set_vector(void *context, unsigned int n, const void *data, unsigned int size) {}
void fpu_restore(struct vcpu *v) {}
enum container_mode container_mode(const struct vcpu *v) { return MODE_64; }

/* ---- What the manuals say */

static struct lapic *apic(u32 id) { return &hv[id].lapic; }

static int top(const u32 *field)
{
    for (int vector = 255; vector >= 0; vector--)
        if (field[vector / 32] >> vector % 32 & 1)
            return vector;
    return -1;
}

static u32 priority(const struct lapic *l)
{
    u32 tpr = l->reg[LAPIC_TPR], isr = (u32)max(top(&l->reg[LAPIC_ISR]), 0);

    return tpr >> 4 >= isr >> 4 ? tpr : isr & 0xf0;
}

static u64 tick(const struct lapic *l)
{
    static const u8 by[16] = { [0] = 2, [1] = 4, [2] = 8, [3] = 16, [8] = 32, [9] = 64, [10] = 128, [11] = 1 };

    check(by[l->reg[LAPIC_TDCR] & 15] && l->reg[LAPIC_TDCR] < 16);
    return LAPIC_TICK_NS * by[l->reg[LAPIC_TDCR]];
}

static bool in_mode(const struct lapic *l, u32 mode)
{
    return (l->reg[LAPIC_LVT_TIMER] & LAPIC_TIMER_MODE) == mode;
}

/* Vectors that have arrived are of the kind that can, and LVT entries have no bits that are not defined. */
static void hold_registers(const struct lapic *l)
{
    u64 mode = l->base & (LAPIC_BASE_ENABLE | LAPIC_BASE_X2APIC);

    check(mode != LAPIC_BASE_X2APIC && !(l->base & 0x2ff) && !(l->base >> PHYS_BITS));
    check(l->reg[LAPIC_ID] == (lapic_x2apic(l) ? l->id : l->id << 24));
    check(!lapic_x2apic(l) || l->reg[LAPIC_LDR] == (l->id >> 4 << 16 | 1u << (l->id & 15)));
    check(l->reg[LAPIC_VERSION] == 0x50014);
    check(l->reg[LAPIC_TPR] <= 0xff && l->reg[LAPIC_SVR] <= 0x3ff && !(l->reg[LAPIC_ESR] >> 8));
    check(!(l->posted[0] & 0xffff) && !(l->reg[LAPIC_IRR] & 0xffff) && !(l->reg[LAPIC_ISR] & 0xffff));
    for (u32 n = LAPIC_LVT_TIMER; n <= LAPIC_LVT_ERROR; n++) {
        check(!(l->reg[n] & (n == LAPIC_LVT_TIMER ? 0xfff8ff00 : 0xfffe5800)));
        check(l->reg[LAPIC_SVR] & LAPIC_SVR_ENABLE || l->reg[n] & LAPIC_LVT_MASKED);
    }
    check(l->has_deadline_mode || !(l->reg[LAPIC_LVT_TIMER] & LAPIC_TIMER_DEADLINE));
    check(l->has_deadline_mode || !l->tsc_deadline);
}

static stime_t time_until(u64 deadline, u64 tsc)
{
    return deadline <= tsc ? 0 : min(deadline - tsc, 1UL << 60) / 2;
}

/* The host's timer is set to what the registers say, and they to what the guest has asked for. */
static stime_t timer_was[VCPUS];

static void hold_timer(u32 id)
{
    const struct hw_vcpu *hw = &hv[id];
    const struct lapic *l = apic(id);
    bool set = l->timer_expires != STIME_NEVER;

    check(set == (hw->lapic_timer.status == TIMER_IN_HEAP));
    check(!set || hw->lapic_timer.expires == l->timer_expires);
    if (set && l->timer_expires != timer_was[id]) {
        if (in_mode(l, LAPIC_TIMER_DEADLINE))
            check(l->timer_expires == clock_now + time_until(l->tsc_deadline, rdtsc() + hw->tsc_offset));
        else
            check(l->timer_expires == clock_now + (u64)l->reg[LAPIC_TMICT] * tick(l));
    }
    timer_was[id] = l->timer_expires;
}

static void hold_memory_types(const struct hw_mtrr *m)
{
    check(!(m->def_type & ~0xcffUL) && type_ok((u8)m->def_type));
    for (unsigned int i = 0; i < MTRR_FIXED; i++)
        check(types_ok(m->fixed[i]));
    for (unsigned int i = 0; i < 2 * MTRR_PAIRS; i++)
        check(!(m->variable[i] >> PHYS_BITS) && (i & 1 || type_ok((u8)m->variable[i])));
}

static void hold(void)
{
    for (u32 id = 0; id < VCPUS; id++) {
        u32 ppr;

        hold_registers(apic(id));
        hold_timer(id);
        hold_memory_types(&hv[id].mtrr);
        check(lapic_read(apic(id), LAPIC_PPR, clock_now, &ppr) && ppr == priority(apic(id)));
    }
    check(!spin_is_locked(&pc.lock) && !spin_is_locked(&hd.domain.domain_lock));
}

/* ---- What the guest does */

/* A register's offset, mostly. */
static u32 offset(struct input *in)
{
    u32 n = (u32)take(in, 2);

    return n & 0x8000 ? n & 0xfff : (n & 0x3f) << 4;
}

static void page_access(struct input *in, struct vcpu *v, bool write)
{
    u8 data[32] = { 0 }, kind = (u8)take(in, 1);
    u32 at = offset(in), size = kind & 0x80 ? kind % 32 + 1 : 4;
    u64 gpa = (to_hw(v)->lapic.base & PAGE_MASK) | at;

    size = min(size, (u32)PAGE_SIZE - at);
    for (u32 i = 0; write && i < size; i++)
        data[i] = (u8)take(in, 1);
    if (write)
        check(write_part(v, gpa, data, size) == INSN_DONE);
    else
        check(read_part(v, gpa, data, size) == INSN_DONE);
}

static void msr_access(struct input *in, struct vcpu *v, u8 kind)
{
    u32 msr = MSR_X2APIC + (u32)take(in, 1) % 0x40;
    u64 value = 0;

    if (kind & 1)
        (void)hw_apic_rdmsr(v, msr, &value);
    else
        (void)hw_apic_wrmsr(v, msr, take(in, kind & 2 ? 8 : 4));
}

/* The most urgent interrupt is taken, and it is that; an end of interrupt ends the most urgent one in service, alone. */
static void interrupts_taken(struct vcpu *v, bool end)
{
    struct lapic *l = &to_hw(v)->lapic;
    u32 before[8], p;
    int vector;

    hw_apic_sync(v);
    p = priority(l);
    memcpy(before, &l->reg[LAPIC_ISR], sizeof(before));
    if (end) {
        vector = top(before);
        hw_apic_write(v, LAPIC_EOI * 16, 0);
        if (vector >= 0)
            before[vector / 32] &= ~(1u << vector % 32);
        check(!memcmp(before, &l->reg[LAPIC_ISR], sizeof(before)));
        return;
    }
    vector = lapic_pending(l);
    check(vector < 0 || (vector == top(&l->reg[LAPIC_IRR]) && (u32)vector >> 4 > p >> 4 && lapic_sw_enabled(l)));
    check(vector >= 0 || !lapic_sw_enabled(l) || top(&l->reg[LAPIC_IRR]) >> 4 <= (int)(p >> 4));
    check(vector < 0 || lapic_might_interrupt(l, l->reg[LAPIC_TPR]));
    check(lapic_held_up(l) < 0 || vector < 0 || lapic_held_up(l) == vector);
    if (vector < 0)
        return;
    lapic_accept(l, (u8)vector);
    check(top(&l->reg[LAPIC_ISR]) == vector && !(l->reg[LAPIC_IRR + vector / 32] >> vector % 32 & 1));
}

/* As the vCPU itself does when it sees it. */
static void take_init(struct vcpu *v)
{
    struct lapic *l = &to_hw(v)->lapic;
    u64 base = l->base;

    if (!to_hw(v)->init_pending)
        return;
    to_hw(v)->init_pending = false;
    set_bit(VPF_DOWN, &v->pause_flags);
    v->is_initialised = false;
    timer_stop(&to_hw(v)->lapic_timer);
    lapic_reset(l, hw_apic_id(v), v->id == 0);
    (void)lapic_set_base(l, base, PHYS_BITS);
    set(v, CREG_TPR, 0);
}

static void modes(struct input *in, struct vcpu *v, u8 kind)
{
    struct hw_vcpu *hw = to_hw(v);
    u64 base = kind & 8 ? take(in, 8) : LAPIC_DEFAULT_BASE | (take(in, 1) & 0xd) << 8;

    switch (kind & 7) {
    case 0: case 1:
        if (lapic_set_base(&hw->lapic, base, PHYS_BITS))
            hw_apic_restart_timer(hw);
        break;
    case 2: (void)hw_apic_set_deadline(v, kind & 8 ? take(in, 8) : rdtsc() + hw->tsc_offset + take(in, 3)); break;
    case 3: hw->tsc_offset = take(in, kind & 8 ? 8 : 2); break;
    case 4: set(v, CREG_TPR, take(in, 1)); break;
    case 5: take_init(v); break;
    default:
        hw_apic_write(v, LAPIC_LVT_TIMER * 16, (u32)take(in, 3));
        hw_apic_write(v, LAPIC_TMICT * 16, (u32)take(in, kind & 8 ? 4 : 2));
    }
}

/* ---- What others do */

/* Runs one timer that is due, and checks what it does. */
static void run_timer(u32 id)
{
    struct lapic *l = apic(id);
    u32 lvt = l->reg[LAPIC_LVT_TIMER];
    bool periodic = in_mode(l, LAPIC_TIMER_PERIODIC) && l->reg[LAPIC_TMICT];
    stime_t due = l->timer_expires;

    hv[id].lapic_timer.status = TIMER_INACTIVE;
    hv[id].lapic_timer.fn(hv[id].lapic_timer.data);
    if (!(lvt & LAPIC_LVT_MASKED) && (u8)lvt >= 16)
        check(l->posted[(u8)lvt / 64] >> (u8)lvt % 64 & 1);
    if (periodic)
        check(l->timer_expires > clock_now && (l->timer_expires - due) % (l->reg[LAPIC_TMICT] * tick(l)) == 0);
    else
        check(l->timer_expires == STIME_NEVER);
    timer_was[id] = l->timer_expires;
}

static void pass(struct input *in, u8 bytes)
{
    stime_t until = clock_now + (take(in, bytes) & 0xffffff);
    u64 most = VCPUS * (2 + (until - clock_now) * MOST_A_SECOND / NS_PER_SEC), runs = 0;

    for (bool any = true; any; ) {
        any = false;
        for (u32 id = 0; id < VCPUS; id++) {
            const struct timer *t = &hv[id].lapic_timer;
            if (t->status != TIMER_IN_HEAP || t->expires > until)
                continue;
            clock_now = max(clock_now, t->expires);
            run_timer(id);
            check(++runs <= most);
            any = true;
        }
    }
    clock_now = until;
}

/* An interrupt without a vector of its own, or below 16, reaches nobody: hold() sees that. */
static void devices(struct input *in, u8 kind)
{
    struct io_access a = { .address = IOAPIC_ADDRESS, .data = take(in, 1) & 0x3f, .count = 1, .size = 4, .write = true };

    if (kind & 1) {
        int rc = pc_msi(&hd.domain, kind & 2 ? take(in, 8) : 0xfee00000 | take(in, 3), (u32)take(in, kind & 4 ? 4 : 2));
        check(rc == 0 || rc == -EINVAL);
        return;
    }
    (void)pc_begin(&pc);
    if (kind & 2) {
        pc.board.isa = (u16)take(in, 2);
    } else {
        (void)board_access(&pc.board, &a, clock_now);
        a.address += 0x10;
        a.data = take(in, kind & 4 ? 4 : 2);
        (void)board_access(&pc.board, &a, clock_now);
    }
    board_settle(&pc.board, clock_now);
    pc_end(&pc, 0);
}

static void extint(struct vcpu *v)
{
    int vector = pc_extint_pending(v) ? pc_extint_ack(v) : -1;

    check(vector >= -1 && vector <= 255);
}

/* A state that is loaded as it was saved is the same state; one that somebody has changed is refused or taken for what it
 * can be, which hold() sees. */
static void records(struct input *in, struct vcpu *v, u8 kind)
{
    union { struct hvm_hw_lapic mode; struct hvm_hw_lapic_regs regs; u8 bytes[1024]; } r = { .bytes = { 0 } }, again = r;
    size_t size = kind & 1 ? sizeof(r.regs) : sizeof(r.mode);
    bool (*save)(struct domain *, struct vcpu *, void *) = kind & 1 ? hw_save_lapic_regs : hw_save_lapic;
    int (*load)(struct domain *, struct vcpu *, const void *) = kind & 1 ? hw_load_lapic_regs : hw_load_lapic;

    check(save(&hd.domain, v, &r));
    if (kind & 2)
        damage(in, r.bytes, size);
    if (load(&hd.domain, v, &r))
        check(kind & 2);
    if (kind & 1)
        timer_was[v->id] = 0;   /* set anew */
    if (kind & 2)
        return;
    check(save(&hd.domain, v, &again));
    check(!memcmp(&r, &again, sizeof(r)));
}

static void memory_types(struct input *in, struct vcpu *v, u8 kind)
{
    struct hvm_hw_mtrr r = { 0 };
    u32 msr = kind & 1 ? (u32)take(in, 4) : 0x200 + (u32)take(in, 1);
    u64 value;

    if (kind & 2) {
        check(hw_save_mtrr(&hd.domain, v, &r));
        damage(in, (u8 *)&r, sizeof(r));
        (void)hw_load_mtrr(&hd.domain, v, &r);
        check(hw_pat_ok(creg[v->id][CREG_PAT]));
    } else {
        value = take(in, 8) & (kind & 4 ? ~0UL : 0x0706050401000606);
        if (hw_mtrr_write(to_hw(v), msr, value)) {
            u64 now = 0;
            check(hw_mtrr_read(to_hw(v), msr, &now) && now == value);
        }
    }
}

static void begin(u8 first)
{
    new_machine(&row, &pc_board_ops, first & 1);
    for (u32 id = 0; id < VCPUS; id++) {
        hv[id].vcpu.is_initialised = true;
        hw_apic_vcpu_init(&hv[id]);
        (void)lapic_write(&hv[id].lapic, LAPIC_SVR, 0x1ff, clock_now);
        timer_was[id] = STIME_NEVER;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };

    begin((u8)take(&in, 1));
    while (in.left) {
        u8 op = (u8)take(&in, 1), kind = op >> 4;
        struct vcpu *v = running = vcpus[op >> 3 & 1];

        switch (op & 7) {
        case 0: page_access(&in, v, kind & 1); break;
        case 1: page_access(&in, v, true); break;
        case 2: msr_access(&in, v, kind); break;
        case 3: pass(&in, kind & 3); break;
        case 4: interrupts_taken(v, kind & 1); break;
        case 5: modes(&in, v, kind); break;
        case 6: kind == 15 ? extint(v) : devices(&in, kind); break;
        default: kind & 8 ? memory_types(&in, v, kind) : records(&in, v, kind);
        }
        hold();
    }
    return 0;
}
