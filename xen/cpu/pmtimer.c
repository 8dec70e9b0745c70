/* SPDX-License-Identifier: MIT */
/* The ACPI power management timer as a free-running counter (ACPI 6.4, 4.8.2.1). */
#include "cpu/cpu.h"
#include "cpu/platform_timer.h"
#include "cpu/x86.h"
#include "lib/lib.h"

#define PM_TIMER_HZ 3579545

/* Some chipsets latch the bits one after another: a value is good once two reads in a row do not go backwards by
 * much. */
static u64 pmtimer_counter(void)
{
    u32 mask = acpi_info.pm_timer_32bit ? 0xffffffff : 0xffffff, first, second;
    unsigned int tries = 0;

    do {
        first = inl((u16)acpi_info.pm_timer_port);
        second = inl((u16)acpi_info.pm_timer_port);
    } while (((second - first) & mask) > 1000 && ++tries < 10);
    return second & mask;
}

static struct platform_timer pm_timer = { .name = "ACPI PM timer", .hz = PM_TIMER_HZ, .read = pmtimer_counter };

__init const struct platform_timer *pmtimer_probe(void)
{
    u64 before;

    if (!acpi_info.pm_timer_port)
        return NULL;
    pm_timer.mask = acpi_info.pm_timer_32bit ? 0xffffffff : 0xffffff;
    before = pmtimer_counter();
    for (unsigned int i = 0; pmtimer_counter() == before; i++)
        if (i == 100000) {
            pr_warn("ACPI PM timer: does not count, not used\n");
            return NULL;
        }
    return &pm_timer;
}
