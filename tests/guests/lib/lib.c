/* SPDX-License-Identifier: MIT */
/* The test kernel's C library, console and verdict. */
#include <stdarg.h>

#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/io/ring.h>
#include <xen/vcpu.h>

#include "lib/console.h"
#include "lib/guest.h"

struct trap_frame last_trap;
volatile long trap_vector;
bool (*volatile trap_hook)(struct trap_frame *frame);
u8 scratch[SCRATCH_PAGES][4096] page_aligned;
static enum verdict worst;
static char first_detail[200];

void *memset(void *p, int c, size_t n)
{
    void *d = p;

    asm volatile("rep stosb" : "+D" (d), "+c" (n) : "a" (c) : "memory");
    return p;
}

void *memcpy(void *d, const void *s, size_t n)
{
    void *to = d;

    asm volatile("rep movsb" : "+D" (to), "+S" (s), "+c" (n) :: "memory");
    return d;
}

/* Enough of printf: %s %c %d %ld %u %lu %x %lx with no widths. */
static size_t format_number(char *out, unsigned long value, unsigned int base)
{
    char digits[24];
    size_t n = 0, length = 0;

    do
        digits[n++] = "0123456789abcdef"[value % base];
    while (value /= base);
    while (n)
        out[length++] = digits[--n];
    return length;
}

static size_t format_text(char *out, size_t size, const char *format, va_list args)
{
    size_t n = 0;

    for (; *format && n + 32 < size; format++) {
        bool wide = false;

        if (*format != '%') {
            out[n++] = *format;
            continue;
        }
        if (*++format == 'l') {
            wide = true;
            format++;
        }
        if (*format == 's') {
            for (const char *s = va_arg(args, const char *); *s && n + 32 < size; s++)
                out[n++] = *s;
        } else if (*format == 'c')
            out[n++] = (char)va_arg(args, int);
        else if (*format == 'd') {
            long value = wide ? va_arg(args, long) : va_arg(args, int);

            if (value < 0)
                out[n++] = '-';
            n += format_number(out + n, value < 0 ? -(unsigned long)value : (unsigned long)value, 10);
        } else
            n += format_number(out + n, wide ? va_arg(args, unsigned long) : va_arg(args, unsigned int),
                               *format == 'x' ? 16 : 10);
    }
    out[n] = 0;
    return n;
}

/* ---- The console: the hypervisor's own, or a ring that the control domain reads */

static volatile struct xencons_interface *console_ring;
static evtchn_port_t console_port;

void console_attach(void *ring, u32 port)
{
    console_ring = ring;
    console_port = port;
}

static void notify_console(void)
{
    struct evtchn_send send = { .port = console_port };

    CALL2(event_channel_op, EVTCHNOP_send, &send);
}

/* Nobody has to read: after a while a full ring swallows what is said. */
static void console_put(char c)
{
    for (unsigned int patience = 0; console_ring->out_prod - console_ring->out_cons >= sizeof(console_ring->out); ) {
        if (patience++ == 500)
            return;
        notify_console();
        nap(10000000);
    }
    console_ring->out[MASK_XENCONS_IDX(console_ring->out_prod, console_ring->out)] = c;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    console_ring->out_prod++;
}

static void console_drain(void)
{
    for (unsigned int patience = 0; console_ring && console_ring->out_prod != console_ring->out_cons; patience++) {
        if (patience == 500)
            return;
        notify_console();
        nap(10000000);
    }
}

void say(const char *format, ...)
{
    char line[256];
    va_list args;
    size_t n;

    va_start(args, format);
    n = format_text(line, sizeof(line), format, args);
    va_end(args);
    if (!console_ring) {
        say_plainly(line, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        console_put(line[i]);
    notify_console();
}

/* ---- Verdicts */

void verdict(enum verdict v, const char *format, ...)
{
    char detail[200];
    va_list args;

    va_start(args, format);
    format_text(detail, sizeof(detail), format, args);
    va_end(args);
    if (v > worst) {
        worst = v;
        memcpy(first_detail, detail, sizeof(detail));
    }
    say("  %s\n", detail);
}

void expect_end(const char *how)
{
    say("VERDICT crash-expected %s %s\n", TEST_NAME, how);
    console_drain();
}

void finish(void)
{
    static const char *const names[] = { "success", "skip", "error", "failure" };
    struct sched_shutdown shutdown = { .reason = SHUTDOWN_poweroff };

    say("VERDICT %s %s %s\n", names[worst], TEST_NAME, first_detail);
    console_drain();
    for (;;)
        CALL2(sched_op, SCHEDOP_shutdown, &shutdown);
}

/* ---- What both kinds of kernel have */

bool on_prism(void)
{
    static const char own[] = "-prism";
    static xen_extraversion_t text;

    if (CALL2(xen_version, XENVER_extraversion, text))
        return false;
    for (unsigned int i = 0; i < sizeof(own); i++)
        if (text[i] != own[i])
            return false;
    return true;
}

/* A port that anyone of this domain's own might bind to says whom it waits for. */
domid_t own_domid(void)
{
    struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
    struct evtchn_status status = { .dom = DOMID_SELF };
    struct evtchn_close close;

    if (CALL2(event_channel_op, EVTCHNOP_alloc_unbound, &alloc))
        verdict(ERROR, "no port to be had");
    status.port = close.port = alloc.port;
    if (CALL2(event_channel_op, EVTCHNOP_status, &status))
        verdict(ERROR, "a port without status");
    CALL2(event_channel_op, EVTCHNOP_close, &close);
    return status.u.unbound.dom;
}

long set_watchdog(u32 id, u32 seconds)
{
    struct sched_watchdog op = { .id = id, .timeout = seconds };

    return CALL2(sched_op, SCHEDOP_watchdog, &op);
}

/* An event, whoever sends it, may end a poll before its time. */
void nap(u64 ns)
{
    struct sched_poll poll = { .timeout = now_ns() + ns };

    while (now_ns() < poll.timeout)
        if (CALL2(sched_op, SCHEDOP_poll, &poll))
            verdict(ERROR, "a poll is refused");
}

/* The clock of the first vCPU's vcpu_info serves all: it is as good as they are synchronous. */
u64 now_ns(void)
{
    const volatile struct vcpu_time_info *t = &shared_info_page()->vcpu_info[0].time;
    u32 version, lo, hi;
    u64 ns;

    do {
        version = t->version;
        asm volatile("rdtsc" : "=a" (lo), "=d" (hi) :: "memory");
        u64 delta = (lo | (u64)hi << 32) - t->tsc_timestamp;
        delta = t->tsc_shift >= 0 ? delta << t->tsc_shift : delta >> -t->tsc_shift;
        ns = t->system_time + (((delta & 0xffffffff) * t->tsc_to_system_mul) >> 32) + (delta >> 32) * t->tsc_to_system_mul;
    } while ((version & 1) || version != t->version);
    return ns;
}

unsigned int vcpus(void)
{
    unsigned int n = 0;

    while (CALL3(vcpu_op, VCPUOP_is_up, n, 0) >= 0)
        n++;
    return n;
}
