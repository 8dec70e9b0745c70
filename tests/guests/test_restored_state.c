/* SPDX-License-Identifier: MIT */
/* A domain in a container goes on from a state that the control domain gives it: each register is what the state says, an
 * event that was being delivered is delivered, and the state can be read back. States that no processor has are refused, or
 * end that domain alone. */
#include <xen/hvm/save.h>

#include "lib/other_domain.h"

#define CODE 0x1000
#define RESULT 0x2000
#define TABLES 0x3000           /* IDT, and at 0x800 of it the GDT */
#define PAGES 16
#define FLAT_CODE 0xc9b
#define FLAT_DATA 0xc93
#define TSS 0x8b
#define ENDS 4                  /* the reason that the guest gives for its end: its watchdog */

/* The guest: 32-bit code without paging at CODE. It writes down what it finds at RESULT, and ends. */
extern const u8 guest_code[], guest_nmi[], guest_gp[], guest_interrupt[], guest_end[];
asm(".code32\n"
    "guest_code: mov %eax, 0x2000; mov %ebx, 0x2004; mov %ecx, 0x2008; mov %edx, 0x200c; mov %esi, 0x2010; mov %edi, 0x2014\n"
    "mov %ebp, 0x2018; mov %esp, 0x201c; pushf; pop 0x2020; mov %dr0, %eax; mov %eax, 0x2024\n"
    "mov %dr3, %eax; mov %eax, 0x2028\n"
    "mov %cr2, %eax; mov %eax, 0x202c; fnstcw 0x2030; stmxcsr 0x2034; str 0x2038; mov %fs:0, %eax; mov %eax, 0x203c\n"
    "movups %xmm5, 0x2040; mov $0xc0000082, %ecx; rdmsr; mov %eax, 0x2050; mov %edx, 0x2054\n"
    "guest_ends: movl $4, 0x2f00; mov $29, %eax; mov $2, %ebx; mov $0x2f00, %ecx; vmmcall; 1: jmp 1b\n"
    "guest_nmi: movl $2, 0x2080; jmp guest_came\n"
    "guest_gp: movl $13, 0x2080; jmp guest_came\n"
    "guest_interrupt: movl $0x40, 0x2080\n"
    "guest_came: pop 0x2084; pop 0x2088; jmp guest_ends\n"
    "guest_end: .code64");

static struct { struct hvm_save_descriptor head; struct hvm_save_header header;
                struct hvm_save_descriptor is_cpu; struct hvm_hw_cpu cpu; struct hvm_save_descriptor end; } tight state, back;
static u8 whole[65536];
static volatile u32 *result;

/* ---- A domain with that code, and its end */

static void gate(unsigned int vector, const u8 *handler)
{
    u32 *entry = (u32 *)&scratch[2][8 * vector], at = (u32)(CODE + (handler - guest_code));

    entry[0] = 8 << 16 | at;
    entry[1] = 0x8e00;
}

static domid_t make(void)
{
    domid_t d = make_domain(true, 4096);
    static xen_pfn_t list[PAGES];
    struct xen_memory_reservation r = { .nr_extents = PAGES, .domid = d };
    u64 *gdt = (u64 *)&scratch[2][0x800];

    for (unsigned int i = 0; i < PAGES; i++)
        list[i] = i;
    set_xen_guest_handle(r.extent_start, list);
    EXPECT("populate", CALL2(memory_op, XENMEM_populate_physmap, &r), PAGES);
    for (unsigned int i = 0; i < 3; i++)
        EXPECT("mapping", map_foreign(scratch[i], d, CODE / 4096 + i), 0);
    memcpy(scratch[0], guest_code, (size_t)(guest_end - guest_code));
    memset(scratch[1], 0, 4096);
    memset(scratch[2], 0, 4096);
    gate(2, guest_nmi);
    gate(13, guest_gp);
    gate(0x40, guest_interrupt);
    gdt[1] = 0xcf9b000000ffff;
    gdt[2] = 0xcf93000000ffff;
    result = (u32 *)scratch[1];
    return d;
}

static void unmake(domid_t d)
{
    for (unsigned int i = 0; i < 3; i++)
        EXPECT("unmapping", CALL3(update_va_mapping, scratch[i], 0, UVMF_INVLPG), 0);
    destroy_domain(d);
}

static long context(u32 command, domid_t d, void *buffer, u32 size)
{
    static struct xen_domctl op;
    long rc;

    op = (struct xen_domctl){ .u.hvmcontext.size = size };
    set_xen_guest_handle(op.u.hvmcontext.buffer, (u8 *)buffer);
    rc = domctl(command, d, &op);
    return rc ? rc : (long)op.u.hvmcontext.size;
}

static long read_back(domid_t d, u32 type, u32 instance, void *buffer, u64 size)
{
    static struct xen_domctl op;

    op = (struct xen_domctl){ .u.hvmcontext_partial = { .type = type, .instance = instance, .bufsz = size } };
    set_xen_guest_handle(op.u.hvmcontext_partial.buffer, (u8 *)buffer);
    return domctl(XEN_DOMCTL_gethvmcontext_partial, d, &op);
}

static long load(domid_t d) { return context(XEN_DOMCTL_sethvmcontext, d, &state, sizeof(state)); }

/* Lets it run: the reason of its end, or -1 if it has none for so long. */
static int run(domid_t d)
{
    static struct xen_domctl op;

    EXPECT("unpause", domctl(XEN_DOMCTL_unpausedomain, d, &op), 0);
    for (unsigned int i = 0; i < 20; i++) {
        op = (struct xen_domctl){ 0 };
        EXPECT("getdomaininfo", domctl(XEN_DOMCTL_getdomaininfo, d, &op), 0);
        if (op.u.getdomaininfo.flags & XEN_DOMINF_shutdown)
            return op.u.getdomaininfo.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
        nap(1000000);
    }
    return -1;
}

/* ---- States */

/* The header is the hypervisor's own. */
static void begin(domid_t d)
{
    struct hvm_hw_cpu *c = &state.cpu;

    if (context(XEN_DOMCTL_gethvmcontext, d, whole, sizeof(whole)) < 0)
        verdict(ERROR, "no state to be had");
    memset(&state, 0, sizeof(state));
    memcpy(&state, whole, sizeof(state.head) + sizeof(state.header));
    state.is_cpu = (struct hvm_save_descriptor){ HVM_SAVE_CODE(CPU), 0, HVM_SAVE_LENGTH(CPU) };
    c->cs_sel = 8;
    c->ds_sel = c->es_sel = c->ss_sel = c->fs_sel = c->gs_sel = 16;
    c->cs_arbytes = FLAT_CODE;
    c->ds_arbytes = c->es_arbytes = c->ss_arbytes = c->fs_arbytes = c->gs_arbytes = FLAT_DATA;
    c->cs_limit = c->ds_limit = c->es_limit = c->ss_limit = c->fs_limit = c->gs_limit = ~0u;
    c->tr_arbytes = TSS;
    c->tr_limit = 0x67;
    c->idtr_base = TABLES;
    c->idtr_limit = 0x7ff;
    c->gdtr_base = TABLES + 0x800;
    c->gdtr_limit = 23;
    c->cr0 = 0x11;
    c->cr4 = 0x200;
    c->dr6 = 0xffff0ff0;
    c->dr7 = 0x400;
    c->rip = CODE;
    c->rsp = RESULT + 0xe00;
    c->rflags = 2;
}

static void registers(void)
{
    static const u32 want[] = { 0x101, 0x102, 0x103, 0x104, 0x105, 0x106, 0x107, RESULT + 0xe00, 0x893, 0x4440, 0x4443, 0x7778,
                                0x27f, 0xffc0 | 0x1f80, 0x1238, 0x55aa };
    domid_t d = make();
    struct hvm_hw_cpu *c = &state.cpu;

    begin(d);
    c->rax = 0x101, c->rbx = 0x102, c->rcx = 0x103, c->rdx = 0x104, c->rsi = 0x105, c->rdi = 0x106, c->rbp = 0x107;
    c->rflags = 0x893;
    c->dr0 = 0x4440, c->dr3 = 0x4443, c->cr2 = 0x7778;
    c->tr_sel = 0x1238;
    c->fs_base = RESULT + 0xd00;
    c->msr_lstar = 0x123456789abUL;
    c->flags = XEN_X86_FPU_INITIALISED;
    c->fpu_regs[0] = 0x7f, c->fpu_regs[1] = 2;                 /* control word */
    memset(c->fpu_regs + 24, 0xff, 4);                         /* MXCSR: reserved bits too */
    memset(c->fpu_regs + 160 + 5 * 16, 0x3c, 16);              /* XMM5 */
    result[0xd00 / 4] = 0x55aa;
    EXPECT("the state", load(d) < 0, 0);
    EXPECT("reading it", read_back(d, HVM_SAVE_CODE(CPU), 0, &back.cpu, sizeof(back.cpu)), 0);
    for (size_t at = offsetof(struct hvm_hw_cpu, rax); at < offsetof(struct hvm_hw_cpu, tsc); at += 4)
        if (*(u32 *)((u8 *)c + at) != *(u32 *)((u8 *)&back.cpu + at))
            FAIL("byte %u of the record is %x, not %x", (u32)at, *(u32 *)((u8 *)&back.cpu + at), *(u32 *)((u8 *)c + at));
    EXPECT("the guest's end", run(d), ENDS);
    for (unsigned int i = 0; i < ARRAY_SIZE(want); i++)
        if (i != 13 && result[i] != want[i])
            FAIL("word %u is %x, not %x", i, result[i], want[i]);
    EXPECT("MXCSR without its reserved bits, with denormals-are-zero", result[13], 0xffff);
    EXPECT("XMM5", result[17], 0x3c3c3c3c);
    EXPECT("LSTAR", result[20] | (u64)result[21] << 32, 0x123456789abUL);
    unmake(d);
}

static void event(u32 vector, u32 type, bool has_error)
{
    domid_t d = make();

    begin(d);
    state.cpu.pending_valid = 1;
    state.cpu.pending_vector = (u8)vector;
    state.cpu.pending_type = type & 7;
    state.cpu.pending_error_valid = has_error;
    state.cpu.error_code = 0x4321;
    state.cpu.rflags = 0x202;                /* an interrupt is delivered where it can be */
    EXPECT("a state with an event", load(d) < 0, 0);
    EXPECT("the guest's end", run(d), ENDS);
    EXPECT("the vector", result[0x80 / 4], vector);
    EXPECT("on top of its stack", result[0x84 / 4], has_error ? 0x4321 : CODE);
    EXPECT("below that", result[0x88 / 4], has_error ? CODE : 8);
    unmake(d);
}

#define REFUSED(change) do { begin(d); state.cpu.change; \
    EXPECT_ERROR("a state with " #change, load(d)); } while (0)
static void impossible(void)
{
    domid_t d = make();

    REFUSED(cr0 = 0x80000010);
    REFUSED(cr0 = 0x20000011);
    REFUSED(cr0 |= 1UL << 32);
    REFUSED(cr4 = 1UL << 13);
    REFUSED(cr4 = ~0UL);
    REFUSED(msr_efer = 0x1000 | 1UL << 40);
    REFUSED(msr_efer = 0x400);
    begin(d);
    state.head.length = 4;
    EXPECT_ERROR("a short header", load(d));
    begin(d);
    state.header.magic++;
    EXPECT_ERROR("another header", load(d));
    begin(d);
    state.is_cpu.instance = 1;
    EXPECT_ERROR("a vCPU too many", load(d));
    begin(d);
    state.is_cpu.typecode = 99;
    EXPECT_ERROR("an unknown record", load(d));
    begin(d);
    EXPECT_ERROR("a state that ends in a record", context(XEN_DOMCTL_sethvmcontext, d, &state, sizeof(state) - 100));
    EXPECT_ERROR("a state from nowhere", context(XEN_DOMCTL_sethvmcontext, d, (void *)8, 4096));
    EXPECT_ERROR("a state of four billion bytes", context(XEN_DOMCTL_sethvmcontext, d, &state, ~0u));
    EXPECT_ERROR("room for some of it", context(XEN_DOMCTL_gethvmcontext, d, whole, 100));
    EXPECT_ERROR("an unknown record", read_back(d, 999, 0, &back, sizeof(back)));
    EXPECT_ERROR("a record of vCPU 7", read_back(d, HVM_SAVE_CODE(CPU), 7, &back, sizeof(back)));
    unmake(d);
}

/* Refused, or taken: then the guest ends by itself, is ended, or turns in circles. The machine goes on. (Not tried: a stack of
 * ring 3, a TSS that is none. Of these the emulator dies.) */
#define ODD(change) do { domid_t d = make(); int end = -2; begin(d); state.cpu.change; \
    if (load(d) >= 0) end = run(d); \
    say("  %s: %d\n", #change, end); unmake(d); } while (0)
static void odd(void)
{
    ODD(cs_arbytes = 0xe9b);
    ODD(cs_arbytes = 0x493);
    ODD(cs_limit = 3);
    ODD(ss_arbytes = 0x10000);
    ODD(cr0 = 0x80000011);
    ODD(cr3 = ~0UL);
    ODD(rip = 1UL << 63);
    ODD(rip = 0xfffff000);
    ODD(rflags = 0x20002);
    ODD(rflags = 0x102);
    ODD(idtr_base = 1UL << 63);
    ODD(dr7 = 0xffffffff);
    ODD(pending_event = 0x80000700 | 255);
    ODD(pending_event = 0x80000300 | 255);
    ODD(pending_event = 0x80000b00 | 8);
    ODD(tsc = ~0UL);
}

void test_main(void)
{
    registers();
    event(2, 2, false);
    event(13, 3, true);
    event(0x40, 0, false);
    impossible();
    odd();
}
