/* SPDX-License-Identifier: MIT */
/* What is said: Prism's own lines, with a prefix, and guests' text go into a ring and out of the UART. */
#include "lib/console.h"

#include "boot/boot.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "lib/lib.h"
#include "lib/serial.h"

#define RING_SIZE 65536u   /* a power of two */
#define LINE_MAX 1024
#define PREFIX "(PRISM) "

enum writer { WRITER_PRISM, WRITER_GUEST };

static struct spinlock console_lock = SPINLOCK_INIT(RANK_CONSOLE);
/* Guarded by console_lock. Indices run on; of the ring only the last RING_SIZE bytes are there. */
static char ring[RING_SIZE];
static u32 ring_end, ring_start;   /* start: the oldest byte that is there and was not cleared */
static bool ring_in_line, uart_in_line;
static enum writer uart_writer;
static bool uart_on;
static volatile bool forced;   /* a panic is under way: nobody waits for the lock any more */

/* True if the lock was taken. Not when this CPU has it already, as for an NMI inside printk. */
static bool console_enter(unsigned long *flags)
{
    *flags = irq_save();
    if (forced || (spin_is_locked(&console_lock) && console_lock.cpu == (int16_t)smp_processor_id()))
        return false;
    spin_lock(&console_lock);
    return true;
}

static void console_leave(bool locked, unsigned long flags)
{
    if (locked && !forced)
        spin_unlock(&console_lock);
    irq_restore(flags);
}

static void ring_write(const char *text, size_t n)
{
    if (n > RING_SIZE) {
        text += n - RING_SIZE;
        n = RING_SIZE;
    }
    while (n) {
        u32 at = ring_end % RING_SIZE, piece = (u32)min(n, (size_t)(RING_SIZE - at));

        memcpy(ring + at, text, piece);
        ring_end += piece;
        text += piece;
        n -= piece;
    }
    if (ring_end - ring_start > RING_SIZE)
        ring_start = ring_end - RING_SIZE;
}

/* Whoever was in the middle of a line loses it to another writer. */
static void uart_begin(enum writer writer)
{
    if (uart_in_line && uart_writer != writer) {
        serial_write("\r\n", 2);
        uart_in_line = false;
    }
    uart_writer = writer;
}

/* Its bytes up to the first line's end, which is counted. */
static size_t first_line(const char *text, size_t n)
{
    size_t line = 0;

    while (line < n && text[line++] != '\n')
        ;
    return line;
}

/* A line or a part of one; a terminal wants a carriage return too. */
static void uart_line(const char *text, size_t n)
{
    uart_in_line = text[n - 1] != '\n';
    serial_write(text, n - !uart_in_line);
    if (!uart_in_line)
        serial_write("\r\n", 2);
}

static void prism_write(const char *text, size_t n, bool to_uart)
{
    to_uart = to_uart && uart_on;
    if (to_uart)
        uart_begin(WRITER_PRISM);
    for (size_t line; n; text += line, n -= line) {
        line = first_line(text, n);
        if (!ring_in_line)
            ring_write(PREFIX, sizeof(PREFIX) - 1);
        ring_write(text, line);
        ring_in_line = text[line - 1] != '\n';
        if (to_uart) {
            if (!uart_in_line)
                serial_write(PREFIX, sizeof(PREFIX) - 1);
            uart_line(text, line);
        }
    }
}

void printk_level(enum log_level level, const char *fmt, ...)
{
    char text[LINE_MAX];
    unsigned long flags;
    va_list args;
    bool locked;
    int n;

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (n >= LINE_MAX) {
        n = LINE_MAX - 1;
        text[n - 1] = '\n';
    }
    locked = console_enter(&flags);
    prism_write(text, (size_t)n, level <= options.loglvl);
    console_leave(locked, flags);
}

void console_write_guest(const char *text, size_t n)
{
    unsigned long flags;
    bool locked;

    if (n == 0)
        return;
    locked = console_enter(&flags);
    if (uart_on) {
        uart_begin(WRITER_GUEST);
        serial_write(text, n);
        uart_in_line = text[n - 1] != '\n' && text[n - 1] != '\r';
    }
    if (options.console_to_ring) {
        ring_write(text, n);
        ring_in_line = text[n - 1] != '\n';
    }
    console_leave(locked, flags);
}

size_t console_ring_read(char *buf, size_t n, u32 *index, bool incremental, bool clear)
{
    unsigned long flags;
    bool locked = console_enter(&flags);
    u32 from = ring_start;
    size_t copied = 0;

    if (incremental && ring_end - *index <= ring_end - ring_start)   /* else overwritten, cleared, or ahead of us */
        from = *index;
    while (copied < n && from != ring_end) {
        u32 at = from % RING_SIZE, piece = min(RING_SIZE - at, ring_end - from);

        piece = (u32)min((size_t)piece, n - copied);
        memcpy(buf + copied, ring + at, piece);
        copied += piece;
        from += piece;
    }
    *index = from;
    if (clear)
        ring_start = ring_end;
    console_leave(locked, flags);
    return copied;
}

u64 console_ring_bytes(void)
{
    return RING_SIZE;
}

/* What was said before there was a UART. */
static void uart_catch_up(void)
{
    u32 index = ring_start;
    char text[256];
    size_t n;

    while ((n = console_ring_read(text, sizeof(text), &index, true, false)))
        for (size_t at = 0, line; at < n; at += line) {
            line = first_line(text + at, n - at);
            uart_line(text + at, line);
        }
}

void console_init_early(void)
{
    if (!options.console_com1 || uart_on)
        return;
    uart_on = serial_init((u16)options.com1_base, options.com1_baud);
    if (uart_on)
        uart_catch_up();
    if (options.console_vga)
        pr_warn("console=vga: Prism writes to the serial port only\n");
}

void console_force_unlock(void)
{
    forced = true;
}

void console_flush(void)
{
    if (uart_on)
        serial_flush();
}
