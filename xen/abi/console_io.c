/* SPDX-License-Identifier: MIT */
/* console_io: the hypervisor's console for guests (public header xen/xen.h, CONSOLEIO_*). The control domain has it as
 * a terminal. What others write is for debugging: by the line, marked with the domain's number, bounded in its rate. */
#include <xen/xen.h>

#include "abi/console_io.h"
#include "abi/hypercall.h"
#include "boot/boot.h"
#include "dom/guest_access.h"
#include "lib/console.h"

#define CHUNK 256
#define LINES_PER_SECOND 60   /* of full length: less than a serial line takes at 115200 baud */
#define LINES_AT_ONCE 600     /* that a domain may have saved up: firmware says much in little time */

/* A line's worth of its rate, if d has it. The seconds that have passed have brought it LINES_PER_SECOND each. */
static bool may_say(struct domain *d, stime_t now)
{
    u64 seconds = (now - d->console_second) / NS_PER_SEC;

    if (seconds) {
        d->console_lines -= (u32)min((u64)d->console_lines, seconds * LINES_PER_SECOND);
        d->console_second += seconds * NS_PER_SEC;
    }
    if (d->console_lines >= LINES_AT_ONCE)
        return false;
    d->console_lines++;
    return true;
}

/* One finished line of d; domain_lock held. */
static void put_line(struct domain *d)
{
    d->console_line[d->console_used] = 0;
    d->console_used = 0;
    if (!may_say(d, system_time())) {
        d->console_lost++;
        return;
    }
    if (d->console_lost)
        printk("(%s) %u lines left out\n", d->name_for_log, d->console_lost);
    d->console_lost = 0;
    printk("(%s) %s\n", d->name_for_log, d->console_line);
}

void console_guest_text(struct domain *d, const char *text, size_t n)
{
    if (options.guest_loglvl < LOG_DEBUG)
        return;
    spin_lock(&d->domain_lock);
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (c == '\n' || d->console_used == sizeof(d->console_line) - 1)
            put_line(d);
        if (c == '\t' || (c >= ' ' && c < 127))
            d->console_line[d->console_used++] = c;
    }
    spin_unlock(&d->domain_lock);
}

/* 0, -EFAULT, or a continuation for what is left. */
static long console_write(struct domain *d, u64 buffer, u32 count)
{
    char chunk[CHUNK];
    while (count) {
        u32 n = min(count, (u32)CHUNK);
        if (copy_from_guest_va(chunk, buffer, n))
            return -EFAULT;
        if (d->is_privileged)
            console_write_guest(chunk, n);
        else
            console_guest_text(d, chunk, n);
        buffer += n;
        count -= n;
        if (count && hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_console_io, 3, (unsigned long)CONSOLEIO_write, (unsigned long)count,
                                      buffer);
    }
    return 0;
}

/* Characters read, or -EFAULT. What was taken and cannot be given is lost, as on a terminal nobody reads. */
static long console_read(u64 buffer, u32 count)
{
    char chunk[CHUNK];
    long total = 0;
    while (count) {
        size_t n = console_read_input(chunk, min(count, (u32)CHUNK));
        if (n == 0)
            break;
        if (copy_to_guest_va(buffer, chunk, n))
            return -EFAULT;
        buffer += n;
        count -= (u32)n;
        total += (long)n;
    }
    return total;
}

long hypercall_console_io(unsigned long cmd, unsigned long count, unsigned long buffer, unsigned long a4,
                          unsigned long a5, unsigned long a6)
{
    struct domain *d = current->domain;
    ledger_charge(current, LEDGER_CONSOLE);
    switch ((int)cmd) {
    case CONSOLEIO_write:
        return console_write(d, buffer, (u32)count);
    case CONSOLEIO_read:
        return d->is_privileged ? console_read(buffer, (u32)count) : -EPERM;
    }
    return -ENOSYS;
}
