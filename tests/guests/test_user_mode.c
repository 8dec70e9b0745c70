/* SPDX-License-Identifier: MIT */
// modes: control pv
/* To user mode by iret and back: by a system call, with and without an entry for it, with events masked there or by the entry;
 * by software interrupts that the trap table allows or not; by faults, told as a user's; by an iret that goes on in a system
 * call, or out of an NMI, which lets the next one in. What only a kernel may do faults there. */
#include <xen/callback.h>
#include <xen/physdev.h>
#include <xen/vcpu.h>

#include "lib/user.h"

#define UD 6
#define GP 13
#define PF 14
#define SYSCALL_ENTRY 0x101          /* what the stubs below say instead of a vector */
#define NMI_ENTRY 0x102
#define IF 0x200UL
#define PORT 0x80

extern const char syscall_stub[], nmi_stub[];
asm("syscall_stub: pop %rcx; pop %r11; push $0; push $0x101; jmp trap_common\n"
    "nmi_stub: pop %rcx; pop %r11; push $0; push $0x102; jmp trap_common");

static u8 kernel_stack[8192] aligned(16);
static struct iret_context go;        /* where to, but for the stack pointer, the instruction and RAX */

/* Runs `code` in user mode, at the same stack. RBX, if it is an input, is the user's too. */
#define IN_USER(code, ...) TRY_BY_IRET(go.ss, go.cs, go.rflags, go.flags, code "; ud2", ##__VA_ARGS__)

static volatile struct vcpu_info *info(void) { return &shared_info_page()->vcpu_info[0]; }

static void register_entry(u16 type, const void *address, u16 flags)
{
    struct callback_register c = { .type = type, .flags = flags, .address = (unsigned long)address };

    EXPECT("callback_op", CALL2(callback_op, CALLBACKOP_register, &c), 0);
}

/* A trap from user mode: its vector, and its frame says so. */
static void from_user(const char *what, long got, long want)
{
    EXPECT(what, got, want);
    EXPECT(what, last_trap.cs & 0xffff, FLAT_USER_CS);
}

static void setup(void)
{
    user_mode_begin(kernel_stack + sizeof(kernel_stack));
    go = (struct iret_context){ .cs = FLAT_USER_CS, .ss = FLAT_USER_SS, .rflags = IF | 2 };
    info()->evtchn_upcall_mask = 0;
}

static void system_calls(void)
{
    register_entry(CALLBACKTYPE_syscall, syscall_stub, 0);
    for (unsigned int masks = 0; masks < 2; masks++)
        for (unsigned int masked = 0; masked < 2; masked++) {
            register_entry(CALLBACKTYPE_syscall, syscall_stub, masks ? CALLBACKF_mask_events : 0);
            go.rflags = masked ? 2 : IF | 2;
            from_user("a system call", IN_USER("lea 2f(%%rip), %%rdx; syscall; 2:", "a" (0)), SYSCALL_ENTRY);
            EXPECT("where it was", last_trap.rip, last_trap.rdx);
            EXPECT("its IF", last_trap.rflags & IF, masked ? 0 : IF);
            EXPECT("events in its frame", last_trap.upcall_mask_word, masked);
            EXPECT("events in the kernel", info()->evtchn_upcall_mask, masks | masked);
            info()->evtchn_upcall_mask = 0;
        }
    go.rflags = IF | 2;
}

/* RCX and R11 are a system call's, whatever the frame says, and CS and SS are the flat ones. */
static void in_syscall(void)
{
    struct iret_context flat = go;

    from_user("what iret loads", IN_USER("nop", "a" (0x55)), UD);
    EXPECT("RAX", last_trap.rax, 0x55);
    EXPECT("RCX", last_trap.rcx, USER_RCX);
    EXPECT("R11", last_trap.r11, USER_R11);
    go.flags = VGCF_in_syscall;
    go.ss = 0x1234;
    from_user("what sysret leaves", IN_USER("nop", "a" (0x55)), UD);
    EXPECT("RAX", last_trap.rax, 0x55);
    EXPECT("RCX", last_trap.rcx, last_trap.rip - 1);
    EXPECT("R11", last_trap.r11, go.rflags);
    EXPECT("SS", last_trap.ss, FLAT_USER_SS);
    go = flat;
}

static void software_interrupts(void)
{
    const u64 breakpoint = 3;
    struct trap_info table[3] = { { .vector = 0x80, .flags = 3, .cs = FLAT_KERNEL_CS, .address = (u64)syscall_stub },
                                  { .vector = 0x40, .flags = 1, .cs = FLAT_KERNEL_CS, .address = (u64)syscall_stub } };

    EXPECT("set_trap_table", CALL1(set_trap_table, table), 0);
    from_user("int3", IN_USER("int3", "a" (0)), breakpoint);
    from_user("int $0x80", IN_USER("lea 2f(%%rip), %%rdx; int $0x80; 2:", "a" (0)), SYSCALL_ENTRY);
    EXPECT("where it was", last_trap.rip, last_trap.rdx);
    from_user("int $0x80 with prefixes",
              IN_USER("lea 2f(%%rip), %%rdx; .byte 0x2e, 0x66, 0x48; int $0x80; 2:", "a" (0)), SYSCALL_ENTRY);
    EXPECT("where it was", last_trap.rip, last_trap.rdx);
    from_user("int $0x40, the kernel's", IN_USER("lea 2f(%%rip), %%rdx; 2: int $0x40", "a" (0)), GP);
    EXPECT("where it was", last_trap.rip, last_trap.rdx);
    EXPECT("its error code", last_trap.error_code, 0x40 << 3 | 2);
    EXPECT("int $0x40 in the kernel", TRY("int $0x40", "i" (0)), SYSCALL_ENTRY);
    from_user("int $0x20, nobody's", IN_USER("int $0x20", "a" (0)), GP);
}

static void set_ports(u32 iopl, void *bitmap)
{
    struct physdev_set_iopl level = { .iopl = iopl };
    struct physdev_set_iobitmap map = { .nr_ports = bitmap ? 1024 : 0 };

    set_xen_guest_handle(map.bitmap, (u8 *)bitmap);
    EXPECT("set_iopl", CALL2(physdev_op, PHYSDEVOP_set_iopl, &level), 0);
    EXPECT("set_iobitmap", CALL2(physdev_op, PHYSDEVOP_set_iobitmap, &map), 0);
}

static void ports(void)
{
    struct physdev_set_iobitmap inside = { .nr_ports = 1024 };

    memset(scratch[0], 0xff, 128);
    scratch[0][PORT / 8] = 0xfe;
    set_ports(1, NULL);
    from_user("a port of the kernel's", IN_USER("in $0x80, %%al", "a" (0)), GP);
    set_ports(3, NULL);
    from_user("a port with IOPL 3", IN_USER("in $0x80, %%al", "a" (0)), UD);
    set_ports(1, scratch[0]);
    from_user("a port that the bitmap has", IN_USER("in $0x80, %%al", "a" (0)), UD);
    from_user("the port beside it", IN_USER("in $0x81, %%al", "a" (0)), GP);
    from_user("both at once", IN_USER("in $0x80, %%ax", "a" (0)), GP);
    from_user("a port beyond the bitmap", IN_USER("mov $1024, %%edx; in %%dx, %%al", "a" (0)), GP);
    from_user("ports across its end", IN_USER("mov $1023, %%edx; in %%dx, %%ax", "a" (0)), GP);
    set_ports(1, (void *)0x7000);
    from_user("a bitmap that is not there", IN_USER("in $0x80, %%al", "a" (0)), GP);
    set_xen_guest_handle(inside.bitmap, (u8 *)0xffff830000000000UL);
    EXPECT("a bitmap in the hypervisor", CALL2(physdev_op, PHYSDEVOP_set_iobitmap, &inside), -XEN_EINVAL);
    inside.nr_ports = 65537;
    set_xen_guest_handle(inside.bitmap, (u8 *)scratch[0]);
    EXPECT("a bitmap of too many ports", CALL2(physdev_op, PHYSDEVOP_set_iobitmap, &inside), -XEN_EINVAL);
    set_ports(1, NULL);
}

/* What a kernel has carried out for it faults in user mode. */
static void privileged(void)
{
    from_user("hlt", IN_USER("hlt", "a" (0)), GP);
    from_user("cli", IN_USER("cli", "a" (0)), GP);
    from_user("mov from cr0", IN_USER("mov %%cr0, %%rdx", "a" (0)), GP);
    from_user("mov to cr3", IN_USER("mov %%rdx, %%cr3", "a" (0)), GP);
    from_user("rdmsr", IN_USER("mov $0xc0000080, %%ecx; rdmsr", "a" (0)), GP);
    from_user("wrmsr", IN_USER("mov $0xc0000100, %%ecx; xor %%edx, %%edx; wrmsr", "a" (0)), GP);
    from_user("clts", IN_USER("clts", "a" (0)), GP);
    from_user("wbinvd", IN_USER("wbinvd", "a" (0)), GP);
    from_user("a hypercall's instruction", IN_USER("mov $0x1234, %%eax; lea 2f(%%rip), %%rdx; 2: vmmcall", "a" (0)), UD);
    EXPECT("where it was", last_trap.rip, last_trap.rdx);
    from_user("a page that is not there", IN_USER("mov 0x7000, %%ecx", "a" (0)), PF);
    EXPECT("its error code", last_trap.error_code & 7, 4);
    from_user("the hypervisor's memory", IN_USER("movabs 0xffff830000001000, %%eax", "a" (0)), PF);
    from_user("CPUID by its prefix", IN_USER("mov %%rbx, %%r11; mov $0x40000000, %%eax; ud2; .ascii \"xen\"; cpuid;"
                                                "mov %%ebx, %%edx; mov %%r11, %%rbx", "a" (0)), UD);
    EXPECT("the hypervisor's name", last_trap.rdx, 0x566e6558);   /* "XenV" */
    EXPECT("a kernel's page that is not there", TRY("mov 0x7000, %%ecx", "i" (0)), PF);
    EXPECT("its error code", last_trap.error_code & 7, 0);
}

/* ---- NMIs: inside the handler another one waits for its iret. */

static volatile unsigned int nmis, depth, deepest;

static void send_nmi(void) { EXPECT("send_nmi", CALL3(vcpu_op, VCPUOP_send_nmi, 0, 0), 0); }

static bool nmi(struct trap_frame *frame)
{
    if (frame->vector != NMI_ENTRY)
        return false;
    if (++depth > deepest)
        deepest = depth;
    if (++nmis == 1)
        send_nmi();
    EXPECT("version", CALL2(xen_version, XENVER_version, 0) >> 16, 4);
    depth--;
    /* Not by the test library's IRETQ, of which the hypervisor learns nothing. */
    asm volatile("mov %%rsp, %%r12; mov %%ss, %%ecx; push %%rcx; push %%r12; push $0x202; push %0; lea 1f(%%rip), %%rcx;"
                 "push %%rcx; push $0; push %%rcx; push %%r11; push %%rax; mov %1, %%eax; syscall; 1: mov %%r12, %%rsp"
                 :: "i" ((long)FLAT_KERNEL_CS & ~3L), "i" (__HYPERVISOR_iret) : "rax", "rcx", "r11", "r12", "memory", "cc");
    return true;
}

static void interrupts_not_masked(void)
{
    struct callback_unregister gone = { .type = CALLBACKTYPE_nmi };

    register_entry(CALLBACKTYPE_nmi, nmi_stub, 0);
    trap_hook = nmi;
    send_nmi();
    EXPECT("version", CALL2(xen_version, XENVER_version, 0) >> 16, 4);
    trap_hook = NULL;
    EXPECT("NMIs", nmis, 2);
    EXPECT("at once", deepest, 1);
    EXPECT("the callback away", CALL2(callback_op, CALLBACKOP_unregister, &gone), 0);
}

static void callbacks_refused(void)
{
    struct callback_register c = { .type = CALLBACKTYPE_syscall, .address = 1UL << 47 };
    struct callback_unregister gone = { .type = 99 };

    EXPECT_ERROR("an entry that is not canonical", CALL2(callback_op, CALLBACKOP_register, &c));
    c = (struct callback_register){ .type = 99, .address = (u64)syscall_stub };
    EXPECT("an unknown callback", CALL2(callback_op, CALLBACKOP_register, &c), -XEN_ENOSYS);
    EXPECT("an unknown callback away", CALL2(callback_op, CALLBACKOP_unregister, &gone), -XEN_ENOSYS);
    gone.type = CALLBACKTYPE_event;
    EXPECT("the events' callback away", CALL2(callback_op, CALLBACKOP_unregister, &gone), -XEN_EINVAL);
    EXPECT("a callback from nowhere", CALL2(callback_op, CALLBACKOP_register, 8), -XEN_EFAULT);
    EXPECT("an unknown operation", CALL2(callback_op, 99, &c), -XEN_ENOSYS);
    EXPECT_ERROR("a kernel stack in the hypervisor", CALL2(stack_switch, FLAT_KERNEL_SS, 0xffff830000001000UL));
    EXPECT_ERROR("a kernel stack that is not canonical", CALL2(stack_switch, FLAT_KERNEL_SS, 1UL << 47));
}

void test_main(void)
{
    setup();
    system_calls();
    in_syscall();
    software_interrupts();
    ports();
    privileged();
    callbacks_refused();
    interrupts_not_masked();
}
