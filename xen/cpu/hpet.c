/* SPDX-License-Identifier: MIT */
/* The HPET as a free-running counter (IA-PC HPET specification 1.0a, 2.3). Its comparators are not used. */
#include "cpu/cpu.h"
#include "cpu/platform_timer.h"
#include "lib/lib.h"
#include "mem/frame.h"

#define HPET_CAPABILITIES 0x000
#define HPET_PERIOD 0x004            /* femtoseconds a tick */
#define HPET_CONFIG 0x010
#define HPET_COUNTER 0x0f0
#define HPET_TIMER_CONFIG(n) (0x100 + 0x20 * (n))
#define HPET_MAX_PERIOD 100000000u   /* 2.3.4: no slower than 10 MHz */

static volatile u8 *hpet;

static u32 hpet_read(unsigned int reg) { return *(volatile u32 *)(hpet + reg); }
static void hpet_write(unsigned int reg, u32 value) { *(volatile u32 *)(hpet + reg) = value; }
/* The low half alone: a 64-bit read is not atomic on every chipset, and time.c extends the counter anyway. */
static u64 hpet_counter(void) { return hpet_read(HPET_COUNTER); }

static struct platform_timer hpet_timer = { .name = "HPET", .mask = 0xffffffff, .read = hpet_counter };

__init const struct platform_timer *hpet_probe(void)
{
    u32 period, timers, before;

    if (!acpi_info.hpet_address)
        return NULL;
    hpet = ioremap(acpi_info.hpet_address, 1024, MAP_UC);
    if (!hpet)
        return NULL;
    period = hpet_read(HPET_PERIOD);
    if (!period || period > HPET_MAX_PERIOD) {
        pr_warn("HPET: period of %u fs, not used\n", period);
        return NULL;
    }
    timers = ((hpet_read(HPET_CAPABILITIES) >> 8) & 31) + 1;
    for (u32 i = 0; i < timers; i++)
        hpet_write(HPET_TIMER_CONFIG(i), hpet_read(HPET_TIMER_CONFIG(i)) & ~4u);   /* no interrupts */
    hpet_write(HPET_CONFIG, (hpet_read(HPET_CONFIG) & ~2u) | 1);   /* counting, no legacy replacement */
    before = hpet_read(HPET_COUNTER);
    for (unsigned int i = 0; hpet_read(HPET_COUNTER) == before; i++)
        if (i == 100000) {
            pr_warn("HPET: does not count, not used\n");
            return NULL;
        }
    hpet_timer.hz = (1000000000000000ULL + period / 2) / period;
    return &hpet_timer;
}
