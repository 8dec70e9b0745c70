/* SPDX-License-Identifier: MIT */
/* A small simulated machine with one PV domain (and some frames of another), for tests of PV memory management: the
 * code under test is included here, so that it finds the machine's memory in an array. Included once by a test, after
 * cmocka. */
#include "mem/layout.h"
#undef DIRECTMAP_START
#define DIRECTMAP_START ((unsigned long)memory)
#define FRAMES 48
#define OTHERS 4                      /* the last frames belong to another domain */
static u64 memory[FRAMES * 512] aligned(4096);

#include "cpu/percpu.h"
static struct vcpu *running;
static bool stop_at_random;
static bool test_preempt(void);
#undef current
#define current running

#include "abi/hypercall.h"
#include "dom/guest_access.h"
#include "dom/ledger.h"
#include "modes/pv/mm.h"

#undef ledger_charge
#define ledger_charge(v, e) ((void)0)
#undef smp_processor_id
#define smp_processor_id() 0u
#define hypercall_preempt_check test_preempt

#include "modes/pv/mm_entry.c"
#include "modes/pv/mm_l1.c"
#include "modes/pv/mm_table.c"
#include "modes/pv/mm_defer.c"
#include "modes/pv/mm_va.c"

static struct frame table[FRAMES];
struct frame *frame_table = table;
mfn_t max_mfn = FRAMES;
static u64 m2p[FRAMES];
u64 *m2p_table = m2p;
struct cpu_features cpu_features = { .phys_bits = 36, .nx = true };
static struct pv_domain dom = { .domain.id = 3 }, other = { .domain.id = 4 };
static struct pv_vcpu vcpu;

static size_t plain_copy_from(void *dst, u64 va, size_t n) { memcpy(dst, (void *)va, n); return 0; }
static size_t plain_copy_to(u64 va, const void *src, size_t n) { memcpy((void *)va, src, n); return 0; }
const struct privileged_ops privileged_pv = { .copy_from = plain_copy_from, .copy_to = plain_copy_to };
static const struct row pv_row = { .privileged = &privileged_pv };

u32 tlb_clock_now(void) { return 1; }
cpumask_t cpu_online_mask = 1;
cpumask_t tlb_filter(cpumask_t mask, u32 stamp) { return 0; }
void flush_tlb_mask(cpumask_t mask) {}
void flush_tlb_one_mask(cpumask_t mask, unsigned long va) {}
struct domain *frame_owner_domain(const struct frame *f) { return &dom.domain; }
void frame_release(mfn_t mfn) { fail(); }
bool rangeset_contains(struct rangeset *r, unsigned long a, unsigned long b)
{
    return a == (r == &dom.domain.io_frames_read_only ? 0x1001 : 0x1000) || (r == &dom.domain.io_frames && a == 0x1001);
}
struct domain *domain_get(domid_t id) { return id == 4 ? &other.domain : NULL; }
bool domain_ref(struct domain *d) { return true; }
void domain_put(struct domain *d) {}
bool pv_check_descriptor(u64 *d) { return true; }
void pv_fill_hypervisor_slots(u64 *l4, struct pv_domain *d) { l4[256] = ~0UL; }

static u64 seed = 88172645463325252ULL;
static u32 random_below(u32 n)
{
    seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17;
    return (u32)(seed >> 20) % n;
}
static bool test_preempt(void) { return stop_at_random && random_below(3) == 0; }

static u32 pins[FRAMES];   /* held by the test */
static u64 *page(mfn_t mfn) { return memory + mfn * 512; }
static u64 to(mfn_t mfn, u64 flags) { return (u64)mfn << PAGE_SHIFT | PTE_P | flags; }

static int setup(void **state)
{
    memset(memory, 0, sizeof(memory));
    memset(pins, 0, sizeof(pins));
    memset(table, 0, sizeof(table));
    for (mfn_t m = 1; m < FRAMES; m++)
        table[m] = (struct frame){ .count = FRAME_ALLOCATED | 1, .owner = m < FRAMES - OTHERS ? 3 : 4 };
    memset(&vcpu, 0, sizeof(vcpu));
    dom = (struct pv_domain){ .domain = { .id = 3, .row = &pv_row, .is_privileged = true } };
    other = (struct pv_domain){ .domain = { .id = 4, .row = &pv_row } };
    vcpu.vcpu.domain = &dom.domain;
    running = &vcpu.vcpu;
    stop_at_random = false;
    pv_pte_rules_init();
    return 0;
}

/* ---- The checker: every count from the contents alone. */
static u32 general[FRAMES], typed[FRAMES];

static void count_table(mfn_t m, enum frame_type type, unsigned int entries)
{
    for (unsigned int i = 0; i < entries; i++) {
        u64 e = page(m)[i];
        mfn_t target = pte_mfn(e);

        if (!(e & PTE_P) || (type == FT_L4 && !is_guest_l4_slot(i)) || target >= FRAMES)
            continue;
        general[target]++;
        if (type > FT_L1) {
            assert_int_equal(frame_type_of(table[target].type), type - 1);
            typed[target]++;
        } else if (e & PTE_RW) {
            assert_int_equal(frame_type_of(table[target].type), FT_WRITABLE);
            typed[target]++;
        }
        assert_true(e & PTE_US);
    }
}

static void check_counts(void)
{
    memset(general, 0, sizeof(general));
    memset(typed, 0, sizeof(typed));
    for (mfn_t m = 1; m < FRAMES; m++) {
        u64 word = table[m].type;

        general[m] += 1 + pins[m];
        typed[m] += pins[m];
        if (word & FRAME_PARTIAL) {
            assert_false(word & FRAME_VALIDATED);
            general[m]++;
            typed[m]++;
        }
        if ((word & FRAME_TCOUNT_MASK) && frame_type_is_table(frame_type_of(word)))
            count_table(m, frame_type_of(word), word & FRAME_PARTIAL ? table[m].tlb_stamp & PROGRESS_INDEX : 512);
    }
    if (vcpu.deferred_owner)
        general[vcpu.deferred_table]++;
    for (mfn_t m = 1; m < FRAMES; m++) {
        assert_int_equal(table[m].count & FRAME_COUNT_MASK, general[m]);
        assert_int_equal(table[m].type & FRAME_TCOUNT_MASK, typed[m]);
    }
}

static int pin(mfn_t m, enum frame_type type)
{
    int rc = pv_pin_table(&dom.domain, m, type, true);

    if (rc == 0)
        pins[m]++;
    return rc;
}

static void unpin(mfn_t m)
{
    if (pv_unpin_table(&dom.domain, m) == 0)
        pins[m]--;
}

/* A good tree: L4 1, L3 2, L2 3, L1 4 with data from 10 on; the tables themselves are mapped read-only. */
static void make_tree(void)
{
    page(1)[0] = to(2, PTE_RW);
    page(1)[256] = to(10, PTE_RW);    /* Prism's slots: not looked at */
    page(2)[5] = to(3, PTE_RW);
    page(3)[7] = to(4, PTE_RW);
    page(4)[0] = to(10, PTE_RW);
    page(4)[1] = to(11, 0);
    page(4)[2] = to(4, 0);
    page(4)[3] = to(3, 0);
    page(4)[511] = to(12, PTE_RW | PTE_G | PTE_NX);
    page(4)[9] = 0x1000UL << PAGE_SHIFT | PTE_P | PTE_RW | PTE_PCD;   /* device memory that it may use */
}
