/* SPDX-License-Identifier: MIT */
/* Ending or restarting the machine. */
#include "cpu/cpu.h"
#include "cpu/traps.h"
#include "cpu/x86.h"
#include "lib/console.h"
#include "lib/lib.h"
#include "mem/frame.h"

static void delay(void)
{
    for (unsigned int i = 0; i < 1000000; i++)
        cpu_relax();
}

void machine_halt(void)
{
    irq_disable();
    smp_stop_others();
    console_flush();
    stop_this_cpu_loop();
}

/* The FADT's reset register: ACPI 6.3, 4.8.3.6. Space 0 is memory, 1 is I/O ports. */
static void acpi_reset(void)
{
    if (!acpi_info.reset.valid)
        return;
    if (acpi_info.reset.space == 1)
        outb((u16)acpi_info.reset.address, acpi_info.reset.value);
    else if (acpi_info.reset.space == 0) {
        volatile u8 *p = ioremap(acpi_info.reset.address, 1, MAP_UC);

        if (p)
            *p = acpi_info.reset.value;
    }
    delay();
}

void machine_restart(void)
{
    struct { u16 limit; u64 base; } packed no_idt = { 0, 0 };

    irq_disable();
    smp_stop_others();
    console_flush();
    acpi_reset();
    outb(0xcf9, 0x02);
    outb(0xcf9, 0x06);
    delay();
    outb(0x64, 0xfe);
    delay();
    asm volatile("lidt %0; int3" :: "m" (no_idt));
    stop_this_cpu_loop();
}

/* ACPI 6.3, 16.1.5: SLP_TYP first, then with SLP_EN. Returns if the machine does not react. */
void machine_poweroff(u16 pm1a_cnt, u16 pm1a_val, u16 pm1b_cnt, u16 pm1b_val)
{
    irq_disable();
    smp_stop_others();
    console_flush();
    outw(pm1a_cnt, pm1a_val);
    if (pm1b_cnt)
        outw(pm1b_cnt, pm1b_val);
    delay();
}
