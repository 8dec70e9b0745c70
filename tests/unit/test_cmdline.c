/* SPDX-License-Identifier: MIT */
// sources: xen/boot/cmdline.c xen/lib/number.c
/* The command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "boot/boot.h"
#include "lib/lib.h"

static struct options o;

size_t strlcpy(char *dst, const char *src, size_t size)   /* the host's library has none */
{
    size_t n = strlen(src), copied = min(n, size - 1);

    memcpy(dst, src, copied);
    dst[copied] = 0;
    return n;
}

static void test_defaults(void **state)
{
    (void)state;
    memset(&o, 0xff, sizeof(o));
    cmdline_parse("", &o);
    assert_true(o.console_com1);
    assert_int_equal(o.com1_base, 0x3f8);
    assert_int_equal(o.com1_baud, 115200);
    assert_int_equal(o.com1_irq, 4);
    assert_int_equal(o.loglvl, LOG_INFO);
    assert_int_equal(o.dom0_mem, 0);
    assert_int_equal(o.dom0_max_vcpus, 0);
    assert_int_equal(o.watchdog_seconds, 5);
    assert_false(o.noreboot);
    assert_string_equal(o.unknown, "");
}

static void test_all_words(void **state)
{
    (void)state;
    cmdline_parse("  dom0_mem=768M,max:1G dom0_max_vcpus=1-3\tdom0_vcpus_pin noreboot sync_console console_to_ring "
                  "watchdog nosmp com1=57600,8n1,0x2f8,3 console=com1 loglvl=all/all guest_loglvl=error maxcpus=2"
                  " watchdog_timeout=9 tbuf_size=16 tevt_mask=0x2f000 nmi=fatal", &o);
    assert_int_equal(o.dom0_mem, 768UL << 20);
    assert_int_equal(o.dom0_mem_max, 1UL << 30);
    assert_int_equal(o.dom0_max_vcpus, 3);
    assert_true(o.dom0_vcpus_pin && o.noreboot && o.sync_console && o.console_to_ring && o.watchdog && o.no_smp);
    assert_int_equal(o.com1_baud, 57600);
    assert_int_equal(o.com1_base, 0x2f8);
    assert_int_equal(o.com1_irq, 3);
    assert_int_equal(o.loglvl, LOG_DEBUG);
    assert_int_equal(o.guest_loglvl, LOG_ERR);
    assert_int_equal(o.watchdog_seconds, 9);
    assert_int_equal(o.trace_pages, 16);
    assert_int_equal(o.trace_events, 0x2f000);
    assert_int_equal(o.max_cpus, 2);
    assert_int_equal(o.nmi, NMI_FATAL);
    assert_string_equal(o.unknown, "");
}

static void test_nmi(void **state)
{
    (void)state;
    cmdline_parse("", &o);
    assert_int_equal(o.nmi, NMI_TO_DOM0);
    cmdline_parse("nmi=ignore", &o);
    assert_int_equal(o.nmi, NMI_IGNORE);
    cmdline_parse("nmi=dom0", &o);
    assert_int_equal(o.nmi, NMI_TO_DOM0);
    cmdline_parse("nmi=fata nmi= nmi", &o);
    assert_string_equal(o.unknown, "nmi=fata nmi= nmi");
}

static void test_memory(void **state)
{
    (void)state;
    cmdline_parse("dom0_mem=524288", &o);   /* KiB without a suffix */
    assert_int_equal(o.dom0_mem, 512UL << 20);
    cmdline_parse("dom0_mem=max:2g,512m", &o);
    assert_int_equal(o.dom0_mem, 512UL << 20);
    assert_int_equal(o.dom0_mem_max, 2UL << 30);
    cmdline_parse("dom0_mem=min:1G", &o);
    assert_int_equal(o.dom0_mem, 1UL << 30);
    cmdline_parse("dom0_mem=lots dom0_mem= dom0_mem=1X dom0_mem=1G,", &o);
    assert_string_equal(o.unknown, "dom0_mem=lots dom0_mem= dom0_mem=1X dom0_mem=1G,");
}

static void test_flags(void **state)
{
    (void)state;
    cmdline_parse("watchdog=0 noreboot=yes smp=off no-sync_console", &o);
    assert_true(!o.watchdog && o.noreboot && o.no_smp && !o.sync_console);
    cmdline_parse("noreboot reboot", &o);
    assert_false(o.noreboot);
    cmdline_parse("watchdog=perhaps", &o);
    assert_string_equal(o.unknown, "watchdog=perhaps");
    assert_false(o.watchdog);
}

static void test_console(void **state)
{
    (void)state;
    cmdline_parse("console=none", &o);
    assert_false(o.console_com1 || o.console_vga);
    cmdline_parse("console=vga,com1 com1=auto", &o);
    assert_true(o.console_com1 && o.console_vga);
    assert_int_equal(o.com1_baud, 0);
    cmdline_parse("com1=9600/1843200,8n1", &o);
    assert_int_equal(o.com1_baud, 9600);
    cmdline_parse("console=com7 com1=230400 com1=9600,7e1 com1=9600,8n1,0 com1=9600,8n1,0x3f8,256 com1=", &o);
    assert_string_equal(o.unknown, "console=com7 com1=230400 com1=9600,7e1 com1=9600,8n1,0 com1=9600,8n1,0x3f8,256 "
                        "com1=");
}

static void test_unknown_and_end(void **state)
{
    char longest[2000];

    (void)state;
    cmdline_parse("placeholder iommu=on loglvl=loud -- noreboot", &o);
    assert_string_equal(o.unknown, "placeholder iommu=on loglvl=loud");
    assert_false(o.noreboot);
    memset(longest, 'x', sizeof(longest) - 1);   /* words beyond all measure are cut, not run over */
    longest[sizeof(longest) - 1] = 0;
    cmdline_parse(longest, &o);
    assert_in_range(strlen(o.unknown), 1, sizeof(o.unknown) - 1);
    for (size_t i = 5; i < sizeof(longest) - 1; i += 6)
        longest[i] = ' ';
    cmdline_parse(longest, &o);
    assert_in_range(strlen(o.unknown), 1, sizeof(o.unknown) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_all_words), cmocka_unit_test(test_nmi),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_flags), cmocka_unit_test(test_console), cmocka_unit_test(test_unknown_and_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
