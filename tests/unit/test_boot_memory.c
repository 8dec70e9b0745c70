/* SPDX-License-Identifier: MIT */
// sources: xen/mem/boot_memory.c
/* Memory before the heap: rounding, what is in use, taking from the top, and what is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "lib/lib.h"
#include "mem/boot_memory.h"

#define MIB (1UL << 20)
#define GIB (1UL << 30)

static struct boot_info info = {
    .nr_ranges = 5,
    .ranges = { { 0, 0x9fc00, MEM_RAM }, { 0x9fc00, 0x400, MEM_RESERVED }, { MIB, 255 * MIB, MEM_RAM },
                { 256 * MIB, 16 * MIB, MEM_RAM }, { 4 * GIB, GIB, MEM_RAM } },
};

static struct span left[16];
static unsigned int nr_left;

static void note(maddr_t start, maddr_t end)
{
    assert_true(nr_left < ARRAY_SIZE(left));
    left[nr_left++] = (struct span){ start, end };
}

static void assert_left(unsigned int i, maddr_t start, maddr_t end)
{
    assert_true(i < nr_left);
    assert_int_equal(left[i].start, start);
    assert_int_equal(left[i].end, end);
}

static void test_all(void **state)
{
    (void)state;
    boot_memory_init(&info);
    assert_int_equal(nr_boot_ram, 3);   /* pieces that meet are one; the broken page is left out */
    assert_int_equal(boot_ram[0].end, 0x9f000);
    assert_int_equal(boot_ram[1].start, MIB);
    assert_int_equal(boot_ram[1].end, 272 * MIB);
    assert_int_equal(boot_ram_bytes(), 0x9f000 + 271 * MIB + GIB);

    boot_memory_use(0, MIB);
    boot_memory_use(2 * MIB, 3 * MIB + 1);          /* rounded outwards */
    boot_memory_use(3 * MIB + 0x1000, 4 * MIB);     /* meets it */
    boot_memory_use(200 * MIB, 201 * MIB);

    assert_int_equal(boot_memory_take(0x1001, PAGE_SIZE, ~0UL), 5 * GIB - 0x2000);
    assert_int_equal(boot_memory_take(MIB, 2 * MIB, ~0UL), 5 * GIB - 2 * MIB);
    assert_int_equal(boot_memory_take(PAGE_SIZE, PAGE_SIZE, 4 * GIB), 272 * MIB - PAGE_SIZE);
    assert_int_equal(boot_memory_take(150 * MIB, MIB, 4 * GIB), 50 * MIB);   /* below what lies at 200 MiB */
    assert_int_equal(boot_memory_take(PAGE_SIZE, PAGE_SIZE, 3 * MIB), 2 * MIB - PAGE_SIZE);

    boot_memory_each_free(note);
    assert_int_equal(nr_left, 5);
    assert_left(0, MIB, 2 * MIB - PAGE_SIZE);
    assert_left(1, 4 * MIB, 50 * MIB);
    assert_left(2, 201 * MIB, 272 * MIB - PAGE_SIZE);
    assert_left(3, 4 * GIB, 5 * GIB - 2 * MIB);
    assert_left(4, 5 * GIB - MIB, 5 * GIB - 0x2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_all) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
