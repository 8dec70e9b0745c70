// SPDX-License-Identifier: MIT
// The benchmark guest's operations on the platform: what a processor or a board answers.
#define _GNU_SOURCE
#include <cpuid.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"

static unsigned int done;

static const char *all_done(unsigned int count) { return done == count ? NULL : "not every one answered as it should"; }

// ---- CPUID
static const char *cpuid_run(unsigned int count)
{
    unsigned int a, b, c, d, last = __get_cpuid_max(0, &b);
    done = 0;
    for (unsigned int i = 0; i < count; i++) {
        unsigned int vendor;
        __cpuid(0, a, vendor, c, d);
        done += a == last && vendor == b;
    }
    return NULL;
}

// ---- the TSC
static const char *tsc_run(unsigned int count)
{
    uint64_t before = __rdtsc();
    done = 0;
    for (unsigned int i = 0; i < count; i++) {
        uint64_t now = __rdtsc();
        done += now > before;
        before = now;
    }
    return NULL;
}

// ---- the HPET's counter, through the kernel's /dev/hpet
#define HPET_COUNTER 0xf0
static const volatile unsigned char *hpet;

static const char *no_hpet(void)
{
    int file = open("/dev/hpet", O_RDONLY);
    if (file < 0)
        return fault("no HPET, /dev/hpet");
    void *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED)
        return fault("/dev/hpet cannot be mapped");
    hpet = page;
    return NULL;
}

static const char *hpet_run(unsigned int count)
{
    const volatile uint32_t *counter = (const volatile uint32_t *)(hpet + HPET_COUNTER);
    uint32_t first = *counter, now = first;
    for (unsigned int i = 0; i < count; i++)
        now = *counter;
    done = now != first ? count : 0;
    return NULL;
}

// ---- ports: a first reading finds out whether there is anything to measure
static sigjmp_buf out;
static unsigned short port;

static void refused(int number) { siglongjmp(out, number); }

static bool readable(void)
{
    struct sigaction on = { .sa_handler = refused }, old;
    volatile bool can = false;
    sigaction(SIGSEGV, &on, &old);
    if (!sigsetjmp(out, 1)) {
        inb(port);
        can = true;
    }
    sigaction(SIGSEGV, &old, NULL);
    return can;
}

// The port where power-on tests show their codes: reading it changes nothing on any board.
static const char *no_port(void)
{
    port = 0x80;
    if (iopl(3))
        return fault("iopl");
    return readable() ? NULL : "reading a port faults";
}

static const char *port_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        inb(port);
    done = count;
    return NULL;
}

// The ACPI timer is at the port that the table FACP names; its 32 bits are at byte 76.
#define FACP_TIMER 76
static const char *no_pm_timer(void)
{
    int table = open("/sys/firmware/acpi/tables/FACP", O_RDONLY);
    uint32_t address = 0;
    if (table < 0)
        return "there is no ACPI table that names one";
    ssize_t got = pread(table, &address, sizeof address, FACP_TIMER);
    close(table);
    if (got != sizeof address || !address || address > 0xffff)
        return "the ACPI tables name none";
    if (iopl(3))
        return fault("iopl");
    port = address;
    return readable() ? NULL : "reading its port faults";
}

static const char *pm_timer_run(unsigned int count)
{
    uint32_t first = inl(port), now = first;
    for (unsigned int i = 0; i < count; i++)
        now = inl(port);
    done = now != first ? count : 0;
    return NULL;
}

const struct operation platform_operations[] = {
    { "cpuid", 500, 1, .run = cpuid_run, .check = all_done },
    { "tsc_read", 2000, 1, .run = tsc_run, .check = all_done },
    { "hpet_read", 200, 1, .run = hpet_run, .check = all_done, .absent = no_hpet },
    { "pm_timer_read", 200, 1, .run = pm_timer_run, .check = all_done, .absent = no_pm_timer },
    { "port_read", 200, 1, .run = port_run, .check = all_done, .absent = no_port },
    { 0 },
};
