/* SPDX-License-Identifier: MIT */
// sources: xen/cpu/acpi_parse.c
/* The ACPI table parsers: good tables, entries that run past the end, and random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/acpi.h"
#include "cpu/cpu.h"
#include "lib/errno.h"

static struct acpi_info info;
static struct acpi_routing routing;

static int reset(void **state)
{
    (void)state;
    memset(&info, 0, sizeof(info));
    memset(&routing, 0, sizeof(routing));
    memset(madt_cpus, 0, sizeof(madt_cpus));
    nr_madt_cpus = 0;
    return 0;
}

static u32 put(u8 *table, u32 at, const u8 *bytes, u32 n) { memcpy(table + at, bytes, n); return at + n; }

static u32 madt_of_two_cpus(u8 *t)
{
    static const u8 header[8] = { 0, 0, 0xe0, 0xfe, 1, 0, 0, 0 };
    static const u8 cpu0[8] = { 0, 8, 0, 0, 1, 0, 0, 0 }, cpu1[8] = { 0, 8, 1, 4, 1, 0, 0, 0 }, off[8] = { 0, 8, 2, 5 };
    static const u8 ioapic[12] = { 1, 12, 7, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0 };
    static const u8 timer[10] = { 2, 10, 0, 0, 2, 0, 0, 0, 0, 0 }, sci[10] = { 2, 10, 0, 9, 9, 0, 0, 0, 0x0d, 0 };
    static const u8 x2apic[16] = { 9, 16, 0, 0, 0x2c, 1, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0 };
    u32 at = put(t, 36, header, 8);

    at = put(t, at, cpu0, 8);
    at = put(t, at, cpu1, 8);
    at = put(t, at, off, 8);
    at = put(t, at, ioapic, 12);
    at = put(t, at, timer, 10);
    at = put(t, at, sci, 10);
    return put(t, at, x2apic, 16);
}

static void madt(void **state)
{
    u8 t[256] = { 0 };
    u32 length = madt_of_two_cpus(t);

    (void)state;
    assert_int_equal(acpi_parse_madt(t, length, &info, &routing), 0);
    assert_int_equal(info.lapic_address, 0xfee00000);
    assert_true(routing.has_pic);
    assert_int_equal(nr_madt_cpus, 3);   /* the disabled one is not listed */
    assert_int_equal(madt_cpus[1].apic_id, 4);
    assert_int_equal(madt_cpus[1].acpi_id, 1);
    assert_int_equal(madt_cpus[2].apic_id, 0x12c);
    assert_int_equal(madt_cpus[2].acpi_id, 9);
    assert_int_equal(routing.nr_ioapics, 1);
    assert_int_equal(routing.ioapics[0].address, 0xfec00000);
    assert_int_equal(routing.isa[0].gsi, 2);
    assert_int_equal(routing.isa[4].gsi, 4);
    assert_false(routing.isa[4].level);
    assert_true(routing.isa[9].level);
    assert_false(routing.isa[9].low);
}

static void madt_cut_short(void **state)
{
    u8 t[256] = { 0 }, *exact;
    u32 length = madt_of_two_cpus(t);

    for (u32 cut = 0; cut < length; cut++) {
        reset(state);
        exact = malloc(cut ? cut : 1);   /* so that the sanitizer sees a read past the end */
        memcpy(exact, t, cut);
        (void)acpi_parse_madt(exact, cut, &info, &routing);
        free(exact);
    }
    reset(state);
    assert_int_equal(acpi_parse_madt(t, length - 1, &info, &routing), -EINVAL);
    t[45] = 0;   /* an entry of no length would never end */
    assert_int_equal(acpi_parse_madt(t, length, &info, &routing), -EINVAL);
}

static void fadt(void **state)
{
    u8 t[244] = { 0 };

    (void)state;
    t[46] = 9;
    t[64] = 0x04; t[65] = 0x06;
    t[76] = 0x08; t[77] = 0x06; t[91] = 4;
    t[113] = 4;                            /* RESET_REG_SUP */
    t[116] = 1; t[117] = 8; t[120] = 0xf9; t[121] = 0x0c; t[128] = 0x0f;
    assert_int_equal(acpi_parse_fadt(t, sizeof(t), &info), 0);
    assert_int_equal(info.sci_irq, 9);
    assert_int_equal(info.pm1a_cnt, 0x604);
    assert_int_equal(info.pm_timer_port, 0x608);
    assert_false(info.pm_timer_32bit);
    assert_true(info.reset.valid);
    assert_int_equal(info.reset.address, 0xcf9);
    assert_int_equal(info.reset.value, 0x0f);
    assert_int_equal(acpi_parse_fadt(t, 115, &info), -EINVAL);
    t[172] = 1; t[176] = 0x34; t[177] = 0x12;   /* the extended form wins */
    assert_int_equal(acpi_parse_fadt(t, sizeof(t), &info), 0);
    assert_int_equal(info.pm1a_cnt, 0x1234);
}

static void mcfg_and_hpet(void **state)
{
    u8 t[76] = { 0 };

    (void)state;
    t[47] = 0xb0; t[55] = 0xff;
    t[63] = 0xc0; t[70] = 9; t[71] = 3;   /* buses 9 to 3: ignored */
    assert_int_equal(acpi_parse_mcfg(t, sizeof(t), &info, &routing), 0);
    assert_int_equal(routing.nr_mcfg, 1);
    assert_int_equal(info.mcfg_address, 0xb0000000);
    assert_int_equal(info.mcfg_bus_end, 255);
    assert_int_equal(acpi_parse_mcfg(t, 43, &info, &routing), -EINVAL);

    memset(t, 0, sizeof(t));
    t[46] = 0xd0; t[47] = 0xfe;
    assert_int_equal(acpi_parse_hpet(t, 56, &info), 0);
    assert_int_equal(info.hpet_address, 0xfed00000);
    assert_int_equal(acpi_parse_hpet(t, 55, &info), -EINVAL);
}

static void random_bytes(void **state)
{
    srand(4);
    for (unsigned int round = 0; round < 20000; round++) {
        u32 length = (u32)rand() % 300;
        u8 *t = malloc(length ? length : 1);

        for (u32 i = 0; i < length; i++)
            t[i] = (u8)(rand() % 4 ? rand() % 17 : rand());
        reset(state);
        (void)acpi_parse_madt(t, length, &info, &routing);
        (void)acpi_parse_fadt(t, length, &info);
        (void)acpi_parse_hpet(t, length, &info);
        (void)acpi_parse_mcfg(t, length, &info, &routing);
        assert_true(nr_madt_cpus <= NR_CPUS && routing.nr_ioapics <= MAX_IOAPICS && routing.nr_mcfg <= MAX_MCFG);
        free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(madt, reset), cmocka_unit_test(madt_cut_short), cmocka_unit_test_setup(fadt, reset),
        cmocka_unit_test_setup(mcfg_and_hpet, reset), cmocka_unit_test(random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
