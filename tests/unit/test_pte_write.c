/* SPDX-License-Identifier: MIT */
// sources: xen/mem/frame.c xen/insn/*.c
/* Writes of a guest kernel to its page tables, by the instructions that kernels use for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/pv_machine.h"
#include "modes/pv/ptwrite.c"

#define TREE_VA (5UL << 30 | 7UL << 21)      /* what make_tree() maps: level-1 table 4 */
#define TABLE_VA (TREE_VA + 2 * PAGE_SIZE)   /* the table itself, read-only */

static u8 code[16];
static size_t code_bytes;

bool pv_in_long_mode(struct pv_vcpu *v, const struct cpu_user_regs *regs, bool *is16) { return true; }
u64 pv_segment_base(struct pv_vcpu *v, const struct cpu_user_regs *regs, unsigned int segment, bool l) { return 0; }
void pv_advance_rip(struct pv_vcpu *v, struct cpu_user_regs *regs, unsigned int length) { regs->rip += length; }
size_t pv_copy_from(void *dst, u64 va, size_t n)
{
    size_t have = n < code_bytes ? n : code_bytes;

    memcpy(dst, code, have);
    return n - have;
}

static struct cpu_user_regs regs;

/* The bytes, with RDI at entry `index` (plus `offset`) of the table and RAX = a. */
static bool run(const char *bytes, size_t n, unsigned int index, unsigned int offset, u64 a)
{
    memcpy(code, bytes, n);
    code_bytes = n;
    memset(&regs, 0, sizeof(regs));
    regs.rip = 0x1000;
    regs.rdi = TABLE_VA + index * 8 + offset;
    regs.rax = a;
    bool done = pv_emulate_pt_write(&vcpu, &regs, regs.rdi);
    assert_int_equal(regs.rip, done ? 0x1000 + n : 0x1000);
    check_counts();
    return done;
}
#define RUN(bytes, index, offset, a) run(bytes, sizeof(bytes) - 1, index, offset, a)
#define MOV "\x48\x89\x07"                   /* mov %rax, (%rdi) */
#define XCHG "\x48\x87\x07"
#define AND_B "\xf0\x80\x27\xfd"             /* lock andb $~2, (%rdi) */
#define BTR "\xf0\x48\x0f\xba\x37\x05"       /* lock btrq $5, (%rdi) */
#define CMPXCHG "\xf0\x48\x0f\xb1\x37"       /* lock cmpxchg %rsi, (%rdi) */
#define MOV_L "\x89\x07"

static int tree(void **state)
{
    setup(state);
    make_tree();
    assert_int_equal(pin(1, FT_L4), 0);
    vcpu.kernel_l4 = 1;
    return 0;
}

static int no_tree(void **state)
{
    unpin(1);
    check_counts();
    return 0;
}

static void test_stores(void **state)
{
    assert_true(RUN(MOV, 20, 0, to(15, PTE_RW)));
    assert_int_equal(page(4)[20], to(15, PTE_RW | PTE_US));
    assert_int_equal(frame_type_of(table[15].type), FT_WRITABLE);
    assert_true(RUN(XCHG, 20, 0, 0));
    assert_int_equal(regs.rax, to(15, PTE_RW | PTE_US));
    assert_int_equal(page(4)[20], 0);
    assert_int_equal(table[15].type & FRAME_TCOUNT_MASK, 0);
    /* By halves, as 32-bit code would. */
    assert_true(RUN(MOV_L, 20, 4, 0));
    assert_true(RUN(MOV_L, 20, 0, 15 << 12 | PTE_P));
    assert_int_equal(page(4)[20], to(15, PTE_US));
}

static void test_bit_operations(void **state)
{
    page(4)[0] |= PTE_A | PTE_D;             /* as the processor does */
    assert_true(RUN(AND_B, 0, 0, 0));
    assert_int_equal(page(4)[0], to(10, PTE_US | PTE_A | PTE_D));
    assert_int_equal(table[10].type & FRAME_TCOUNT_MASK, 0);
    assert_true(RUN(BTR, 0, 0, 0));
    assert_true(regs.rflags & X86_EFLAGS_CF);
    assert_int_equal(page(4)[0], to(10, PTE_US | PTE_D));
    assert_true(RUN(CMPXCHG, 0, 0, 7));      /* RSI is 0; comparison fails */
    assert_int_equal(regs.rax, to(10, PTE_US | PTE_D));
    assert_int_equal(page(4)[0], to(10, PTE_US | PTE_D));
    assert_true(RUN(CMPXCHG, 0, 0, to(10, PTE_US | PTE_D)));
    assert_int_equal(page(4)[0], 0);
}

static void test_refused(void **state)
{
    u64 before = page(4)[20];

    assert_false(RUN(MOV, 20, 0, to(3, PTE_RW)));            /* a page table, writable */
    assert_false(RUN(MOV, 20, 0, to(FRAMES - 1, 0)));        /* another domain's frame */
    assert_false(RUN(MOV, 20, 0, 1UL << 45 | PTE_P));
    assert_false(RUN(MOV, 20, 4, to(10, 0)));                /* across two entries */
    assert_false(RUN(MOV, 511, 4, 0));                       /* across two pages */
    assert_false(RUN("\x0f\x29\x07", 20, 0, 0));             /* movaps %xmm0, (%rdi) */
    assert_false(RUN("\x48\x89", 20, 0, 0));                 /* cut off */
    assert_int_equal(page(4)[20], before);
    /* Not page tables of level 1: a level-2 table, plain memory, nothing at all, Prism's addresses. */
    memcpy(code, MOV, 3);
    code_bytes = 3;
    assert_false(pv_emulate_pt_write(&vcpu, &regs, TREE_VA + 3 * PAGE_SIZE));
    assert_false(pv_emulate_pt_write(&vcpu, &regs, TREE_VA + 1 * PAGE_SIZE));
    assert_false(pv_emulate_pt_write(&vcpu, &regs, TREE_VA + 50 * PAGE_SIZE));
    assert_false(pv_emulate_pt_write(&vcpu, &regs, 0));
    assert_false(pv_emulate_pt_write(&vcpu, &regs, HYPERVISOR_START));
    assert_false(pv_emulate_pt_write(&vcpu, &regs, 1UL << 50));
    check_counts();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stores, tree, no_tree),
        cmocka_unit_test_setup_teardown(test_bit_operations, tree, no_tree),
        cmocka_unit_test_setup_teardown(test_refused, tree, no_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
