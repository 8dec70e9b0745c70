/* SPDX-License-Identifier: MIT */
// sources:
/* Event channels between two made-up domains: binding, sending, closing, both ways in which guests see their ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/percpu.h"
#include "cpu/x86.h"
#include "mem/frame.h"

/* This process is CPU 0, and the code under test runs as this vCPU. */
static struct vcpu *running;
static void *page_at(mfn_t mfn);
#undef current
#define current running
#undef smp_processor_id
#define smp_processor_id() 0u
#define this_cpu() (&cpus[0])
#define irq_save() 0UL
#define irq_restore(flags) ((void)(flags))
#define mfn_to_virt(mfn) page_at(mfn)
#include "abi/event.h"
#include "abi/hypercall.h"
#include "cpu/cpu.h"
#include "dom/guest_access.h"
#include "dom/sched.h"
#include "xen/abi/event_port.c"
#include "xen/abi/event_send.c"
#include "xen/abi/event_bind.c"
#include "xen/abi/event_close.c"
#include "xen/abi/event_consumer.c"
#include "xen/abi/evtchn_2l.c"
#include "xen/abi/evtchn_fifo.c"
#include "xen/abi/evtchn_fifo_setup.c"

/* ---- What surrounds event channels */

#define VCPUS 3
#define PAGES 200

struct cpu cpus[NR_CPUS];
cpumask_t cpu_online_mask = 1;
struct domain *hardware_domain;
static struct domain a, b;
static struct vcpu vcpus[2][VCPUS];
static shared_info_t shared[2];
static char *pages[PAGES];
static int references[PAGES], upcalls[2][VCPUS], unblocked, pirqs_bound, pirq_answer;

static void *page_at(mfn_t mfn) { return pages[mfn]; }
void on_cpus(cpumask_t mask, void (*fn)(void *), void *arg, bool wait) { assert_int_equal(mask, 0); }
bool domain_ref(struct domain *d) { d->refs++; return true; }
void domain_put(struct domain *d) { assert_true(d->refs-- > 0); }
struct domain *domain_get(domid_t id)
{
    struct domain *d = id == DOMID_SELF ? current->domain : id == a.id ? &a : id == b.id ? &b : NULL;

    return d && domain_ref(d) ? d : NULL;
}
void vcpu_unblock(struct vcpu *v) { unblocked++; }
bool get_frame_writable(mfn_t mfn) { references[mfn]++; return true; }
void put_frame(mfn_t mfn) { references[mfn]--; }
void put_frame_and_write(mfn_t mfn) { references[mfn] -= 2; }
int pirq_bind(struct vcpu *v, u32 pirq, u32 port, bool shareable) { pirqs_bound += !pirq_answer; return pirq_answer; }
void pirq_unbind(struct domain *d, u32 pirq) { pirqs_bound--; }
void pirq_set_affinity(struct domain *d, u32 pirq, unsigned int cpu) { }

static mfn_t get_gfn(struct domain *d, gfn_t gfn)
{
    if (gfn == 0 || gfn >= PAGES)
        return INVALID_MFN;
    references[gfn]++;
    return gfn;
}
static void upcall(struct vcpu *v) { upcalls[v->domain == &b][v->id]++; }
static const struct privileged_ops privileged = { .get_gfn = get_gfn };
static const struct interrupt_ops interrupts = { .upcall = upcall };
static const struct row row = { .privileged = &privileged, .interrupts = &interrupts };

static void make_domain(struct domain *d, domid_t id, unsigned int which, u32 max_port)
{
    static struct vcpu *arrays[2][VCPUS];

    memset(d, 0, sizeof(*d));
    memset(&shared[which], 0, sizeof(shared[which]));
    memset(vcpus[which], 0, sizeof(vcpus[which]));
    d->id = id;
    d->row = &row;
    d->refs = 1;
    d->max_vcpus = VCPUS;
    d->vcpu = arrays[which];
    d->nr_pirqs = 16;
    d->shared_info = &shared[which];
    spin_init(&d->event_lock, RANK_EVTCHN);
    for (unsigned int i = 0; i < VCPUS; i++) {
        d->vcpu[i] = &vcpus[which][i];
        d->vcpu[i]->domain = d;
        d->vcpu[i]->id = i;
        d->vcpu[i]->vcpu_info = &shared[which].vcpu_info[i];
    }
    assert_int_equal(evtchn_domain_init(d, max_port), 0);
}

static int setup(void **state)
{
    for (unsigned int i = 1; i < PAGES; i++)
        pages[i] = calloc(1, PAGE_SIZE);
    make_domain(&a, 1, 0, ~0u);
    make_domain(&b, 2, 1, ~0u);
    running = a.vcpu[0];
    memset(upcalls, 0, sizeof(upcalls));
    memset(references, 0, sizeof(references));
    unblocked = pirqs_bound = pirq_answer = 0;
    return 0;
}

static void end_domain(struct domain *d)
{
    d->dying = DOMDYING_DYING;
    assert_int_equal(evtchn_domain_teardown(d), 0);
    assert_int_equal(d->active_evtchns, 0);
    for (unsigned int i = 0; i < VCPUS; i++)
        evtchn_vcpu_free(d->vcpu[i]);
    evtchn_domain_free(d);
    assert_int_equal(d->refs, 1);
}

/* Whatever a test did: destruction gives everything back. */
static int teardown(void **state)
{
    end_domain(&a);
    end_domain(&b);
    for (unsigned int i = 1; i < PAGES; i++) {
        assert_int_equal(references[i], 0);
        free(pages[i]);
    }
    assert_int_equal(pirqs_bound, 0);
    return 0;
}

static u32 unbound(struct domain *d, domid_t remote)
{
    struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = remote };

    running = d->vcpu[0];
    assert_int_equal(evtchn_alloc_unbound(&op), 0);
    return op.port;
}

/* An open pair: *pa in a, *pb in b. */
static void connect(u32 *pa, u32 *pb)
{
    struct evtchn_bind_interdomain op = { .remote_dom = 1, .remote_port = *pa = unbound(&a, 2) };

    running = b.vcpu[0];
    assert_int_equal(evtchn_bind_interdomain(&op), 0);
    *pb = op.local_port;
    running = a.vcpu[0];
}

static u32 ipi(struct domain *d, u32 vcpu)
{
    struct evtchn_bind_ipi op = { .vcpu = vcpu };

    running = d->vcpu[0];
    assert_int_equal(evtchn_bind_ipi(&op), 0);
    return op.port;
}

/* ---- Two levels */

static void interdomain_events(void **state)
{
    u32 pa, pb;
    struct vcpu_info *vi = &shared[1].vcpu_info[0];

    connect(&pa, &pb);
    assert_true(test_bit(pb, shared[1].evtchn_pending));   /* binding itself notifies, for what came too early */
    assert_int_equal(upcalls[1][0], 1);
    shared[1].evtchn_pending[0] = vi->evtchn_pending_sel = vi->evtchn_upcall_pending = 0;

    assert_int_equal(evtchn_send(&a, pa), 0);
    assert_true(test_bit(pb, shared[1].evtchn_pending));
    assert_int_equal(vi->evtchn_pending_sel, 1);
    assert_int_equal(vi->evtchn_upcall_pending, 1);
    assert_int_equal(upcalls[1][0], 2);
    assert_int_equal(evtchn_send(&a, pa), 0);
    assert_int_equal(upcalls[1][0], 2);   /* it is pending already */
    assert_int_equal(evtchn_send(&a, 0), -EINVAL);
    assert_int_equal(evtchn_send(&a, pa + 1), -EINVAL);
    assert_int_equal(evtchn_send(&a, ~0u), -EINVAL);
}

static void masks(void **state)
{
    u32 pa, pb;
    struct vcpu_info *vi = &shared[1].vcpu_info[0];

    connect(&pa, &pb);
    shared[1].evtchn_pending[0] = vi->evtchn_pending_sel = vi->evtchn_upcall_pending = 0;
    set_bit(pb, shared[1].evtchn_mask);
    assert_int_equal(evtchn_send(&a, pa), 0);
    assert_int_equal(upcalls[1][0], 1);
    assert_int_equal(vi->evtchn_pending_sel, 0);
    b.evtchn_ops->unmask(&b, evtchn_port(&b, pb));
    assert_int_equal(upcalls[1][0], 2);
    assert_int_equal(vi->evtchn_pending_sel, 1);
}

/* As 32-bit code lays it out: 1024 ports, words of 32 bits. */
static void narrow_layout(void **state)
{
    u32 *words = (u32 *)shared[1].evtchn_pending, *masks = words + 32, port = 0;
    u8 *info = (u8 *)&shared[1].vcpu_info[1];
    u64 guard = 0x77777777;

    b.narrow = true;
    for (unsigned int i = 0; i < 90; i++)
        port = ipi(&b, 1);
    memcpy(info + 8, &guard, sizeof(guard));
    assert_int_equal(evtchn_send(&b, port), 0);
    assert_int_equal(words[port / 32], 1u << port % 32);
    assert_int_equal(*(u32 *)(info + 4), 1u << port / 32);
    assert_int_equal(*(u64 *)(info + 8), guard);
    assert_int_equal(info[0], 1);
    words[port / 32] = *(u32 *)(info + 4) = info[0] = 0;
    masks[port / 32] = 1u << port % 32;
    assert_int_equal(evtchn_send(&b, port), 0);
    assert_int_equal(info[0], 0);
    b.evtchn_ops->unmask(&b, evtchn_port(&b, port));
    assert_int_equal(masks[port / 32], 0);
    assert_int_equal(info[0], 1);
    assert_int_equal(*(u32 *)(info + 4), 1u << port / 32);
    for (; port < 1023; )
        port = ipi(&b, 1);
    struct evtchn_bind_ipi op = { .vcpu = 1 };
    assert_int_equal(evtchn_bind_ipi(&op), -ENOSPC);
}

static void binding_refusals(void **state)
{
    u32 pa = unbound(&a, 2), pb = unbound(&b, 1);
    struct evtchn_bind_interdomain op = { .remote_dom = 2, .remote_port = pa };

    running = a.vcpu[0];
    op.remote_dom = 9;
    assert_int_equal(evtchn_bind_interdomain(&op), -ESRCH);
    op.remote_dom = 1;
    assert_int_equal(evtchn_bind_interdomain(&op), -EINVAL);   /* it is for domain 2 */
    op.remote_dom = 2;
    op.remote_port = pb + 1;
    assert_int_equal(evtchn_bind_interdomain(&op), -EINVAL);
    op.remote_port = ~0u;
    assert_int_equal(evtchn_bind_interdomain(&op), -EINVAL);
    op.remote_port = pb;
    b.dying = DOMDYING_DYING;
    assert_int_equal(evtchn_bind_interdomain(&op), -EINVAL);
    b.dying = DOMDYING_ALIVE;
    assert_int_equal(evtchn_bind_interdomain(&op), 0);
    assert_int_equal(evtchn_bind_interdomain(&op), -EINVAL);   /* taken */

    struct evtchn_alloc_unbound other = { .dom = 2, .remote_dom = 1 };
    assert_int_equal(evtchn_alloc_unbound(&other), -EPERM);
    a.is_privileged = true;
    assert_int_equal(evtchn_alloc_unbound(&other), 0);
}

static void closing(void **state)
{
    u32 pa, pb;
    struct evtchn_bind_interdomain op;

    connect(&pa, &pb);
    assert_int_equal(evtchn_close(&b, pb), 0);
    assert_int_equal(evtchn_close(&b, pb), -EINVAL);
    assert_int_equal(evtchn_port(&a, pa)->state, PORT_UNBOUND);
    assert_false(test_bit(pb, shared[1].evtchn_pending));
    assert_int_equal(evtchn_send(&a, pa), 0);   /* into the void */
    op = (struct evtchn_bind_interdomain){ .remote_dom = 1, .remote_port = pa };
    running = b.vcpu[0];
    assert_int_equal(evtchn_bind_interdomain(&op), 0);
    assert_int_equal(op.local_port, pb);        /* the lowest free one */
    assert_int_equal(evtchn_close(&a, pa), 0);
    assert_int_equal(evtchn_port(&b, pb)->state, PORT_UNBOUND);
    assert_int_equal(evtchn_close(&a, 0), -EINVAL);
    assert_int_equal(evtchn_close(&a, ~0u), -EINVAL);
}

static void loopback(void **state)
{
    struct evtchn_bind_interdomain op = { .remote_dom = 1, .remote_port = unbound(&a, DOMID_SELF) };

    assert_int_equal(evtchn_bind_interdomain(&op), 0);
    assert_int_equal(evtchn_send(&a, op.local_port), 0);
    assert_true(test_bit(op.remote_port, shared[0].evtchn_pending));
    assert_int_equal(evtchn_close(&a, op.local_port), 0);
    assert_int_equal(evtchn_port(&a, op.remote_port)->state, PORT_UNBOUND);
}

static void virqs(void **state)
{
    struct evtchn_bind_virq op = { .virq = VIRQ_TIMER, .vcpu = 2 }, global = { .virq = VIRQ_DOM_EXC, .vcpu = 1 };

    running = a.vcpu[0];
    send_guest_vcpu_virq(a.vcpu[2], VIRQ_TIMER);   /* not bound: nothing */
    assert_int_equal(evtchn_bind_virq(&op), 0);
    assert_int_equal(evtchn_bind_virq(&op), -EEXIST);
    send_guest_vcpu_virq(a.vcpu[2], VIRQ_TIMER);
    assert_int_equal(upcalls[0][2], 1);
    assert_int_equal(evtchn_bind_vcpu(&a, op.port, 1), -EINVAL);
    assert_int_equal(evtchn_send(&a, op.port), -EINVAL);
    assert_int_equal(evtchn_bind_virq(&global), -EINVAL);
    global.vcpu = 0;
    assert_int_equal(evtchn_bind_virq(&global), 0);
    assert_int_equal(evtchn_bind_vcpu(&a, global.port, 1), 0);
    assert_int_equal(set_global_virq_handler(&a, VIRQ_TIMER), -EINVAL);
    send_global_virq(VIRQ_DOM_EXC);
    assert_int_equal(upcalls[0][1], 0);
    assert_int_equal(set_global_virq_handler(&a, VIRQ_DOM_EXC), 0);
    send_global_virq(VIRQ_DOM_EXC);
    assert_int_equal(upcalls[0][1], 1);
    assert_int_equal(evtchn_close(&a, op.port), 0);
    assert_int_equal(a.vcpu[2]->virq_port[VIRQ_TIMER], 0);
    op.virq = NR_VIRQS;
    assert_int_equal(evtchn_bind_virq(&op), -EINVAL);
    op = (struct evtchn_bind_virq){ .virq = VIRQ_TIMER, .vcpu = VCPUS };
    assert_int_equal(evtchn_bind_virq(&op), -ENOENT);
}

static void pirqs(void **state)
{
    struct evtchn_bind_pirq op = { .pirq = 4 };

    pirq_answer = -EBUSY;
    assert_int_equal(evtchn_bind_pirq(&op), -EBUSY);
    assert_int_equal(a.active_evtchns, 0);
    pirq_answer = 0;
    assert_int_equal(evtchn_bind_pirq(&op), 0);
    send_guest_pirq(&a, op.port);
    assert_int_equal(upcalls[0][0], 1);
    op.pirq = 16;
    assert_int_equal(evtchn_bind_pirq(&op), -EINVAL);
}

static void port_limits(void **state)
{
    struct evtchn_bind_ipi op = { .vcpu = 0 };
    int rc = 0, n = 0;

    evtchn_domain_free(&a);
    assert_int_equal(evtchn_domain_init(&a, 100), 0);
    while ((rc = evtchn_bind_ipi(&op)) == 0)
        n++;
    assert_int_equal(rc, -ENOSPC);
    assert_int_equal(n, 100);
    assert_int_equal(evtchn_close(&a, 37), 0);
    assert_int_equal(evtchn_bind_ipi(&op), 0);
    assert_int_equal(op.port, 37);
    running = b.vcpu[0];
    for (n = 0; (rc = evtchn_bind_ipi(&op)) == 0; n++)
        ;
    assert_int_equal(n, EVTCHN_2L_NR_CHANNELS - 1);
    assert_int_equal(evtchn_send(&b, EVTCHN_2L_NR_CHANNELS - 1), 0);
    assert_true(shared[1].vcpu_info[0].evtchn_pending_sel >> 63);
}

static void pollers(void **state)
{
    u32 one = ipi(&a, 0), two = ipi(&a, 0);

    a.poll_mask[0] = 6;
    a.vcpu[1]->poll_evtchn = (int)two;
    a.vcpu[2]->poll_evtchn = -1;
    set_bit(one, shared[0].evtchn_mask);   /* masks do not matter to pollers */
    assert_int_equal(evtchn_send(&a, one), 0);
    assert_int_equal(unblocked, 1);
    assert_int_equal(a.poll_mask[0], 2);
    assert_int_equal(evtchn_send(&a, two), 0);
    assert_int_equal(unblocked, 2);
    assert_int_equal(a.poll_mask[0], 0);
}

static void preempted_reset(void **state)
{
    int again = 0;

    for (int i = 0; i < 500; i++)
        (void)ipi(&a, 0);
    cpus[0].softirq_pending = 1;
    while (evtchn_reset(&a) == -ERESTART)
        again++;
    cpus[0].softirq_pending = 0;
    assert_true(again > 10);
    assert_int_equal(a.active_evtchns, 0);
    assert_int_equal(evtchn_reset(&b), -EINVAL);   /* another domain, not paused */
}

/* ---- Queues: the guest's side of the protocol */

struct guest {
    struct evtchn_fifo_control_block *control[VCPUS];
    u32 head[VCPUS][EVTCHN_FIFO_MAX_QUEUES];
    unsigned int words;
};
static struct guest guest;

static u32 *guest_word(u32 port) { return (u32 *)pages[100 + port / FIFO_WORDS_PER_PAGE] + port % FIFO_WORDS_PER_PAGE; }

/* Next event of vCPU v for the guest, most important first; 0: none. */
static u32 consume(unsigned int v)
{
    struct evtchn_fifo_control_block *control = guest.control[v];

    while (control->ready) {
        unsigned int q = (unsigned int)__builtin_ctz(control->ready);
        u32 port = guest.head[v][q] ? guest.head[v][q] : control->head[q], *word = guest_word(port);
        u32 link = *word & EVTCHN_FIFO_LINK_MASK;

        *word &= ~(BIT_LINKED | (u32)EVTCHN_FIFO_LINK_MASK);
        guest.head[v][q] = link;
        if (!link)
            control->ready &= ~(1u << q);
        if ((*word & BIT_PENDING) && !(*word & BIT_MASKED)) {
            *word &= ~BIT_PENDING;
            return port;
        }
    }
    shared[0].vcpu_info[v].evtchn_upcall_pending = 0;
    return 0;
}

static void add_words(void)
{
    assert_int_equal(evtchn_fifo_expand_array(&a, 100 + guest.words), 0);
    guest.words++;
}

static void use_queues(void)
{
    memset(&guest, 0, sizeof(guest));
    for (u32 v = 0; v < VCPUS; v++) {
        struct evtchn_init_control op = { .control_gfn = 10 + v, .offset = 64 * v, .vcpu = v };

        assert_int_equal(evtchn_fifo_init_control(&a, &op), 0);
        assert_int_equal(op.link_bits, 17);
        guest.control[v] = (void *)(pages[10 + v] + 64 * v);
    }
}

static void queue_setup(void **state)
{
    struct evtchn_init_control op = { .control_gfn = 10, .offset = PAGE_SIZE - 64, .vcpu = 0 };
    u32 early = ipi(&a, 1), later;

    assert_int_equal(evtchn_fifo_expand_array(&a, 100), -EOPNOTSUPP);
    assert_int_equal(evtchn_set_priority(&a, early, 3), -ENOSYS);
    assert_int_equal(evtchn_send(&a, early), 0);   /* pending as a bit */
    assert_int_equal(evtchn_fifo_init_control(&a, &op), -EINVAL);
    op.offset = 4;
    assert_int_equal(evtchn_fifo_init_control(&a, &op), -EINVAL);
    op.offset = 0;
    op.control_gfn = PAGES;
    assert_int_equal(evtchn_fifo_init_control(&a, &op), -EINVAL);
    op.vcpu = VCPUS;
    assert_int_equal(evtchn_fifo_init_control(&a, &op), -ENOENT);
    use_queues();
    op = (struct evtchn_init_control){ .control_gfn = 20, .vcpu = 0 };
    assert_int_equal(evtchn_fifo_init_control(&a, &op), -EINVAL);
    later = ipi(&a, 1);
    assert_int_equal(evtchn_send(&a, later), 0);   /* pending without a word */
    assert_true(evtchn_port_pending(&a, later));
    assert_int_equal(consume(1), 0);
    add_words();
    assert_int_equal(consume(1), early);
    assert_int_equal(consume(1), later);
    assert_int_equal(consume(1), 0);
    for (; guest.words < 64; )   /* 64 of 128: the other pages are not there */
        add_words();
    assert_int_equal(evtchn_fifo_expand_array(&a, PAGES), -EINVAL);
}

static void queue_order(void **state)
{
    u32 port[6];

    use_queues();
    add_words();
    for (int i = 0; i < 6; i++)
        port[i] = ipi(&a, 0);
    assert_int_equal(evtchn_set_priority(&a, port[4], 1), 0);
    assert_int_equal(evtchn_set_priority(&a, port[4], 16), -EINVAL);
    assert_int_equal(evtchn_set_priority(&a, ~0u, 1), -EINVAL);
    *guest_word(port[2]) |= BIT_MASKED;
    for (int i = 0; i < 5; i++)
        assert_int_equal(evtchn_send(&a, port[i]), 0);
    assert_int_equal(upcalls[0][0], 1);
    assert_int_equal(consume(0), port[4]);
    assert_int_equal(consume(0), port[0]);
    assert_int_equal(evtchn_send(&a, port[5]), 0);   /* behind those in the queue */
    assert_int_equal(evtchn_send(&a, port[0]), 0);
    assert_int_equal(consume(0), port[1]);
    assert_int_equal(consume(0), port[3]);
    a.evtchn_ops->unmask(&a, evtchn_port(&a, port[2]));
    assert_int_equal(consume(0), port[5]);
    assert_int_equal(consume(0), port[0]);
    assert_int_equal(consume(0), port[2]);
    assert_int_equal(consume(0), 0);
}

static void queue_moves(void **state)
{
    u32 pa, pb, other = 0, third;

    use_queues();
    add_words();
    connect(&pa, &pb);
    other = ipi(&a, 0);
    assert_int_equal(evtchn_send(&b, pb), 0);
    assert_int_equal(consume(0), pa);              /* the tail of vCPU 0's queue now, and not linked */
    assert_int_equal(evtchn_bind_vcpu(&a, pa, 1), 0);
    assert_int_equal(evtchn_send(&b, pb), 0);      /* linked in vCPU 1's */
    assert_int_equal(evtchn_send(&a, other), 0);   /* must not be linked behind it */
    assert_int_equal(consume(0), other);
    assert_int_equal(consume(1), pa);
    assert_int_equal(consume(1), 0);

    assert_int_equal(evtchn_send(&a, other), 0);
    assert_int_equal(evtchn_close(&a, other), 0);  /* while it is in the queue */
    third = ipi(&a, 1);
    assert_int_not_equal(third, other);
    assert_int_equal(consume(0), 0);
    assert_int_equal(ipi(&a, 1), other);
}

/* Random sends, moves, priorities, closings and a guest that consumes: no event gets lost, none comes unasked. */
static void queue_model(void **state)
{
    enum { PORTS = 40 };
    u32 port[PORTS], sent[PORTS] = { 0 }, vcpu[PORTS] = { 0 };
    u32 got;

    use_queues();
    add_words();
    srand(1);
    for (int i = 0; i < PORTS; i++) {
        u32 remote;

        connect(&port[i], &remote);
        assert_int_equal(remote, evtchn_port(&a, port[i])->remote_port);
    }
    for (int step = 0; step < 200000; step++) {
        unsigned int i = (unsigned int)rand() % PORTS;

        switch (rand() % 8) {
        case 0:
            vcpu[i] = (u32)rand() % VCPUS;
            assert_int_equal(evtchn_bind_vcpu(&a, port[i], vcpu[i]), 0);
            break;
        case 1:
            assert_int_equal(evtchn_set_priority(&a, port[i], (u32)rand() % 16), 0);
            break;
        case 2: case 3: case 4:
            got = consume((unsigned int)rand() % VCPUS);
            for (i = 0; got && i < PORTS; i++)
                if (port[i] == got)
                    break;
            assert_true(!got || (i < PORTS && sent[i]));
            if (got)
                sent[i] = 0;
            break;
        default:
            assert_int_equal(evtchn_send(&b, evtchn_port(&a, port[i])->remote_port), 0);
            sent[i] = 1;
            break;
        }
    }
    for (unsigned int v = 0; v < VCPUS; v++)
        while ((got = consume(v)) != 0)
            for (int i = 0; i < PORTS; i++)
                if (port[i] == got)
                    sent[i] = 0;
    for (int i = 0; i < PORTS; i++)
        assert_int_equal(sent[i], 0);
}

/* A guest that writes anything anywhere in its part harms nobody: the sanitizers watch, and teardown gives all back. */
static void queue_enemy(void **state)
{
    u32 port[64];

    use_queues();
    add_words();
    srand(2);
    for (int i = 0; i < 64; i++)
        port[i] = ipi(&a, (u32)i % VCPUS);
    for (int step = 0; step < 200000; step++) {
        u32 p = port[rand() % 64];

        if (rand() % 3 == 0)
            *guest_word((u32)rand() % FIFO_WORDS_PER_PAGE) = (u32)rand() << 1 ^ (u32)rand();
        else if (rand() % 7 == 0)
            memset(guest.control[rand() % VCPUS], rand(), sizeof(struct evtchn_fifo_control_block));
        else if (rand() % 5 == 0)
            (void)evtchn_set_priority(&a, p, (u32)rand() % 16);
        else if (rand() % 50 == 0)
            (void)evtchn_close(&a, p);
        else
            (void)evtchn_send(&a, p);
    }
}

static void queue_reset(void **state)
{
    u32 p;

    use_queues();
    add_words();
    p = ipi(&a, 0);
    assert_int_equal(evtchn_send(&a, p), 0);
    assert_int_equal(evtchn_reset(&a), 0);
    assert_ptr_equal(a.evtchn_ops, &evtchn_ops_2l);
    assert_int_equal(references[10] | references[100], 0);
    p = ipi(&a, 0);
    assert_int_equal(evtchn_send(&a, p), 0);
    assert_true(test_bit(p, shared[0].evtchn_pending));
    use_queues();   /* and once more */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* ---- Ports at which Prism listens */

static u32 called, called_port;
static struct vcpu *called_vcpu;
static void hear(struct vcpu *v, u32 port) { called++, called_vcpu = v, called_port = port; }

static u32 consumer(u32 vcpu)
{
    u32 port = 0;

    called = 0;
    assert_int_equal(evtchn_alloc_consumer(&a, vcpu, b.id, hear, &port), 0);
    return port;
}

static void consumers_hear_events(void **state)
{
    u32 pa = consumer(2), pb;
    struct evtchn_bind_interdomain op = { .remote_dom = 1, .remote_port = pa };

    assert_int_equal(evtchn_alloc_consumer(&a, VCPUS, b.id, hear, &pb), -EINVAL);
    assert_false(evtchn_consumer_deserted(&a, pa));
    running = b.vcpu[0];
    assert_int_equal(evtchn_bind_interdomain(&op), 0);
    pb = op.local_port;
    assert_int_equal(evtchn_send(&b, pb), 0);
    assert_int_equal(called, 1);
    assert_ptr_equal(called_vcpu, a.vcpu[2]);
    assert_int_equal(called_port, pa);
    assert_false(test_bit(pa, shared[0].evtchn_pending));
    clear_bit(pb, shared[1].evtchn_pending);
    assert_int_equal(evtchn_send(&a, pa), 0);   /* Prism's own events go to the other end */
    assert_true(test_bit(pb, shared[1].evtchn_pending));
    assert_int_equal(evtchn_close(&b, pb), 0);
    assert_int_equal(called, 2);
    assert_true(evtchn_consumer_deserted(&a, pa));
    assert_int_equal(evtchn_bind_interdomain(&op), 0);
    assert_false(evtchn_consumer_deserted(&a, pa));
    evtchn_free_consumer(&a, pa);
    evtchn_free_consumer(&a, pa);
    assert_int_equal(a.consumer_evtchns, 0);
    assert_int_equal(evtchn_port(&b, op.local_port)->state, PORT_UNBOUND);
}

static void consumers_are_not_the_guests(void **state)
{
    u32 pa = consumer(0), other = ipi(&a, 0);

    assert_int_equal(evtchn_close(&a, pa), -EINVAL);
    assert_int_equal(evtchn_bind_vcpu(&a, pa, 1), -EINVAL);
    evtchn_free_consumer(&a, other);   /* not one of Prism's */
    assert_int_equal(evtchn_port(&a, other)->state, PORT_IPI);
    assert_int_equal(evtchn_reset(&a), 0);
    assert_int_equal(evtchn_port(&a, other)->state, PORT_FREE);
    assert_true(evtchn_is_consumer(&a, pa));
    assert_int_equal(a.consumer_evtchns, 1);   /* and goes with its domain */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(interdomain_events), TEST(masks), TEST(narrow_layout), TEST(binding_refusals), TEST(closing),
        TEST(loopback), TEST(virqs), TEST(pirqs), TEST(port_limits), TEST(pollers), TEST(preempted_reset),
        TEST(queue_setup), TEST(queue_order), TEST(queue_moves), TEST(queue_model), TEST(queue_enemy),
        TEST(queue_reset), TEST(consumers_hear_events), TEST(consumers_are_not_the_guests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
