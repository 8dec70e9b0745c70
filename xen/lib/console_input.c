/* SPDX-License-Identifier: MIT */
/* What is typed: for the control domain, or, after Ctrl-A three times, Prism's debug keys. */
#include "lib/console.h"

#include "abi/event.h"
#include "boot/boot.h"
#include "cpu/cpu.h"
#include "cpu/time.h"
#include "lib/lib.h"
#include "lib/serial.h"

#define INPUT_SIZE 1024u   /* a power of two */
#define SWITCH_KEY 0x01    /* Ctrl-A */
#define SWITCH_COUNT 3
#define NR_KEYS 128

struct byte_queue { char bytes[INPUT_SIZE]; u32 head, tail; };

static struct spinlock input_lock = SPINLOCK_INIT(RANK_CONSOLE);
/* Guarded by input_lock; the heads are moved by the interrupt handler alone */
static struct byte_queue for_guest, for_prism;
/* The interrupt handler's alone */
static bool to_prism;
static unsigned int switch_keys;

static struct { void (*fn)(char); const char *help; } keys[NR_KEYS];   /* filled at boot */
static struct timer key_timer;

static void queue_put(struct byte_queue *q, char c)
{
    if (q->head - q->tail < INPUT_SIZE)   /* else it is lost, as in any keyboard buffer */
        q->bytes[q->head++ % INPUT_SIZE] = c;
}

static size_t queue_take(struct byte_queue *q, char *buf, size_t n)
{
    unsigned long flags = spin_lock_irqsave(&input_lock);
    size_t taken = 0;

    while (taken < n && q->tail != q->head)
        buf[taken++] = q->bytes[q->tail++ % INPUT_SIZE];
    spin_unlock_irqrestore(&input_lock, flags);
    return taken;
}

size_t console_read_input(char *buf, size_t n)
{
    return queue_take(&for_guest, buf, n);
}

static void deliver(char c)
{
    spin_lock(&input_lock);
    queue_put(to_prism ? &for_prism : &for_guest, c);
    spin_unlock(&input_lock);
}

/* Keys that might become a switch are held back until it is clear that they do not. */
static void typed(char c)
{
    if (c == SWITCH_KEY) {
        if (++switch_keys < SWITCH_COUNT)
            return;
        switch_keys = 0;
        to_prism = !to_prism;
        printk("Input goes to %s (Ctrl-A three times to switch)\n",
               to_prism ? "Prism: h for help" : "the control domain");
        return;
    }
    for (; switch_keys; switch_keys--)
        deliver(SWITCH_KEY);
    deliver(c);
}

static void uart_interrupt(struct irq_desc *desc, void *arg)
{
    u32 guests = for_guest.head, ours = for_prism.head;
    char c;

    while (serial_read(&c))
        typed(c);
    /* What is read at once may be for both, with the keys that switch in between. */
    if (for_prism.head != ours)
        timer_set(&key_timer, system_time());   /* keys' functions take locks: not from an interrupt */
    if (for_guest.head != guests)
        send_global_virq(VIRQ_CONSOLE);
}

static void run_typed_keys(void *unused)
{
    char c;

    while (queue_take(&for_prism, &c, 1))
        debug_key(c);
}

void debug_key(char key)
{
    if ((unsigned char)key >= NR_KEYS || !keys[(unsigned char)key].fn) {
        printk("No debug key '%c': h for help\n", key);
        return;
    }
    printk("Debug key '%c': %s\n", key, keys[(unsigned char)key].help);
    keys[(unsigned char)key].fn(key);
}

void debug_key_register(char key, void (*fn)(char), const char *help)
{
    BUG_ON((unsigned char)key >= NR_KEYS || keys[(unsigned char)key].fn);
    keys[(unsigned char)key].fn = fn;
    keys[(unsigned char)key].help = help;
}

static void key_help(char key)
{
    for (unsigned int i = 0; i < NR_KEYS; i++)
        if (keys[i].fn)
            printk("  %c  %s\n", (char)i, keys[i].help);
}

static void key_restart(char key)
{
    machine_restart();
}

void console_init_irq(void)
{
    int rc;

    debug_key_register('h', key_help, "this help");
    debug_key_register('R', key_restart, "restart the machine at once");
    if (!options.console_com1)
        return;
    timer_init(&key_timer, run_typed_keys, NULL, smp_processor_id());
    rc = irq_request(options.com1_irq, uart_interrupt, NULL);
    if (rc)
        pr_warn("No console input: interrupt %u: error %d\n", options.com1_irq, rc);
    else
        serial_enable_interrupts();
}
