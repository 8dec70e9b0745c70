/* SPDX-License-Identifier: MIT */
// sources: modes/spectrum_mix.c
/* Movement along the spectrum: which mixes can live, which changes a domain may make, and what is recorded of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/percpu.h"
#include "cpu/x86.h"
#define irq_save() 0UL
#define irq_restore(flags) ((void)(flags))
#include "modes/spectrum_change.c"
#include "modes/mode_log.c"

/* ---- The spectrum, with answers that do nothing */

static unsigned int upcalls;
static bool no_container;
static stime_t now;

static int make_domain(struct domain *d) { return 0; }
static int make_pc(struct domain *d) { return 1; }
static int make_servers(struct domain *d) { return 2; }
static int make_vcpu(struct vcpu *v) { return 0; }
static void upcall(struct vcpu *v) { upcalls++; }
static const char *unavailable(void) { return no_container ? "no container" : NULL; }

static const struct container_abi container;
static const struct privileged_ops pv = { .answer = ANSWER_PV };
static const struct privileged_ops hw = { .answer = ANSWER_HW, .container = &container, .unavailable = unavailable };
const struct platform_ops platform_pv = { .answer = ANSWER_PV, .domain_init = make_domain };
const struct platform_ops platform_pvh = { .answer = ANSWER_PV, .domain_init = make_domain };
const struct platform_ops platform_emu = { .answer = ANSWER_EMU, .domain_init = make_pc };
const struct interrupt_ops interrupts_pv = { .answer = ANSWER_PV, .vcpu_init = make_vcpu, .upcall = upcall };
const struct interrupt_ops interrupts_pvh = { .answer = ANSWER_PV, .vcpu_init = make_vcpu, .upcall = upcall };
const struct interrupt_ops interrupts_emu = { .answer = ANSWER_EMU, .vcpu_init = make_vcpu, .upcall = upcall };
const struct io_ops io_pv = { .answer = ANSWER_PV, .domain_init = make_domain };
const struct io_ops io_pv_pc = { .answer = ANSWER_PV, .domain_init = make_servers };
const struct io_ops io_emu = { .answer = ANSWER_EMU, .domain_init = make_servers };

const struct row spectrum[NR_ROWS] = {
    [ROW_PV]    = { "PV", &pv, &platform_pv, &interrupts_pv, &io_pv, NULL },
    [ROW_PVH]   = { "PVH", &hw, &platform_pvh, &interrupts_pvh, &io_pv, NULL },
    [ROW_PVHVM] = { "PVHVM", &hw, &platform_emu, &interrupts_pvh, &io_pv_pc, NULL },
    [ROW_PVIO]  = { "PV I/O", &hw, &platform_emu, &interrupts_emu, &io_pv_pc, NULL },
    [ROW_HVM]   = { "HVM", &hw, &platform_emu, &interrupts_emu, &io_emu, NULL },
};

const char *row_refused(const struct row *row)
{
    return row->refused ? row->refused : row->privileged->unavailable ? row->privileged->unavailable() : NULL;
}

struct spinlock control_lock = SPINLOCK_INIT(RANK_DOMCTL);
struct domain *hardware_domain;
const char *const column_names[NR_COLUMNS] = { "privileged", "platform", "interrupts", "io" };
stime_t system_time(void) { return now; }

size_t strlcpy(char *dst, const char *src, size_t size)
{
    size_t n = strlen(src);

    memcpy(dst, src, min(n, size - 1));
    dst[min(n, size - 1)] = 0;
    return n;
}

static unsigned int lines;
void printk_level(enum log_level level, const char *format, ...) { lines++; }

static struct hw_domain hwd;
static struct domain *const d = &hwd.domain;
static const char *why;

static void begin(enum row_id id)
{
    memset(&hwd, 0, sizeof(hwd));
    spin_init(&d->domain_lock, RANK_DOMAIN);
    d->row = &spectrum[id];
    d->created = 1000;
    now = 1500;
    lines = upcalls = 0;
    why = NULL;
}

static int setup(void **state)
{
    begin(ROW_PVHVM);
    hardware_domain = NULL;
    no_container = false;
    spin_lock(&control_lock);
    return 0;
}

static int teardown(void **state)
{
    spin_unlock(&control_lock);
    return 0;
}

/* ---- Mixes */

static void test_sixteen_mixes(void **state)
{
    unsigned int live = 0;

    for (unsigned int bits = 0; bits < 16; bits++) {
        const enum answer mix[NR_COLUMNS] = { bits & 8 ? ANSWER_HW : ANSWER_PV, bits & 4 ? ANSWER_EMU : ANSWER_PV,
                                              bits & 2 ? ANSWER_EMU : ANSWER_PV, bits & 1 ? ANSWER_EMU : ANSWER_PV };
        bool alive = !mix_refused(mix);

        /* PV and PVH as they are; in a container with an emulated PC, anything */
        assert_int_equal(alive, bits == 0 || bits == 8 || bits >= 12);
        live += alive;
    }
    assert_int_equal(live, 6);
    for (unsigned int i = 0; i < NR_ROWS; i++) {
        enum answer mix[NR_COLUMNS];

        for (unsigned int c = 0; c < NR_COLUMNS; c++)
            mix[c] = row_answer(&spectrum[i], c);
        assert_null(mix_refused(mix));
    }
}

static void test_answers_that_there_are_not(void **state)
{
    assert_non_null(mix_refused((enum answer[]){ ANSWER_EMU, ANSWER_EMU, ANSWER_EMU, ANSWER_EMU }));
    assert_non_null(mix_refused((enum answer[]){ ANSWER_HW, ANSWER_HW, ANSWER_EMU, ANSWER_EMU }));
    assert_non_null(mix_refused((enum answer[]){ ANSWER_HW, ANSWER_EMU, ANSWER_HW, ANSWER_EMU }));
    assert_non_null(mix_refused((enum answer[]){ ANSWER_HW, ANSWER_EMU, ANSWER_EMU, ANSWER_HW }));
}

/* ---- Rows */

static void test_rows_with_a_pc(void **state)
{
    static const enum row_id ids[] = { ROW_PVHVM, ROW_PVIO, ROW_HVM };

    for (unsigned int from = 0; from < 3; from++)
        for (unsigned int to = 0; to < 3; to++) {
            begin(ids[from]);
            assert_int_equal(row_change(d, &spectrum[ids[to]], &why), 0);
            assert_ptr_equal(d->row, &spectrum[ids[to]]);
            assert_int_equal(d->mode_log.total, (unsigned int)abs((int)from - (int)to));
        }
}

static void refused_row(enum row_id from, enum row_id to)
{
    begin(from);
    assert_int_equal(row_change(d, &spectrum[to], &why), -EINVAL);
    assert_non_null(why);
    assert_ptr_equal(d->row, &spectrum[from]);
    assert_int_equal(d->mode_log.total, 0);
}

static void test_rows_of_other_guests(void **state)
{
    for (enum row_id to = ROW_PVH; to < NR_ROWS; to++) {
        refused_row(ROW_PV, to);
        refused_row(to, ROW_PV);
        if (to != ROW_PVH) {
            refused_row(ROW_PVH, to);
            refused_row(to, ROW_PVH);
        }
    }
    begin(ROW_PVH);
    assert_int_equal(row_change(d, &spectrum[ROW_PVH], &why), 0);
}

static void test_too_late(void **state)
{
    d->is_unpaused_once = true;
    assert_int_equal(row_change(d, &spectrum[ROW_HVM], &why), -EINVAL);
    assert_int_equal(row_change(d, &spectrum[ROW_PVHVM], &why), -EINVAL);
    assert_int_equal(row_change_column(d, COLUMN_IO, ANSWER_EMU, &why), -EINVAL);
    begin(ROW_PVHVM);
    d->dying = DOMDYING_DYING;
    assert_int_equal(row_change(d, &spectrum[ROW_HVM], &why), -EINVAL);
    begin(ROW_PVHVM);
    hardware_domain = d;
    assert_int_equal(row_change(d, &spectrum[ROW_HVM], &why), -EINVAL);
    assert_ptr_equal(d->row, &spectrum[ROW_PVHVM]);
    assert_false(spin_is_locked(&d->domain_lock));
}

static void test_row_that_cannot_be_had(void **state)
{
    no_container = true;
    assert_int_equal(row_change(d, &spectrum[ROW_HVM], &why), -EINVAL);
    assert_string_equal(why, "no container");
    assert_int_equal(row_change_column(d, COLUMN_IO, ANSWER_EMU, &why), -EINVAL);
}

/* ---- Columns */

static void test_columns_that_name_a_row(void **state)
{
    assert_int_equal(row_change_column(d, COLUMN_INTERRUPTS, ANSWER_EMU, &why), 0);
    assert_ptr_equal(d->row, &spectrum[ROW_PVIO]);
    assert_int_equal(row_change_column(d, COLUMN_IO, ANSWER_EMU, &why), 0);
    assert_ptr_equal(d->row, &spectrum[ROW_HVM]);
    assert_int_equal(row_change_column(d, COLUMN_IO, ANSWER_PV, &why), 0);
    assert_int_equal(row_change_column(d, COLUMN_INTERRUPTS, ANSWER_PV, &why), 0);
    assert_ptr_equal(d->row, &spectrum[ROW_PVHVM]);
    assert_int_equal(row_change_column(d, COLUMN_PRIVILEGED, ANSWER_HW, &why), 0);
    assert_ptr_equal(d->row, &spectrum[ROW_PVHVM]);
    assert_int_equal(d->mode_log.total, 4);
}

static void test_a_row_of_its_own(void **state)
{
    assert_int_equal(row_change_column(d, COLUMN_IO, ANSWER_EMU, &why), 0);
    assert_ptr_equal(d->row, &hwd.own_row);
    assert_string_equal(d->row->name, "mixed");
    assert_ptr_equal(d->row->privileged, &hw);
    assert_ptr_equal(d->row->platform, &platform_emu);
    assert_ptr_equal(d->row->interrupts, &interrupts_pvh);
    assert_ptr_equal(d->row->io, &io_emu);
    assert_int_equal(row_change_column(d, COLUMN_IO, ANSWER_EMU, &why), 0);
    assert_ptr_equal(d->row, &hwd.own_row);
    assert_int_equal(row_change_column(d, COLUMN_INTERRUPTS, ANSWER_EMU, &why), 0);
    assert_ptr_equal(d->row, &spectrum[ROW_HVM]);
    assert_int_equal(row_change_column(d, COLUMN_INTERRUPTS, ANSWER_PV, &why), 0);
    assert_ptr_equal(d->row, &hwd.own_row);
    assert_int_equal(row_change(d, &spectrum[ROW_PVIO], &why), 0);
    assert_ptr_equal(d->row, &spectrum[ROW_PVIO]);
}

static void refused_column(enum row_id from, enum column c, enum answer a)
{
    begin(from);
    assert_int_equal(row_change_column(d, c, a, &why), -EINVAL);
    assert_non_null(why);
    assert_ptr_equal(d->row, &spectrum[from]);
}

static void test_columns_refused(void **state)
{
    for (enum row_id i = ROW_PVHVM; i < NR_ROWS; i++) {
        refused_column(i, COLUMN_PLATFORM, ANSWER_PV);
        refused_column(i, COLUMN_PRIVILEGED, ANSWER_PV);
        refused_column(i, COLUMN_PRIVILEGED, ANSWER_EMU);
        refused_column(i, COLUMN_INTERRUPTS, ANSWER_HW);
    }
    for (enum row_id i = ROW_PV; i <= ROW_PVH; i++)
        for (enum column c = COLUMN_PLATFORM; c < NR_COLUMNS; c++)
            refused_column(i, c, ANSWER_EMU);
    refused_column(ROW_PV, COLUMN_PRIVILEGED, ANSWER_HW);
    refused_column(ROW_PVH, COLUMN_PRIVILEGED, ANSWER_PV);
}

static void test_events_that_wait(void **state)
{
    vcpu_info_t info[2] = { { .evtchn_upcall_pending = 1 } };
    struct vcpu v[2] = { { .domain = d, .vcpu_info = &info[0] }, { .domain = d, .vcpu_info = &info[1] } };
    struct vcpu *vcpus[3] = { &v[0], &v[1], NULL };

    d->vcpu = vcpus;
    d->max_vcpus = 3;
    assert_int_equal(row_change(d, &spectrum[ROW_HVM], &why), 0);
    assert_int_equal(upcalls, 1);
}

/* ---- The record */

static void test_record_of_the_control_domain(void **state)
{
    struct mode_change c;

    row_change(d, &spectrum[ROW_HVM], &why);
    assert_true(mode_log_get(d, 0, &c));
    assert_int_equal(c.when, 500);
    assert_int_equal(c.column, COLUMN_INTERRUPTS);
    assert_int_equal(c.from, ANSWER_PV);
    assert_int_equal(c.to, ANSWER_EMU);
    assert_string_equal(c.reason, "row set to HVM by the control domain");
    assert_true(mode_log_get(d, 1, &c));
    assert_int_equal(c.column, COLUMN_IO);
    assert_false(mode_log_get(d, 2, &c));
    assert_int_equal(lines, 2);
}

static void test_record_of_a_guest(void **state)
{
    struct mode_change c;

    mode_note(d, COLUMN_INTERRUPTS, "callback vector registered");
    assert_true(mode_log_get(d, 0, &c));
    assert_int_equal(c.from, ANSWER_EMU);   /* a PC's, until then */
    assert_int_equal(c.to, ANSWER_PV);
    mode_note(d, COLUMN_INTERRUPTS, "callback vector registered");   /* says nothing new */
    assert_int_equal(d->mode_log.total, 1);
    mode_note(d, COLUMN_INTERRUPTS, "upcall vector registered");
    assert_true(mode_log_get(d, 1, &c));
    assert_int_equal(c.from, ANSWER_PV);
    begin(ROW_PVH);
    mode_note(d, COLUMN_INTERRUPTS, "callback vector registered");
    assert_true(mode_log_get(d, 0, &c));
    assert_int_equal(c.from, ANSWER_PV);
}

static void test_record_is_bounded(void **state)
{
    struct mode_change c;

    for (unsigned int i = 0; i < 100; i++) {
        now = 2000 + i;
        mode_note(d, COLUMN_IO, i & 1 ? "one" : "a reason that is so long that there is no room for all of it in a change");
    }
    assert_int_equal(d->mode_log.total, 100);
    assert_int_equal(lines, MODE_LOG_SIZE);
    assert_false(mode_log_get(d, 100 - MODE_LOG_SIZE - 1, &c));
    assert_true(mode_log_get(d, 100 - MODE_LOG_SIZE, &c));
    assert_int_equal(c.when, 1000 + 100 - MODE_LOG_SIZE);
    assert_int_equal(strlen(c.reason), MODE_REASON_MAX - 1);
    assert_true(mode_log_get(d, 99, &c));
    assert_string_equal(c.reason, "one");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sixteen_mixes), TEST(test_answers_that_there_are_not), TEST(test_rows_with_a_pc),
        TEST(test_rows_of_other_guests), TEST(test_too_late), TEST(test_row_that_cannot_be_had),
        TEST(test_columns_that_name_a_row), TEST(test_a_row_of_its_own), TEST(test_columns_refused),
        TEST(test_events_that_wait), TEST(test_record_of_the_control_domain), TEST(test_record_of_a_guest),
        TEST(test_record_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
