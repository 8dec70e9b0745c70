/* SPDX-License-Identifier: MIT */
/* The instructions with which a guest enters Prism by SYSCALL and SYSENTER: their MSRs and a CPU's own entry stubs.
 *
 * SYSCALL leaves the guest's stack pointer in place and no register free, so a stub that knows its CPU's stack by
 * address has to begin. Each CPU has a page of code, written through the direct map and executable, never both, and
 * behind it a second mapping of the page that holds its struct cpu_info: the stub reaches regs.rsp relative to RIP. */
#include "cpu/cpu.h"

#include "abi/hypercall.h"
#include "modes/pv/pv.h"

_Static_assert(sizeof(struct hypercall) == 16, "entry.S scales by it");
_Static_assert(sizeof(((struct pv_vcpu *)0)->kernel_mode) == 1 && sizeof(bool) == 1, "entry.S tests bytes");

void pv_syscall_plain(void);
void pv_syscall_smap(void);
void pv_syscall_compat(void);
void pv_sysenter(void);
void pv_fault_plain(void);
void pv_fault_smap(void);
extern const char vector_stubs[];   /* xen/cpu/entry.S: 16 bytes a vector */

/* Write-back, write-through, uncached minus, uncached; write-combining, write-protected, uncached twice. Guests see
 * it. */
#define PRISM_PAT 0x0000050100070406UL
#define COMPAT_STUB 64   /* offset of the second stub in the page */

/* The frame that an address of Prism's own is mapped to, by its tables; it is mapped. */
static mfn_t own_mfn(const void *p)
{
    unsigned long va = (unsigned long)p;
    const u64 *table = idle_l4;

    for (unsigned int level = 4;; level--) {
        unsigned int shift = PAGE_SHIFT + 9 * (level - 1);
        u64 entry = table[(va >> shift) & 511];
        BUG_ON(!(entry & PTE_P));
        if (level == 1 || ((entry & PTE_PSE) && level <= 3))
            return ((entry & PTE_MFN_MASK) >> PAGE_SHIFT & ~((1UL << (shift - PAGE_SHIFT)) - 1)) +
                   ((va >> PAGE_SHIFT) & ((1UL << (shift - PAGE_SHIFT)) - 1));
        table = maddr_to_virt(entry & PTE_MFN_MASK);
    }
}

/* mov %rsp, regs.rsp ; movabs $&regs.rsp, %rsp ; jmp *target(%rip) */
static void write_stub(u8 *code, unsigned long at, unsigned long rsp_alias, struct cpu_user_regs *regs,
                       void (*target)(void))
{
    static const u8 store[] = { 0x48, 0x89, 0x25 }, load[] = { 0x48, 0xbc }, jump[] = { 0xff, 0x25, 0, 0, 0, 0 };
    s64 distance = (s64)(rsp_alias - (at + 7));
    u64 slot = (u64)&regs->rsp, address = (u64)target;
    int32_t rel = (int32_t)distance;

    ASSERT(rel == distance);
    memcpy(code, store, 3);
    memcpy(code + 3, &rel, 4);
    memcpy(code + 7, load, 2);
    memcpy(code + 9, &slot, 8);
    memcpy(code + 17, jump, 6);
    memcpy(code + 23, &address, 8);
}

static unsigned long make_stubs(struct cpu_info *info)
{
    u8 *code = page_alloc(0);
    if (!code)
        panic("No memory for SYSCALL entry stubs");
    mfn_t frames[2] = { virt_to_mfn(code), own_mfn(&info->regs.rsp) };
    void *area = vmap(frames, 2);
    if (!area)
        panic("No address space for SYSCALL entry stubs");

    unsigned long at = (unsigned long)area;
    unsigned long alias = at + PAGE_SIZE + ((unsigned long)&info->regs.rsp & ~PAGE_MASK);
    memset(code, 0xcc, PAGE_SIZE);
    write_stub(code, at, alias, &info->regs, cpu_features.smap ? pv_syscall_smap : pv_syscall_plain);
    write_stub(code + COMPAT_STUB, at + COMPAT_STUB, alias, &info->regs, pv_syscall_compat);
    if (map_page(idle_l4, at, (u64)frames[0] << PAGE_SHIFT | PTE_P | PTE_A))
        BUG();
    flush_tlb_one_local(at);
    return at;
}

/* On each CPU, before it enters its first PV guest; cpu_info() is this CPU's. */
void pv_syscall_init(unsigned int cpu)
{
    struct cpu_info *info = cpu_info();
    unsigned long stubs = make_stubs(info);

    info->self = &cpus[cpu];
    if (cpu == 0) {   /* INT3 and INTO are the guest's own: one table for all CPUs */
        set_intr_gate(TRAP_BP, (void (*)(void))(vector_stubs + 16 * TRAP_BP), 3, 0);
        set_intr_gate(TRAP_OF, (void (*)(void))(vector_stubs + 16 * TRAP_OF), 3, 0);
        set_intr_gate(TRAP_PF, cpu_features.smap ? pv_fault_smap : pv_fault_plain, 0, 0);
    }
    wrmsr(MSR_PAT, PRISM_PAT);
    wrmsr(MSR_STAR, (u64)(SEL_USER32_CS & ~3) << 48 | 3UL << 48 | (u64)SEL_PRISM_CS << 32);
    wrmsr(MSR_LSTAR, stubs);
    wrmsr(MSR_CSTAR, stubs + COMPAT_STUB);
    wrmsr(MSR_SFMASK, X86_EFLAGS_TF | X86_EFLAGS_IF | X86_EFLAGS_DF | X86_EFLAGS_IOPL | X86_EFLAGS_NT | X86_EFLAGS_RF |
                      X86_EFLAGS_VM | X86_EFLAGS_AC);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
    if (!strcmp(cpu_features.vendor, "GenuineIntel")) {   /* elsewhere SYSENTER does not exist in long mode */
        wrmsr(MSR_SYSENTER_CS, SEL_PRISM_CS);
        wrmsr(MSR_SYSENTER_ESP, (u64)&info->regs.es);
        wrmsr(MSR_SYSENTER_EIP, (u64)pv_sysenter);
    }
}

/* 32 bytes a hypercall: push %rcx; push %r11; mov $n, %eax; syscall; pop %r11; pop %rcx; ret. The iret stub leaves its
 * registers on the stack as struct iret_context has them. */
void pv_fill_hypercall_page(void *page)
{
    static const u8 call[] = { 0x51, 0x41, 0x53, 0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3 };
    static const u8 iret[] = { 0x51, 0x41, 0x53, 0x50, 0xb8, __HYPERVISOR_iret, 0, 0, 0, 0x0f, 0x05, 0xcc };

    memset(page, 0xcc, PAGE_SIZE);
    for (u32 n = 0; n < PAGE_SIZE / 32; n++) {
        u8 *stub = (u8 *)page + n * 32;
        memcpy(stub, call, sizeof(call));
        memcpy(stub + 4, &n, sizeof(n));
    }
    memcpy((u8 *)page + __HYPERVISOR_iret * 32, iret, sizeof(iret));
}
