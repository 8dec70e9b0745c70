/* SPDX-License-Identifier: MIT */
/* A plain account of the console for its fuzz target: what must be on the ring, on the wire, in both queues of typed keys. It
 * keeps everything that was ever said, byte by byte, and knows nothing of how the console keeps it. */
#ifndef PRISM_TESTS_FUZZ_CONSOLE_ACCOUNT_H
#define PRISM_TESTS_FUZZ_CONSOLE_ACCOUNT_H

#include <stdarg.h>
#include <stddef.h>

#include "boot/boot.h"
#include "input.h"
#include "lib/lib.h"

#define DOMAINS 3u
#define KEPT (1u << 22)
#define ON_RING 65536u
#define CTRL_A 1u

/* On the ring since the beginning, and how many bytes of that were cleared; on the wire since it was looked at. */
static char ring_must[KEPT], wire_must[KEPT];
static struct {
    size_t ring, cleared, wire;
    bool in_line, wire_on, wire_in_line, wire_guest;   /* the last byte on it is not a line's end; who wrote it */
    struct { u8 bytes[1024]; size_t used; } typed[2];  /* the control domain's, Prism's */
    bool to_prism;
    unsigned int held_back;                            /* Ctrl-A that may become the switch */
    struct { char line[119]; size_t used; unsigned int lost, spent; u64 second; } guest[DOMAINS];
    struct { char keys[1024]; size_t n; } run;         /* keys of the test whose functions ran */
    unsigned int restarts;
} must;

static void on_ring(char c)
{
    check(must.ring < KEPT);
    ring_must[must.ring++] = c;
}

static void on_wire(char c)
{
    check(must.wire < KEPT);
    wire_must[must.wire++] = c;
}

static void on_wire_lines(char c)
{
    if (c == '\n')
        on_wire('\r');
    on_wire(c);
}

static size_t oldest(void)
{
    return max(must.cleared, must.ring - min(must.ring, (size_t)ON_RING));
}

/* What Prism and guests write on the wire never stands in one line. */
static void wire_is(bool guest)
{
    if (must.wire_in_line && must.wire_guest != guest) {
        on_wire_lines('\n');
        must.wire_in_line = false;
    }
    must.wire_guest = guest;
}

static void must_say(enum log_level level, const char *format, ...) printf_like(2, 3);
static void must_say(enum log_level level, const char *format, ...)
{
    static const char prefix[] = "(PRISM) ";
    bool wire = must.wire_on && level <= options.loglvl;
    char text[2048];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    check(n >= 0 && n < (int)sizeof(text));
    if (n > 1023) {
        n = 1023;
        text[1022] = '\n';
    }
    if (wire)
        wire_is(false);
    for (int i = 0; i < n; i++) {
        for (const char *p = prefix; *p && !must.in_line; p++)
            on_ring(*p);
        on_ring(text[i]);
        must.in_line = text[i] != '\n';
        if (!wire)
            continue;
        for (const char *p = prefix; *p && !must.wire_in_line; p++)
            on_wire(*p);
        on_wire_lines(text[i]);
        must.wire_in_line = text[i] != '\n';
    }
}

/* There is a UART now: what is on the ring goes there first. */
static void must_show_ring(void)
{
    must.wire_on = true;
    for (size_t at = oldest(); at < must.ring; at++) {
        on_wire_lines(ring_must[at]);
        must.wire_in_line = ring_must[at] != '\n';
    }
}

/* ---- Guests' text */

/* The control domain's, as it is. */
static void must_write(const u8 *text, size_t n)
{
    if (n && must.wire_on)
        wire_is(true);
    for (size_t i = 0; i < n; i++) {
        if (must.wire_on) {
            on_wire((char)text[i]);
            must.wire_in_line = text[i] != '\n' && text[i] != '\r';
        }
        if (options.console_to_ring) {
            on_ring((char)text[i]);
            must.in_line = text[i] != '\n';
        }
    }
}

/* Each may say 600 lines, and 60 more a second. */
static bool has_line(u32 id, u64 second)
{
    must.guest[id].spent -= (unsigned int)min((u64)must.guest[id].spent, 60 * (second - must.guest[id].second));
    must.guest[id].second = second;
    if (must.guest[id].spent == 600)
        return false;
    must.guest[id].spent++;
    return true;
}

static void must_end_line(u32 id, u64 second)
{
    int used = (int)must.guest[id].used;

    must.guest[id].used = 0;
    if (!has_line(id, second)) {
        must.guest[id].lost++;
        return;
    }
    if (must.guest[id].lost)
        must_say(LOG_INFO, "(d%u) %u lines left out\n", id, must.guest[id].lost);
    must.guest[id].lost = 0;
    must_say(LOG_INFO, "(d%u) %.*s\n", id, used, must.guest[id].line);
}

/* Another domain's: what is printable, by lines of at most 119. */
static void must_say_for(u32 id, const u8 *text, size_t n, u64 second)
{
    for (; n && options.guest_loglvl >= LOG_DEBUG; n--, text++) {
        if (*text == '\n' || must.guest[id].used == sizeof(must.guest[id].line))
            must_end_line(id, second);
        if (*text == '\t' || (*text >= ' ' && *text <= '~'))
            must.guest[id].line[must.guest[id].used++] = (char)*text;
    }
}

/* ---- What is typed */

static void must_queue(u8 key)
{
    if (must.typed[must.to_prism].used < sizeof(must.typed[0].bytes))   /* else lost, as on any keyboard */
        must.typed[must.to_prism].bytes[must.typed[must.to_prism].used++] = key;
}

static void must_type(u8 key)
{
    if (key != CTRL_A) {
        for (; must.held_back; must.held_back--)
            must_queue(CTRL_A);
        must_queue(key);
    } else if (++must.held_back == 3) {
        must.held_back = 0;
        must.to_prism = !must.to_prism;
        must_say(LOG_INFO, "Input goes to %s (Ctrl-A three times to switch)\n",
                 must.to_prism ? "Prism: h for help" : "the control domain");
    }
}

static void must_take(size_t n)   /* by the control domain */
{
    must.typed[0].used -= n;
    memmove(must.typed[0].bytes, must.typed[0].bytes + n, must.typed[0].used);
}

/* Prism's keys, and those of the test: small letters. */
static const char *key_help_text(unsigned int key)
{
    return key == 'h' ? "this help" : key == 'R' ? "restart the machine at once" : key >= 'a' && key <= 'z' ? "a test" : NULL;
}

static void must_run(char key)
{
    const char *help = key_help_text((u8)key);

    if (!help) {
        must_say(LOG_INFO, "No debug key '%c': h for help\n", key);
        return;
    }
    must_say(LOG_INFO, "Debug key '%c': %s\n", key, help);
    for (unsigned int other = 0; key == 'h' && other < 256; other++)
        if (key_help_text(other))
            must_say(LOG_INFO, "  %c  %s\n", (char)other, key_help_text(other));
    if (key == 'R')
        must.restarts++;
    else if (key != 'h')
        must.run.keys[must.run.n++] = key;
}

/* All that wait; each is run once. */
static void must_run_all(void)
{
    for (size_t i = 0; i < must.typed[1].used; i++)
        must_run((char)must.typed[1].bytes[i]);
    must.typed[1].used = 0;
}

#endif
