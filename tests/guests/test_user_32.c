/* SPDX-License-Identifier: MIT */
// modes: control pv
/* User code of 32 bits under a kernel of 64: its system calls, with and without an entry for them; software interrupts; what
 * is emulated for it, by its own instruction's width and segments; its faults. */
#include <xen/callback.h>
#include <xen/physdev.h>

#include "lib/user.h"

#define UD 6
#define GP 13
#define PF 14
#define SYSCALL32_ENTRY 0x101
#define IF 0x200UL
#define PORT 0x80
#define LOW 0x40000000u              /* where the user's memory is: a page of code, one of data, whose end is the stack */
#define DATA (LOW + 4096)
#define STACK (LOW + 2 * 4096)

extern const u8 code_32[], code_32_end[];
extern const u8 u_syscall[], u_int80[], u_int81[], u_sysenter[], u_cpuid[], u_in[], u_outs[], u_ins[], u_load[], u_16[];

/* Each begins with flat data segments and ends at an instruction that is none. The second word is what it works on. */
#define BEGIN(name) #name ": mov $0xe02b, %eax; mov %eax, %ds; mov %eax, %es; mov $0x1234, %ebx\n"
asm(".pushsection .rodata\n.code32\ncode_32:\n"
    BEGIN(u_syscall) "mov $0x11, %eax; syscall; ud2\n"
    BEGIN(u_int80) "int $0x80; ud2\n"
    BEGIN(u_int81) "int $0x81; ud2\n"
    BEGIN(u_sysenter) "sysenter; ud2\n"
    BEGIN(u_cpuid) "mov $0x40000000, %eax; ud2; .ascii \"xen\"; cpuid; mov $0x1234, %ebx; ud2\n"
    BEGIN(u_in) "mov $-1, %eax; in $0x80, %al; ud2\n"
    BEGIN(u_outs) "mov $0x40001000, %esi; mov $6, %ecx; mov $0x80, %edx; cld; rep outsb; ud2\n"
    BEGIN(u_ins) "mov $0x40001000, %edi; mov $3, %ecx; mov $0x80, %edx; std; rep insw; ud2\n"
    BEGIN(u_load) "mov 0x7000, %ecx; ud2\n"
    BEGIN(u_16) "mov $0x40001000, %esi; mov $0x10006, %ecx; mov $0x80, %edx; cld; addr16 rep outsb; ud2\n"
    "code_32_end:\n.code64\n.popsection");

extern const char syscall32_stub[];
asm("syscall32_stub: pop %rcx; pop %r11; push $0; push $0x101; jmp trap_common");

static u8 kernel_stack[8192] aligned(16);
static u64 go_ip, go_flags, kernel_rsp;

static volatile struct vcpu_info *info(void) { return &shared_info_page()->vcpu_info[0]; }

static u64 at(const u8 *name) { return LOW + (u64)(name - code_32); }

/* As the library's handler, but that the kernel's own code is of 64 bits. */
static bool came_back(struct trap_frame *frame)
{
    if (!trap_resume)
        return false;
    last_trap = *frame;
    trap_vector = (long)frame->vector;
    frame->rip = trap_resume;
    frame->cs = FLAT_KERNEL_CS;
    frame->ss = FLAT_KERNEL_SS;
    return true;
}

/* Runs the code at `name`; the vector that it ends with. */
static long in_user(const u8 *name, u64 flags)
{
    go_ip = at(name);
    go_flags = flags | 2;
    trap_vector = -1;
    asm volatile("push %%rbp; mov %%rsp, %[rsp]; lea 1f(%%rip), %%rcx; mov %%rcx, trap_resume(%%rip);"
                 "push %[ss]; push %[sp]; push %[flags]; push %[cs]; push %[ip]; push $0; push $0x77; push $0x99; push $0x55;"
                 "mov %[iret], %%eax; syscall; 1: mov %[rsp], %%rsp; pop %%rbp; cld; movq $0, trap_resume(%%rip)"
                 : [rsp] "+m" (kernel_rsp)
                 : [ss] "i" (FLAT_USER_SS32), [sp] "i" (STACK), [flags] "m" (go_flags), [cs] "i" (FLAT_USER_CS32),
                   [ip] "m" (go_ip), [iret] "i" (__HYPERVISOR_iret)
                 : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
                   "r12", "r13", "r14", "r15", "memory", "cc");
    EXPECT("code of 32 bits", last_trap.cs & 0xffff, FLAT_USER_CS32);
    EXPECT("its RBX", last_trap.rbx, 0x1234);
    return trap_vector;
}

/* Where it stopped: so far behind the beginning of what follows its first words. */
static void stopped(const char *what, const u8 *name, unsigned int bytes)
{
    const unsigned int begin = 14;

    EXPECT(what, last_trap.rip, at(name) + begin + bytes);
}

/* ---- The user's memory: scratch's first three pages become tables. */

static void map(void)
{
    u64 tables[3];

    memcpy(scratch[3], code_32, (size_t)(code_32_end - code_32));
    ((u64 *)scratch[2])[0] = va_to_mfn(scratch[3]) << 12 | PTE_RO_FLAGS;
    ((u64 *)scratch[2])[1] = va_to_mfn(scratch[4]) << 12 | PTE_RW_FLAGS;
    ((u64 *)scratch[1])[0] = va_to_mfn(scratch[2]) << 12 | PTE_RW_FLAGS;
    ((u64 *)scratch[0])[LOW >> 30] = va_to_mfn(scratch[1]) << 12 | PTE_RW_FLAGS;
    for (unsigned int i = 0; i < 3; i++) {
        tables[i] = va_to_mfn(scratch[i]) << 12;
        EXPECT("a table for reading", CALL3(update_va_mapping, scratch[i], tables[i] | PTE_RO_FLAGS, UVMF_INVLPG), 0);
    }
    EXPECT("the tables", set_entry(va_to_mfn((void *)start_info->pt_base) << 12, tables[0] | PTE_RW_FLAGS), 0);
    user_mode_begin(kernel_stack + sizeof(kernel_stack));
    info()->evtchn_upcall_mask = 0;
}

/* ---- */

static void system_calls(void)
{
    struct callback_register c = { .type = CALLBACKTYPE_syscall32, .address = (unsigned long)syscall32_stub };

    EXPECT("a system call without an entry", in_user(u_syscall, IF), UD);
    stopped("where", u_syscall, 5);
    for (unsigned int masks = 0; masks < 2; masks++) {
        c.flags = masks ? CALLBACKF_mask_events : 0;
        EXPECT("callback_op", CALL2(callback_op, CALLBACKOP_register, &c), 0);
        EXPECT("a system call", in_user(u_syscall, IF), SYSCALL32_ENTRY);
        stopped("where", u_syscall, 7);
        EXPECT("RAX", last_trap.rax, 0x11);
        EXPECT("its stack", last_trap.rsp, STACK);
        EXPECT("events in its frame", last_trap.upcall_mask_word, 0);
        EXPECT("events in the kernel", info()->evtchn_upcall_mask, masks);
        info()->evtchn_upcall_mask = 0;
    }
    c.address = 0;
    EXPECT("the entry away", CALL2(callback_op, CALLBACKOP_register, &c), 0);
    EXPECT("a system call again", in_user(u_syscall, IF), UD);
}

/* AMD's processors have SYSENTER in no long mode; the emulated one has it, but it leads nowhere. */
static void interrupts(void)
{
    long vector;

    struct trap_info table[2] = { { .vector = 0x80, .flags = 3, .cs = FLAT_KERNEL_CS, .address = (u64)syscall32_stub } };

    EXPECT("set_trap_table", CALL1(set_trap_table, table), 0);
    EXPECT("int $0x80", in_user(u_int80, IF), SYSCALL32_ENTRY);
    stopped("where", u_int80, 2);
    EXPECT("int $0x81", in_user(u_int81, IF), GP);
    stopped("where", u_int81, 0);
    EXPECT("its error code", last_trap.error_code, 0x81 << 3 | 2);
    vector = in_user(u_sysenter, IF);
    EXPECT("sysenter", vector == UD || vector == GP, true);
    stopped("where", u_sysenter, 0);
    EXPECT("an address that is not there", in_user(u_load, IF), PF);
    EXPECT("which", info()->arch.cr2, 0x7000);
    EXPECT("its error code", last_trap.error_code & 7, 4);
}

static void emulated(void)
{
    struct physdev_set_iopl level = { .iopl = 1 };

    EXPECT("CPUID by its prefix", in_user(u_cpuid, IF), UD);
    EXPECT("the hypervisor's name", last_trap.rcx, 0x65584d4d);   /* "MMXe" */
    EXPECT("set_iopl", CALL2(physdev_op, PHYSDEVOP_set_iopl, &level), 0);
    EXPECT("a port of the kernel's", in_user(u_in, IF), GP);
    stopped("where", u_in, 5);
    level.iopl = 3;
    EXPECT("set_iopl", CALL2(physdev_op, PHYSDEVOP_set_iopl, &level), 0);
    EXPECT("a port", in_user(u_in, IF), UD);
    stopped("where", u_in, 7);
    EXPECT("of one byte", last_trap.rax >> 8, 0xffffff);
    EXPECT("bytes to a port", in_user(u_outs, IF), UD);
    EXPECT("from", last_trap.rsi, DATA + 6);
    EXPECT("left", last_trap.rcx, 0);
    EXPECT("words from a port, backwards", in_user(u_ins, IF), PF);
    EXPECT("which", info()->arch.cr2, DATA - 2);
    EXPECT("to", last_trap.rdi, DATA - 2);
    EXPECT("left", last_trap.rcx, 2);
    EXPECT("bytes by a count of 16 bits", in_user(u_16, IF), PF);
    EXPECT("from", info()->arch.cr2, 0x1000);
    level.iopl = 1;
    EXPECT("set_iopl", CALL2(physdev_op, PHYSDEVOP_set_iopl, &level), 0);
}

void test_main(void)
{
    map();
    trap_hook = came_back;
    system_calls();
    interrupts();
    emulated();
}
