/* SPDX-License-Identifier: MIT */
// sources: xen/insn/*.c
// libraries: -lunicorn
/* The emulator against Unicorn: random instructions of all kinds it knows, in 16-, 32- and 64-bit mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/insn_generate.h"
#include "tests/unit/insn_unicorn.h"

#define CASES 30000

static struct pair pair;

static u64 next(void *state)
{
    u64 *s = state;

    *s = *s * 6364136223846793005ULL + 1442695040888963407ULL;
    return *s >> 33;
}

static void compare_mode(enum insn_mode mode)
{
    unsigned int compared = 0, different = 0;
    u64 state = 7 + mode;
    u8 bytes[INSN_MAX];

    memset(&pair, 0, sizeof(pair));
    pair_open(&pair, mode);
    for (unsigned int n = 0; n < CASES && different < 20; n++) {
        generate_insn(bytes, mode, next, &state);
        enum verdict v = pair_compare(&pair, bytes, n);
        compared += v != NOT_COMPARED;
        different += v == DIFFERENT;
    }
    uc_context_free(pair.fresh);
    uc_close(pair.uc);
    print_message("%u of %u compared\n", compared, CASES);
    assert_int_equal(different, 0);
    assert_true(compared > CASES / 2);
}

static void results_16(void **unused) { compare_mode(INSN_16); }
static void results_32(void **unused) { compare_mode(INSN_32); }
static void results_64(void **unused) { compare_mode(INSN_64); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_16), cmocka_unit_test(results_32), cmocka_unit_test(results_64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
