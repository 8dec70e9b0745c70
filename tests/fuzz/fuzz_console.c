/* SPDX-License-Identifier: MIT */
// sources: xen/boot/cmdline.c xen/lib/number.c
/* The console: what Prism and several guests say, what is typed, what is read back. An account of its own says byte by byte
 * what the serial port, the ring and each reader must get (console_account.h). */
#include <setjmp.h>

#include "abi/hypercall.h"
#include "console_account.h"
#include "cpu/percpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"

static struct vcpu *running;
static u8 pauses;                 /* a bit for each time that a call may be interrupted, over and over */
#undef current
#undef smp_processor_id
#define current running
#define smp_processor_id() 0u
#define irq_save() 0UL
#define irq_restore(flags) ((void)(flags))
#define hypercall_preempt_check() ((pauses = (u8)(pauses << 1 | pauses >> 7)) & 1)
#undef ledger_charge
#define ledger_charge(v, event) ((void)(v)->ledger.cell[event].count++)
#include "lib/console.c"
#include "lib/console_input.c"
#include "abi/console_io.c"

#include "cases.h"

#define GUEST_MEMORY 0x10000u     /* where a guest has its page */

/* ---- What surrounds it */

static struct domain domains[DOMAINS];
static struct vcpu vcpus[DOMAINS];
static u8 guest_page[PAGE_SIZE];
static stime_t now;
static struct { bool set; unsigned long args[3]; } again;
static unsigned int virqs, timers_set, restarts;
static bool uart_answers, interrupt_refused;
static struct { char bytes[KEPT]; size_t n; } wire;
static struct { struct input *in; unsigned int left; } typing;
static void (*uart_handler)(struct irq_desc *, void *);
static void (*keys_due)(void *);
static struct { char keys[sizeof(must.run.keys)]; size_t n; } ran;
static jmp_buf restarting;

static size_t copy_from(void *dst, u64 va, size_t n)
{
    if (va - GUEST_MEMORY >= PAGE_SIZE || n > PAGE_SIZE - (va - GUEST_MEMORY))
        return n;
    memcpy(dst, guest_page + (va - GUEST_MEMORY), n);
    return 0;
}

static size_t copy_to(u64 va, const void *src, size_t n)
{
    if (va - GUEST_MEMORY >= PAGE_SIZE || n > PAGE_SIZE - (va - GUEST_MEMORY))
        return n;
    memcpy(guest_page + (va - GUEST_MEMORY), src, n);
    return 0;
}

static const struct privileged_ops privileged = { .copy_from = copy_from, .copy_to = copy_to };
static const struct row row = { .privileged = &privileged };

stime_t system_time(void) { return now; }
void send_global_virq(u32 virq) { check(virq == VIRQ_CONSOLE); virqs++; }
void timer_init(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu) { keys_due = fn; }
void timer_set(struct timer *t, stime_t expires) { timers_set++; }
void machine_restart(void) { restarts++; longjmp(restarting, 1); }
bool serial_init(u16 base, u32 baud) { return uart_answers; }
void serial_flush(void) {}
void serial_enable_interrupts(void) {}
size_t strlcpy(char *dst, const char *src, size_t size) { abort(); }

int irq_request(unsigned int irq, void (*handler)(struct irq_desc *, void *), void *arg)
{
    uart_handler = interrupt_refused ? NULL : handler;
    return interrupt_refused ? -EBUSY : 0;
}

void serial_write(const char *text, size_t n)
{
    check(uart_answers && wire.n + n <= KEPT);
    memcpy(wire.bytes + wire.n, text, n);
    wire.n += n;
}

/* One in four switches. */
bool serial_read(char *c)
{
    u8 byte = typing.left ? (u8)take(typing.in, 1) : 0;

    if (!typing.left)
        return false;
    typing.left--;
    *c = byte % 4 ? (char)byte : (char)CTRL_A;
    must_type((u8)*c);
    return true;
}

long hypercall_continue(unsigned long number, unsigned int nargs, ...)
{
    va_list args;

    check(number == __HYPERVISOR_console_io && nargs == 3);
    va_start(args, nargs);
    for (unsigned int i = 0; i < 3; i++)
        again.args[i] = va_arg(args, unsigned long);
    va_end(args);
    again.set = true;
    return -ERESTART;
}

static void key_ran(char key)
{
    check(ran.n < sizeof(ran.keys));
    ran.keys[ran.n++] = key;
}

/* The same few bytes again and again: a rate of lines is soon used up. */
static void fill(struct input *in, u8 *bytes, size_t n)
{
    size_t few = 1 + (size_t)take(in, 1) % 16;

    for (size_t i = 0; i < n; i++)
        bytes[i] = i < few ? (u8)take(in, 1) : bytes[i - few];
}

/* ---- What Prism says */

static void says(struct input *in, u8 op)
{
    static char text[1400];
    size_t n = take(in, 1) * (op & 8 ? 5 : 1);

    fill(in, (u8 *)text, n);
    for (size_t i = 0; i < n; i++)
        text[i] = (u8)text[i] < 0x10 ? '\n' : text[i];
    text[n] = 0;
    for (unsigned int i = op & 0x80 ? 200 : 1; i && must.ring < KEPT / 4 && must.wire < KEPT / 4; i--) {
        must_say(op % 4, "%s", text);
        printk_level(op % 4, "%s", text);
    }
}

/* Inside of another's line, as an NMI does, or once nobody waits for anybody any more. */
static void says_in_between(struct input *in, u8 op)
{
    spin_lock(&console_lock);
    console_lock.cpu = op & 0x10 ? 0 : 1;
    if (!(op & 0x10))
        console_force_unlock();
    says(in, op & 0x0f);
    check(spin_is_locked(&console_lock));
    forced = false;
    console_lock.cpu = -1;
    spin_unlock(&console_lock);
}

static void uart_starts(bool answers)
{
    bool on = must.wire_on;

    uart_answers = uart_answers || answers;
    console_init_early();
    if (!on && uart_answers)
        must_show_ring();
    if (!on && options.console_vga)
        must_say(LOG_WARNING, "console=vga: Prism writes to the serial port only\n");
}

/* ---- What guests do */

/* What a call has taken, from `at` on. */
static void must_take_text(u32 id, const u8 *at, size_t n)
{
    if (id == 0)
        must_write(at, n);
    else
        must_say_for(id, at, n, now / NS_PER_SEC);
}

/* Between one part of a call and the next. */
static void others(struct input *in)
{
    u8 op = (u8)take(in, 1);

    if (op & 1)
        now += take(in, 1) << 26;
    if (op & 2)
        says(in, op & 0x0c);
}

static void guest_writes(struct input *in, u32 id)
{
    u64 offset = take(in, 2) % (PAGE_SIZE + 64), page_left = PAGE_SIZE - min(offset, PAGE_SIZE);
    long rc;

    again.args[1] = take(in, 2) % 5000;
    fill(in, guest_page + PAGE_SIZE - page_left, min(take(in, 1) * 32, page_left));
    again.args[0] = CONSOLEIO_write | take(in, 1) << 32;
    again.args[1] |= take(in, 1) << 32;
    again.args[2] = GUEST_MEMORY + offset;
    for (;;) {
        u64 at = again.args[2] - GUEST_MEMORY;
        u32 left = (u32)again.args[1], room = at < PAGE_SIZE ? PAGE_SIZE - (u32)at : 0, taken;

        again.set = false;
        rc = hypercall_console_io(again.args[0], again.args[1], again.args[2], 0, 0, 0);
        taken = again.set ? left - (u32)again.args[1] : left <= room ? left : room - room % CHUNK;
        check(taken <= min(room, left));
        must_take_text(id, guest_page + min(at, PAGE_SIZE), taken);
        if (!again.set) {
            check(rc == (left > room ? -EFAULT : 0));
            return;
        }
        check(rc == -ERESTART && taken && taken < left && again.args[2] == GUEST_MEMORY + at + taken);
        others(in);
    }
}

/* A character for the emulated PC's debug port, or several. */
static void guest_says(struct input *in, u32 id)
{
    size_t n = take(in, 1) & 0x3f;
    u8 *text = malloc(n ? n : 1);

    for (size_t i = 0; i < n; i++)
        text[i] = (u8)take(in, 1);
    console_guest_text(&domains[id], (char *)text, n);
    must_say_for(id, text, n, now / NS_PER_SEC);
    free(text);
}

static void guest_reads(struct input *in, u32 id)
{
    u64 offset = take(in, 2) % (PAGE_SIZE + 64), room = offset < PAGE_SIZE ? PAGE_SIZE - offset : 0;
    size_t count = take(in, 1) * ((u8)take(in, 1) & 7), given = min(count, must.typed[0].used);
    long rc = hypercall_console_io(CONSOLEIO_read, count | take(in, 1) << 32, GUEST_MEMORY + offset, 0, 0, 0);

    if (id) {
        check(rc == -EPERM);
        return;
    }
    check(rc == (given > room ? -EFAULT : (long)given));
    if (given > room)
        given = min(given, (size_t)(room / CHUNK + 1) * CHUNK);   /* lost, as on a terminal that nobody reads */
    else
        check(memcmp(guest_page + min(offset, PAGE_SIZE), must.typed[0].bytes, given) == 0);
    must_take(given);
}

/* ---- What is typed */

static void types(struct input *in)
{
    size_t before[2] = { must.typed[0].used, must.typed[1].used };
    unsigned int told = virqs, set = timers_set;

    if (!uart_handler)
        return;
    typing.in = in;
    typing.left = (u8)take(in, 1) * ((u8)take(in, 1) & 7u);
    uart_handler(NULL, NULL);
    check(virqs - told == (must.typed[0].used > before[0]));       /* who has something to read is told */
    check(timers_set - set == (must.typed[1].used > before[1]));
}

static void run_keys(void)
{
    must_run_all();
    (void)setjmp(restarting);
    keys_due(NULL);
}

static void run_key(char key)
{
    must_run(key);
    if (!setjmp(restarting))
        debug_key(key);
}

/* ---- What is read back */

static u32 ring_base, reader[2];      /* the index of the first byte ever; where they have got to */

static void reads_back(size_t n, u32 *index, bool incremental, bool clear)
{
    static char memory[ON_RING + 4];
    char *buffer = memory + sizeof(memory) - n;   /* nothing may be written beyond it */
    u32 end = ring_base + (u32)must.ring;
    size_t from = oldest(), size;

    if (incremental && end - *index <= must.ring - from)
        from = must.ring - (end - *index);
    size = console_ring_read(buffer, n, index, incremental, clear);
    check(size == min(n, must.ring - from) && memcmp(buffer, ring_must + from, size) == 0);
    check(*index == ring_base + (u32)(from + size));
    if (clear)
        must.cleared = must.ring;
}

static void read_some(struct input *in, u8 op)
{
    size_t n = op & 1 ? (size_t)take(in, 2) : ON_RING + (op >> 6);
    u32 *index = &reader[op >> 5 & 1];

    if (!(op & 0x18))
        *index = op & 0x40 ? ring_base + (u32)must.ring + (u32)take(in, 2) - 0x8000 : (u32)take(in, 4);
    reads_back(n, index, op & 2, op & 4);
}

/* ---- */

static void hold(void)
{
    check(wire.n == must.wire && memcmp(wire.bytes, wire_must, wire.n) == 0);
    wire.n = must.wire = 0;
    check(ran.n == must.run.n && memcmp(ran.keys, must.run.keys, ran.n) == 0 && restarts == must.restarts);
    ran.n = must.run.n = 0;
    check(for_guest.head - for_guest.tail == must.typed[0].used && for_prism.head - for_prism.tail == must.typed[1].used);
    check(!spin_is_locked(&console_lock) && !spin_is_locked(&input_lock));
    for (u32 id = 0; id < DOMAINS; id++) {
        check(domains[id].console_lost == must.guest[id].lost && domains[id].console_used == must.guest[id].used);
        check(!spin_is_locked(&domains[id].domain_lock));
    }
}

static void begin(struct input *in)
{
    u8 first = (u8)take(in, 1), second = (u8)take(in, 1);

    memset(&must, 0, sizeof(must));
    memset(domains, 0, sizeof(domains));
    memset(keys, 0, sizeof(keys));
    memset(&for_guest, 0, sizeof(for_guest));
    memset(&for_prism, 0, sizeof(for_prism));
    memset(&options, 0, sizeof(options));
    to_prism = ring_in_line = uart_in_line = uart_on = uart_answers = false;
    switch_keys = restarts = 0;
    uart_writer = WRITER_PRISM;
    now = 0;
    ring_base = first & 1 ? (u32)take(in, 4) : first & 2 ? -(u32)take(in, 3) : 0;
    ring_start = ring_end = reader[0] = reader[1] = ring_base;
    options.loglvl = first >> 2 & 3;
    options.guest_loglvl = first & 0x10 ? LOG_DEBUG : first >> 5 & 3;
    options.console_to_ring = first & 0x80;
    options.console_com1 = true;
    options.console_vga = second & 2;
    interrupt_refused = (second & 0x1c) == 4;
    pauses = (u8)take(in, 1);
    for (u32 id = 0; id < DOMAINS; id++) {
        domains[id].id = (domid_t)id;
        domains[id].is_privileged = id == 0;
        domains[id].row = &row;
        snprintf(domains[id].name_for_log, sizeof(domains[id].name_for_log), "d%u", id);
        vcpus[id].domain = &domains[id];
    }
    uart_starts(second & 1);
    console_init_irq();
    if (interrupt_refused)
        must_say(LOG_WARNING, "No console input: interrupt 0: error %d\n", -EBUSY);
    for (char key = 'a'; key <= 'z'; key++)
        if (key != 'h')
            debug_key_register(key, key_ran, "a test");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };

    begin(&in);
    hold();
    while (in.left && must.ring < KEPT / 4) {
        u8 op = (u8)take(&in, 1), id = (op >> 4) % DOMAINS;

        running = &vcpus[id];
        switch (op & 15) {
        case 0: case 1: case 2: guest_writes(&in, id); break;
        case 3: guest_says(&in, id); break;
        case 4: case 5: guest_reads(&in, id); break;
        case 6: case 7: types(&in); break;
        case 8: run_keys(); break;
        case 9: run_key((char)take(&in, 1)); break;
        case 10: says(&in, (u8)take(&in, 1)); break;
        case 11: says_in_between(&in, (u8)take(&in, 1)); break;
        case 12: case 13: read_some(&in, (u8)take(&in, 1)); break;
        case 14: now += take(&in, op >> 5) * 1000; break;
        default:
            uart_starts(op & 0x80);
            check(hypercall_console_io(2 + take(&in, 1), 0, 0, 0, 0, 0) == -ENOSYS);
        }
        hold();
    }
    reads_back(ON_RING + 1, &reader[0], false, false);
    return 0;
}
