/* SPDX-License-Identifier: MIT */
// sources: modes/pvh/hw_walk.c
/* Walks through a guest's page tables: shapes, rights, reserved bits, accessed and dirty bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "mem/layout.h"
#include "modes/pvh/hw_walk.h"

#define PAGES 8
static u64 memory[PAGES * 512];

static bool read_entry(void *context, u64 gpa, void *entry, unsigned int size)
{
    if (gpa + size > sizeof(memory))
        return false;
    memcpy(entry, (char *)memory + gpa, size);
    return true;
}

static bool update_entry(void *context, u64 gpa, u64 old, u64 bits, unsigned int size)
{
    u64 now = 0;

    memcpy(&now, (char *)memory + gpa, size);
    if (now != old)
        return false;
    now |= bits;
    memcpy((char *)memory + gpa, &now, size);
    return true;
}

static struct paging p;
static u64 gpa;
static u32 error;

/* Four levels in pages 1 to 4; address 0 leads to frame 7. */
static int long_mode(void **state)
{
    memset(memory, 0, sizeof(memory));
    memory[512] = 2 << 12 | 7;
    memory[1024] = 3 << 12 | 7;
    memory[1536] = 4 << 12 | 7;
    memory[2048] = 7 << 12 | 7;
    p = (struct paging){ .cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_WP, .cr3 = 1 << 12, .cr4 = X86_CR4_PAE,
                         .efer = EFER_LME | EFER_LMA | EFER_NX, .phys_bits = 40, .read = read_entry,
                         .update = update_entry };
    return 0;
}

static void faults(u64 va, u32 access, u32 expected)
{
    assert_false(paging_walk(&p, va, access, &gpa, &error));
    assert_int_equal(error, expected);
}

static void leads(u64 va, u32 access, u64 expected)
{
    assert_true(paging_walk(&p, va, access, &gpa, &error));
    assert_int_equal(gpa, expected);
}

static void test_marks(void **state)
{
    leads(0x123, 0, 0x7123);
    assert_int_equal(memory[512], 2 << 12 | 7 | PTE_A);
    assert_int_equal(memory[2048], 7 << 12 | 7 | PTE_A);
    leads(0x123, PFEC_WRITE, 0x7123);
    assert_int_equal(memory[2048], 7 << 12 | 7 | PTE_A | PTE_D);
    assert_int_equal(memory[512] & PTE_D, 0);
}

static void test_rights(void **state)
{
    memory[2048] &= ~PTE_RW;
    faults(0, PFEC_WRITE, PFEC_PRESENT | PFEC_WRITE);
    leads(0, 0, 0x7000);
    p.cr0 &= ~(u64)X86_CR0_WP;
    leads(0, PFEC_WRITE, 0x7000);
    faults(0, PFEC_WRITE | PFEC_USER, PFEC_PRESENT | PFEC_WRITE | PFEC_USER);
    memory[1536] &= ~PTE_US;
    faults(0, PFEC_USER, PFEC_PRESENT | PFEC_USER);
    memory[1024] |= PTE_NX;
    faults(0, PFEC_FETCH, PFEC_PRESENT | PFEC_FETCH);
    leads(0, 0, 0x7000);
}

static void test_supervisor_protections(void **state)
{
    p.cr4 |= X86_CR4_SMAP | X86_CR4_SMEP;
    faults(0, 0, PFEC_PRESENT);
    faults(0, PFEC_FETCH, PFEC_PRESENT | PFEC_FETCH);
    leads(0, PFEC_USER | PFEC_FETCH, 0x7000);
    p.smap_lifted = true;
    leads(0, 0, 0x7000);
}

static void test_absent(void **state)
{
    faults(0x1000, 0, 0);
    faults(1UL << 47, 0, 0);                       /* not canonical */
    memory[2048] = 7 << 12 | 7 | 1UL << 45;
    faults(0, 0, PFEC_PRESENT | PFEC_RESERVED);
    memory[2048] = 7 << 12 | 7 | PTE_NX;
    p.efer &= ~(u64)EFER_NX;
    faults(0, 0, PFEC_PRESENT | PFEC_RESERVED);
    p.cr3 = PAGES << 12;                           /* tables where there is no memory */
    faults(0, 0, 0);
}

static void test_large(void **state)
{
    memory[1536] = 0x40000000UL | PTE_PSE | 7;     /* 2 MiB */
    leads(0x1234567 & 0x1fffff, 0, 0x40000000UL + (0x1234567 & 0x1fffff));
    memory[1536] |= 1 << 13;
    faults(0, 0, PFEC_PRESENT | PFEC_RESERVED);
    memory[1024] = 0x80000000UL | PTE_PSE | 7;     /* 1 GiB */
    leads(0x12345678, 0, 0x80000000UL + 0x12345678);
    memory[512] |= PTE_PSE;
    faults(0, 0, PFEC_PRESENT | PFEC_RESERVED);
}

static void test_pae(void **state)
{
    p.efer = EFER_NX;
    p.cr3 = 1 << 12;
    memory[512] = 2 << 12 | 1;                     /* no rights at the top */
    memory[1024] = 3 << 12 | 7;
    memory[1536] = 7 << 12 | 7;
    leads(0x10, PFEC_WRITE | PFEC_USER, 0x7010);
    assert_int_equal(memory[512], 2 << 12 | 1);    /* no accessed bit either */
    leads(1UL << 32 | 0x10, 0, 0x7010);            /* cut to 32 bits */
    memory[512] |= PTE_RW;
    faults(0, 0, PFEC_PRESENT | PFEC_RESERVED);
}

static void test_32_bit(void **state)
{
    u32 *directory = (u32 *)&memory[512], *table = (u32 *)&memory[1024];

    p.cr4 = 1 << 4;                                /* PSE */
    p.efer = 0;
    directory[0] = 2 << 12 | 7;
    directory[1] = 0x00c00000 | PTE_PSE | 7 | 1 << 13;
    table[3] = 7 << 12 | 5;
    leads(0x3456, PFEC_USER, 0x7456);
    faults(0x3456, PFEC_USER | PFEC_WRITE, PFEC_PRESENT | PFEC_USER | PFEC_WRITE);
    leads(0x412345, 0, (1UL << 32) + 0xc12345);    /* PSE-36 */
    p.cr4 = 0;
    faults(0x412345, 0, 0);                        /* an ordinary table then, far away */
}

static void test_no_paging(void **state)
{
    p.cr0 = X86_CR0_PE;
    leads(1UL << 33 | 0x5000, PFEC_WRITE, 0x5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_marks, long_mode), cmocka_unit_test_setup(test_rights, long_mode),
        cmocka_unit_test_setup(test_supervisor_protections, long_mode), cmocka_unit_test_setup(test_absent, long_mode),
        cmocka_unit_test_setup(test_large, long_mode), cmocka_unit_test_setup(test_pae, long_mode),
        cmocka_unit_test_setup(test_32_bit, long_mode), cmocka_unit_test_setup(test_no_paging, long_mode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
