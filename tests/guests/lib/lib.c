/* SPDX-License-Identifier: MIT */
/* The test kernel's C library, console, traps and verdict. */
#include <stdarg.h>

#include "lib/guest.h"

start_info_t *start_info;
struct trap_frame last_trap;
volatile long trap_vector;
u64 trap_resume;
bool (*volatile trap_hook)(struct trap_frame *frame);
u8 scratch[9][4096] aligned(4096);
static enum verdict worst;
static char first_detail[200];
extern const char trap_stubs[], event_entry_stub[];

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
static size_t format_number(char *out, u64 value, unsigned int base)
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
            n += format_number(out + n, value < 0 ? -(u64)value : (u64)value, 10);
        } else
            n += format_number(out + n, wide ? va_arg(args, unsigned long) : va_arg(args, unsigned int),
                               *format == 'x' ? 16 : 10);
    }
    out[n] = 0;
    return n;
}

void say(const char *format, ...)
{
    char line[256];
    va_list args;
    size_t n;

    va_start(args, format);
    n = format_text(line, sizeof(line), format, args);
    va_end(args);
    CALL3(console_io, 0, n, line);
}

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

void expect_crash(void)
{
    say("VERDICT crash-expected %s\n", TEST_NAME);
}

void finish(void)
{
    static const char *const names[] = { "success", "skip", "error", "failure" };
    struct sched_shutdown shutdown = { .reason = SHUTDOWN_poweroff };

    say("VERDICT %s %s %s\n", names[worst], TEST_NAME, first_detail);
    for (;;)
        CALL2(sched_op, SCHEDOP_shutdown, &shutdown);
}

void trap_handler(struct trap_frame *frame);
void trap_handler(struct trap_frame *frame)
{
    if ((trap_hook && trap_hook(frame)) || frame->vector == 0x100)
        return;
    if (!trap_resume) {
        verdict(FAILURE, "unexpected trap %lu, error %lx, at %lx, rsp %lx", frame->vector, frame->error_code, frame->rip,
                frame->rsp);
        finish();
    }
    last_trap = *frame;
    trap_vector = (long)frame->vector;
    frame->rip = trap_resume;
    frame->cs |= 3;
    frame->ss |= 3;
}

void install_traps(void)
{
    static struct trap_info table[33];
    const char *stub = trap_stubs;

    for (unsigned int vector = 0; vector < 32; vector++, stub += 16)
        table[vector] = (struct trap_info){ .vector = (u8)vector, .flags = vector == 3 || vector == 4 ? 3 : 0,
                                            .cs = FLAT_KERNEL_CS, .address = (unsigned long)stub };
    if (CALL1(set_trap_table, table))
        verdict(ERROR, "set_trap_table refused");
    if (CALL3(set_callbacks, event_entry_stub, event_entry_stub, 0))
        verdict(ERROR, "set_callbacks refused");
}

void guest_start(start_info_t *info);
void guest_start(start_info_t *info)
{
    start_info = info;
    install_traps();
    say("TEST %s\n", TEST_NAME);
    test_main();
    finish();
}
