/* SPDX-License-Identifier: MIT */
// sources: xen/boot/cmdline.c xen/lib/number.c
/* The console's ring, when its index wraps and for a reader ahead of it; what was said before there was a UART; and keys for
 * both sides of the switch that one interrupt brings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/percpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#undef smp_processor_id
#define smp_processor_id() 0u
#define irq_save() 0UL
#define irq_restore(flags) ((void)(flags))
#include "lib/console.c"
#include "lib/console_input.c"

#define CTRL_A "\001"
#define TO_PRISM CTRL_A CTRL_A CTRL_A     /* and the same again goes back */

static unsigned int virqs, timers_set;
static char wire[256];
static const char *typing = "";

stime_t system_time(void) { return 1; }
void send_global_virq(u32 virq) { virqs++; }
void timer_init(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu) {}
void timer_set(struct timer *t, stime_t expires) { timers_set++; }
int irq_request(unsigned int irq, void (*handler)(struct irq_desc *, void *), void *arg) { return 0; }
void machine_restart(void) { abort(); }
size_t strlcpy(char *dst, const char *src, size_t size) { abort(); }
bool serial_init(u16 base, u32 baud) { return true; }
void serial_flush(void) {}
void serial_enable_interrupts(void) {}
void serial_write(const char *text, size_t n) { strncat(wire, text, n); }

bool serial_read(char *c)
{
    *c = *typing;
    typing += *c != '\0';
    return *c != '\0';
}

static void ring_whose_index_wraps(void **state)
{
    static char text[2 * RING_SIZE], read[RING_SIZE];
    u32 index = 0;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i % 23);
    ring_start = ring_end = 0u - RING_SIZE;
    ring_write(text, RING_SIZE);
    ring_write(text, 100);
    assert_int_equal(ring_end, 100);
    assert_int_equal(console_ring_read(read, sizeof(read), &index, false, false), RING_SIZE);
    assert_memory_equal(read, text + 100, RING_SIZE - 100);
    assert_memory_equal(read + RING_SIZE - 100, text, 100);
}

static void reader_ahead_of_the_ring(void **state)
{
    char read[16];
    u32 index = 0;

    ring_start = ring_end = 0;
    ring_write("cleared", 7);
    assert_int_equal(console_ring_read(read, sizeof(read), &index, false, true), 7);
    index = 1000;
    assert_int_equal(console_ring_read(read, sizeof(read), &index, true, false), 0);
    assert_int_equal(index, 7);
    ring_write("new", 3);
    index = 1000;
    assert_int_equal(console_ring_read(read, sizeof(read), &index, true, false), 3);
    assert_memory_equal(read, "new", 3);
    assert_int_equal(index, 10);
}

static void said_before_the_uart(void **state)
{
    ring_start = ring_end = 0;
    options.console_com1 = true;
    printk_level(LOG_ERR, "one\ntwo");
    assert_string_equal(wire, "");
    console_init_early();
    assert_string_equal(wire, PREFIX "one\r\n" PREFIX "two");
    printk_level(LOG_ERR, " goes on\n");
    assert_string_equal(wire, PREFIX "one\r\n" PREFIX "two goes on\r\n");
}

static void one_interrupt_for_both(void **state)
{
    typing = "for a guest" TO_PRISM "h";
    uart_interrupt(NULL, NULL);
    assert_int_equal(virqs, 1);
    assert_int_equal(timers_set, 1);
    typing = "";
    uart_interrupt(NULL, NULL);
    assert_int_equal(virqs + timers_set, 2);
    typing = "m" TO_PRISM "back";
    uart_interrupt(NULL, NULL);
    assert_int_equal(virqs, 2);
    assert_int_equal(timers_set, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_whose_index_wraps), cmocka_unit_test(reader_ahead_of_the_ring),
        cmocka_unit_test(said_before_the_uart), cmocka_unit_test(one_interrupt_for_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
