/* SPDX-License-Identifier: MIT */
// sources: xen/abi/pirq.c xen/abi/pirq_map.c xen/cpu/irq.c
/* Interrupt lines and their sharing among domains, on a controller that only notes what it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <xen/physdev.h>

#include "abi/event.h"
#include "abi/pirq.h"
#include "cpu/cpu.h"
#include "cpu/pci.h"

struct cpu cpus[NR_CPUS];
unsigned int nr_cpus = 2;
volatile cpumask_t cpu_active_mask = ~0ULL;
static unsigned int eois, msis_torn_down;
static bool pin_masked[NR_IRQS];
static u32 sent[2][64];
static bool permitted = true;

void lapic_eoi(void) { eois++; }
unsigned int ioapic_nr_gsis(void) { return 24; }
void msi_teardown(u32 irq) { (void)irq; msis_torn_down++; }
bool rangeset_contains(struct rangeset *r, unsigned long a, unsigned long b)
{ (void)r; (void)a; (void)b; return permitted; }
void send_guest_pirq(struct domain *d, u32 port) { sent[d->id][port]++; }
static struct vcpu *notified;
struct vcpu *evtchn_port_vcpu(const struct domain *d, u32 port) { (void)d; (void)port; return notified; }
bool get_frame_writable(mfn_t mfn) { (void)mfn; return true; }
void put_frame(mfn_t mfn) { (void)mfn; }
void put_frame_and_write(mfn_t mfn) { (void)mfn; }

static void mask(struct irq_desc *desc) { pin_masked[desc->irq] = true; }
static void unmask(struct irq_desc *desc) { pin_masked[desc->irq] = false; }
static unsigned int target[NR_IRQS];
static void set_target(struct irq_desc *desc, unsigned int cpu) { target[desc->irq] = cpu; }
static const struct irq_chip chip = { .name = "test", .mask = mask, .unmask = unmask, .set_target = set_target };

static void own_handler(struct irq_desc *desc, void *arg) { (void)desc; (void)arg; }

static struct domain dom[2];
static struct vcpu vcpus[2];

static void line(unsigned int irq, enum irq_flow flow)
{
    irq_to_desc(irq)->chip = &chip;
    irq_to_desc(irq)->flow = flow;
}

static int setup(void **state)
{
    (void)state;
    memset(sent, 0, sizeof(sent));
    memset(pin_masked, 1, sizeof(pin_masked));
    memset(dom, 0, sizeof(dom));
    irq_init();
    line(4, IRQ_FLOW_EDGE);
    line(11, IRQ_FLOW_LEVEL);
    line(NR_GSI, IRQ_FLOW_EDGE);
    for (unsigned int i = 0; i < 2; i++) {
        dom[i].id = (domid_t)i;
        dom[i].is_privileged = i == 0;
        vcpus[i].domain = &dom[i];
        assert_int_equal(pirq_domain_init(&dom[i]), 0);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 2; i++)
        pirq_domain_free(&dom[i]);
    return 0;
}

static u32 mapped(struct domain *d, u32 irq, int wanted)
{
    assert_int_equal(pirq_map(d, irq, irq >= NR_GSI, &wanted), 0);
    return (u32)wanted;
}

static void numbers(void **state)
{
    int pirq = 4;

    (void)state;
    assert_int_equal(mapped(&dom[0], 4, -1), 4);
    assert_int_equal(mapped(&dom[0], 4, 4), 4);             /* again */
    assert_int_equal(pirq_map(&dom[0], 11, false, &pirq), -EBUSY);
    pirq = 5;
    assert_int_equal(pirq_map(&dom[0], 4, false, &pirq), -EBUSY);
    pirq = 100000;
    assert_int_equal(pirq_map(&dom[0], 11, false, &pirq), -EINVAL);
    pirq = -1;
    assert_int_equal(pirq_map(&dom[0], 200, false, &pirq), -EINVAL);   /* no controller has it */
    assert_int_equal(pirq_map(&dom[0], NR_IRQS, false, &pirq), -EINVAL);
    assert_int_equal(mapped(&dom[0], NR_GSI, -1), 24);
    permitted = false;
    assert_int_equal(pirq_map(&dom[0], 11, false, &pirq), -EPERM);
    assert_int_equal(pirq_bind(&vcpus[0], 4, 1, false), -EPERM);
    permitted = true;
    assert_int_equal(pirq_unmap(&dom[0], 9), -EINVAL);
    assert_int_equal(pirq_unmap(&dom[0], 24), 0);
    assert_int_equal(msis_torn_down, 1);
}

static void edge(void **state)
{
    u32 flags = ~0u, pirq = mapped(&dom[0], 4, -1);
    u8 vector;

    (void)state;
    assert_int_equal(pirq_bind(&vcpus[0], 9, 1, false), -EINVAL);
    assert_int_equal(pirq_bind(&vcpus[0], pirq, 7, false), 0);
    assert_int_equal(pirq_bind(&vcpus[0], pirq, 8, false), -EBUSY);
    assert_int_equal(pirq_unmap(&dom[0], pirq), -EBUSY);
    assert_int_equal(pirq_status(&dom[0], pirq, &flags), 0);
    assert_int_equal(flags, 0);
    vector = irq_to_desc(4)->vector;
    irq_dispatch(vector);
    irq_dispatch(vector);
    assert_int_equal(sent[0][7], 2);
    assert_false(pin_masked[4]);
    pirq_unbind(&dom[0], pirq);
    assert_true(pin_masked[4]);
    eois = 0;
    irq_dispatch(vector);   /* was under way */
    assert_int_equal(eois, 1);
    assert_int_equal(sent[0][7], 2);
    assert_int_equal(pirq_status(&dom[0], 100000, &flags), -EINVAL);
}

static void level_waits_for_the_guest(void **state)
{
    u32 flags = 0, pirq = mapped(&dom[0], 11, -1);
    u8 vector;

    (void)state;
    assert_int_equal(pirq_bind(&vcpus[0], pirq, 3, true), 0);
    assert_int_equal(pirq_status(&dom[0], pirq, &flags), 0);
    assert_int_equal(flags, XENIRQSTAT_needs_eoi);
    vector = irq_to_desc(11)->vector;
    irq_dispatch(vector);
    assert_true(pin_masked[11]);
    assert_int_equal(pirq_guest_eoi(&dom[0], pirq), 0);
    assert_false(pin_masked[11]);
    assert_int_equal(pirq_guest_eoi(&dom[0], pirq), 0);   /* once more changes nothing */
    irq_dispatch(vector);
    assert_int_equal(sent[0][3], 2);
    assert_true(pin_masked[11]);
}

static void level_shared(void **state)
{
    u32 flags = 0, a = mapped(&dom[0], 11, -1), b = mapped(&dom[1], 11, 20);
    u8 vector;

    (void)state;
    assert_int_equal(pirq_bind(&vcpus[0], a, 3, true), 0);
    assert_int_equal(pirq_bind(&vcpus[1], b, 5, false), -EBUSY);
    assert_int_equal(pirq_bind(&vcpus[1], b, 5, true), 0);
    assert_int_equal(pirq_status(&dom[1], b, &flags), 0);
    assert_int_equal(flags, XENIRQSTAT_needs_eoi | XENIRQSTAT_shared);
    vector = irq_to_desc(11)->vector;
    irq_dispatch(vector);
    assert_int_equal(sent[0][3], 1);
    assert_int_equal(sent[1][5], 1);
    pirq_guest_eoi(&dom[0], a);
    assert_true(pin_masked[11]);    /* the other has not answered */
    pirq_unbind(&dom[1], b);        /* and never will */
    assert_false(pin_masked[11]);
    irq_dispatch(vector);
    assert_int_equal(sent[0][3], 2);
    assert_int_equal(sent[1][5], 1);
}

static void held_by_prism_itself(void **state)
{
    u32 pirq = mapped(&dom[0], 4, -1);

    (void)state;
    assert_int_equal(irq_request(4, own_handler, NULL), 0);
    assert_false(pirq_line_is_guests(4));
    assert_int_equal(pirq_bind(&vcpus[0], pirq, 1, true), -EBUSY);
    irq_release(4);
    assert_int_equal(pirq_bind(&vcpus[0], pirq, 1, true), 0);
    assert_true(pirq_line_is_guests(4));
}

static mfn_t get_gfn(struct domain *d, gfn_t gfn)
{
    (void)d;
    return gfn ? 1 : INVALID_MFN;
}

static void eoi_map(void **state)
{
    static const struct privileged_ops ops = { .get_gfn = get_gfn };
    static const struct row row = { .privileged = &ops };
    static u8 pages[3 * 4096];
    u64 *page = (u64 *)(((unsigned long)pages + 4095) & ~4095UL);
    u32 pirq = mapped(&dom[0], 11, -1);

    (void)state;
    dom[0].row = &row;
    assert_int_equal(pirq_set_eoi_map(&dom[0], 0), -EINVAL);
    dom[0].pirq_eoi_map = page;     /* as pirq_set_eoi_map leaves it */
    assert_int_equal(pirq_set_eoi_map(&dom[0], 1), -EBUSY);
    assert_int_equal(pirq_bind(&vcpus[0], pirq, 3, true), 0);
    assert_int_equal(page[0], 1u << 11);
    pirq_unbind(&dom[0], pirq);
    assert_int_equal(page[0], 0);
}

static void follows_its_vcpu(void **state)
{
    u32 pirq = mapped(&dom[0], 4, -1);

    (void)state;
    assert_int_equal(pirq_bind(&vcpus[0], pirq, 7, false), 0);
    notified = &vcpus[0];
    vcpus[0].processor = 1;
    irq_dispatch(irq_to_desc(4)->vector);
    assert_int_equal(sent[0][7], 1);
    assert_int_equal(target[4], 1);
    vcpus[0].processor = 0;
    irq_dispatch(irq_to_desc(4)->vector);
    assert_int_equal(target[4], 0);
    notified = NULL;
    pirq_unbind(&dom[0], pirq);
}

static void vectors_run_out(void **state)
{
    unsigned int irq = 0;
    int rc;

    (void)state;
    for (rc = 0; irq < NR_IRQS; irq++) {
        line(irq, IRQ_FLOW_EDGE);
        rc = irq_request(irq, own_handler, NULL);
        if (rc)
            break;
        assert_true(irq_to_desc(irq)->vector != 0x80 && irq_to_desc(irq)->vector != 0x82);
    }
    assert_int_equal(rc, -ENOSPC);
    assert_int_equal(irq, VECTOR_LAST_DYNAMIC - VECTOR_FIRST_DYNAMIC + 1 - 2);
    while (irq--)
        irq_release(irq);
    assert_int_equal(irq_request(4, own_handler, NULL), 0);
    irq_release(4);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(numbers), T(edge), T(level_waits_for_the_guest), T(level_shared), T(held_by_prism_itself), T(eoi_map),
        T(follows_its_vcpu), T(vectors_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
