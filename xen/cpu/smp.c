/* SPDX-License-Identifier: MIT */
/* The other CPUs: stacks, start-up (APM vol. 2, 16.5: INIT, SIPI), calls to them, stopping them. */
#include "boot/boot.h"
#include "cpu/cpu.h"
#include "cpu/hotplug.h"
#include "cpu/identify.h"
#include "cpu/lapic.h"
#include "cpu/smp.h"
#include "cpu/time.h"
#include "cpu/traps.h"
#include "cpu/x86.h"
#include "dom/sched.h"
#include "lib/lib.h"
#include "mem/frame.h"

struct cpu cpus[NR_CPUS];
unsigned int nr_cpus = 1;
cpumask_t cpu_online_mask = 1;

/* Stacks are mapped page by page between the vmap area and the image, so that each has an unmapped page. */
#define STACKS_START VMAP_END
#define GUARD_PAGE 3

struct cpu_info *smp_stack_alloc(unsigned int cpu)
{
    unsigned long base = STACKS_START + cpu * (unsigned long)STACK_SIZE;
    struct cpu_info *info = (struct cpu_info *)(base + STACK_SIZE) - 1;

    for (unsigned int page = 0; page < STACK_SIZE / PAGE_SIZE; page++) {
        mfn_t mfn;

        if (page == GUARD_PAGE)
            continue;
        mfn = heap_alloc((struct alloc_request){ 0 });
        if (mfn == INVALID_MFN ||
            map_page(idle_l4, base + page * PAGE_SIZE, mfn << PAGE_SHIFT | PTE_P | PTE_RW | PTE_A | PTE_D | PTE_NX))
            return NULL;
    }
    info->cpu = cpu;
    return info;
}

/* ---- calls: one at a time */
static struct {
    struct spinlock lock;
    void (*fn)(void *);
    void *arg;
    bool wait;
    volatile cpumask_t todo;      /* who has not carried it out yet */
    volatile cpumask_t asleep;    /* who halts until something here changes */
} call = { .lock = SPINLOCK_INIT(RANK_IPI) };

/* A CPU answers in microseconds, unless it is an emulated one, or some other hypervisor's, that is not running: then it may
 * need the very processor that we are spinning on. */
#define SPINS 512

/* After a change of call, made by a locked instruction or followed by a barrier. */
static void wake_sleepers(void)
{
    if (likely(call.asleep == 0))
        return;
    for (cpumask_t left = __atomic_exchange_n(&call.asleep, 0, __ATOMIC_SEQ_CST); left; left &= left - 1)
        smp_send_event_check((unsigned int)__builtin_ctzll(left));
}

/* Interrupts on. */
static void wait_until(bool (*over)(void))
{
    cpumask_t me = 1ULL << smp_processor_id();

    for (unsigned int spins = 0; !over(); spins++) {
        if (likely(spins < SPINS)) {
            cpu_relax();
            continue;
        }
        irq_disable();
        __atomic_fetch_or(&call.asleep, me, __ATOMIC_SEQ_CST);
        if (over()) {
            irq_enable();
            return;
        }
        safe_halt();
    }
}

static bool call_taken(void)
{
    return spin_trylock(&call.lock);
}

static bool call_answered(void)
{
    return call.todo == 0;
}

static void answer(cpumask_t me)
{
    if (__atomic_and_fetch(&call.todo, ~me, __ATOMIC_SEQ_CST) == 0)
        wake_sleepers();
}

void smp_call_interrupt(void)
{
    cpumask_t me = 1ULL << smp_processor_id();
    void (*fn)(void *);
    void *arg;
    bool wait;

    if (!(call.todo & me))
        return;
    smp_rmb();   /* what is to be done is written before todo */
    fn = call.fn;
    arg = call.arg;
    wait = call.wait;
    if (!wait)
        answer(me);
    fn(arg);
    if (wait)
        answer(me);
}

void on_cpus(cpumask_t mask, void (*fn)(void *), void *arg, bool wait)
{
    cpumask_t me = 1ULL << smp_processor_id(), others = mask & cpu_online_mask & ~me;
    unsigned long flags;

    if (others) {
        /* Another CPU may hold the lock and wait for us to answer: interrupts are on while we wait for it. So none of the
         * ranks above is held, and no call is made from within one. */
        ASSERT(irqs_enabled());
        wait_until(call_taken);
        others &= cpu_online_mask;   /* without those that have left meanwhile */
        call.fn = fn;
        call.arg = arg;
        call.wait = wait;
        __atomic_store_n(&call.todo, others, __ATOMIC_SEQ_CST);
        for (cpumask_t left = others; left; left &= left - 1)
            lapic_send_ipi((unsigned int)__builtin_ctzll(left), VECTOR_CALL);
    }
    if (mask & me) {
        flags = irq_save();
        fn(arg);
        irq_restore(flags);
    }
    if (others) {
        wait_until(call_answered);
        spin_unlock(&call.lock);
        smp_mb();
        wake_sleepers();
    }
}

/* While a call is under way nobody may leave who is to answer it. */
void smp_leave(void)
{
    wait_until(call_taken);
    __atomic_fetch_and(&cpu_online_mask, ~(1ULL << smp_processor_id()), __ATOMIC_SEQ_CST);
    this_cpu()->online = false;
    spin_unlock(&call.lock);
    smp_mb();
    wake_sleepers();
}

void smp_join(void)
{
    __atomic_fetch_or(&cpu_online_mask, 1ULL << smp_processor_id(), __ATOMIC_SEQ_CST);
    flush_tlb_local();
    this_cpu()->online = true;
}

void smp_send_event_check(unsigned int cpu)
{
    if (cpu != smp_processor_id())
        lapic_send_ipi(cpu, VECTOR_EVENT_CHECK);
}

/* ---- start-up */
static volatile unsigned int cpus_started;

/* First C code of another CPU, on its own stack. */
static void __attribute__((used)) smp_start_cpu(void)
{
    unsigned int cpu = smp_processor_id();

    cpus[cpu].cr3 = READ_CR(3);
    write_cr3(virt_to_maddr(idle_l4));
    cpu_init_control();
    desc_init_cpu(cpu);
    lapic_init_cpu();
    timer_init_cpu(cpu);
    time_init_cpu();
    current = cpus[cpu].idle_vcpu;
    cpus[cpu].ctxt_vcpu = current;
    flush_tlb_local();
    __atomic_fetch_or(&cpu_online_mask, 1ULL << cpu, __ATOMIC_SEQ_CST);
    cpus[cpu].online = true;
    cpus_started = cpu;
    irq_enable();
    idle_loop();
}

/* Page tables for the way from real mode: the trampoline's page one to one, and Prism's own half. */
static maddr_t make_trampoline_tables(void)
{
    u64 *table[3];

    for (unsigned int i = 0; i < 3; i++) {
        mfn_t mfn = heap_alloc((struct alloc_request){ .address_bits = 32 });

        if (mfn == INVALID_MFN)
            return 0;
        table[i] = mfn_to_virt(mfn);
    }
    memcpy(&table[0][HYPERVISOR_FIRST_SLOT], &idle_l4[HYPERVISOR_FIRST_SLOT], 16 * sizeof(u64));
    table[0][0] = virt_to_maddr(table[1]) | PTE_P | PTE_RW;
    table[1][0] = virt_to_maddr(table[2]) | PTE_P | PTE_RW;
    table[2][0] = PTE_P | PTE_RW | PTE_PSE;
    return virt_to_maddr(table[0]);
}

static void wait_us(unsigned int us)
{
    stime_t end = system_time() + us * 1000ULL;

    while (system_time() < end)
        cpu_relax();
}

static int prepare_cpu(unsigned int cpu, const struct madt_cpu *m)
{
    struct cpu *c = &cpus[cpu];

    c->id = cpu;
    c->apic_id = m->apic_id;
    c->acpi_id = m->acpi_id;
    c->gdt_page = page_alloc(0);
    c->info = smp_stack_alloc(cpu);
    if (!c->gdt_page || !c->info)
        return -ENOMEM;
    sched_init_cpu(cpu);
    return 0;
}

static bool start_cpu(unsigned int cpu, struct trampoline_data *data)
{
    data->stack = (u64)cpus[cpu].info;
    data->entry = (u64)smp_start_cpu;
    smp_wmb();
    lapic_send_init(cpu);
    wait_us(10000);
    for (unsigned int attempt = 0; attempt < 2 && cpus_started != cpu; attempt++) {
        lapic_send_startup(cpu, TRAMPOLINE_ADDRESS >> PAGE_SHIFT);
        for (unsigned int i = 0; i < 200 && cpus_started != cpu; i++)
            wait_us(1000);
    }
    return cpus_started == cpu;
}

void smp_boot(void)
{
    size_t size = (size_t)(trampoline_end - trampoline_start);
    void *place = maddr_to_virt(TRAMPOLINE_ADDRESS);
    struct trampoline_data *data = (struct trampoline_data *)((char *)place + (trampoline_data - trampoline_start));
    unsigned int limit = options.max_cpus ? min(options.max_cpus, (u32)NR_CPUS) : NR_CPUS;

    memcpy(place, trampoline_start, size);
    data->cr3 = (u32)make_trampoline_tables();
    if (!data->cr3)
        panic("No memory below 4 GiB to start the other CPUs");
    for (unsigned int i = 0; i < nr_madt_cpus && nr_cpus < limit && !options.no_smp; i++) {
        if (!madt_cpus[i].enabled || madt_cpus[i].apic_id == cpus[0].apic_id)
            continue;
        if (prepare_cpu(nr_cpus, &madt_cpus[i]))
            panic("No memory to start CPU %u", nr_cpus);
        if (start_cpu(nr_cpus, data))
            nr_cpus++;
        else
            pr_warn("CPU with APIC id %u did not start\n", madt_cpus[i].apic_id);
    }
    printk("%u CPU%s online\n", nr_cpus, nr_cpus > 1 ? "s" : "");
}

/* ---- stopping */
static bool stop_on_nmi(struct cpu_user_regs *regs)
{
    stop_this_cpu_loop();
}

void smp_stop_others(void)
{
    nmi_hook = stop_on_nmi;
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
        if (cpu != smp_processor_id() && cpus[cpu].online)
            lapic_send_nmi(cpu);
}
