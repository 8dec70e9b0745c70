/* SPDX-License-Identifier: MIT */
/* A test kernel in real mode, which a PC's firmware has read from a disk. All of it, and all that pointers reach, lies in the
 * first 64 KiB, and every segment begins at 0: gcc's -m16 needs that. It goes to protected mode for hypercalls alone. */
#ifndef PRISM_TESTS_REAL_H
#define PRISM_TESTS_REAL_H

long hypercall(unsigned long n, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e,
               unsigned long f);

/* What a trap leaves; the last three are the processor's own. There are no error codes in this mode. */
struct trap_frame {
    u32 edi, esi, ebp, unused_esp, ebx, edx, ecx, eax, vector;
    u16 ip, cs, flags;
} tight;

/* Runs the assembly instruction `code`, and leaves all registers as they were; the vector it raised, or -1. last_trap has the
 * rest. Memory operands must not be on the stack. */
#define TRY(code, ...) ({ trap_vector = -1; \
    asm volatile("pushal; movl %%esp, trap_stack; movl $1f, trap_resume;" code \
                 "; 1: movl trap_stack, %%esp; movl $0, trap_resume; popal" :: __VA_ARGS__ : "memory", "cc"); trap_vector; })

extern struct trap_frame last_trap;
extern volatile long trap_vector;
extern unsigned long trap_resume, trap_stack;

/* Vectors are the firmware's, but for those that tests take: traps and interrupts by vector are counted then. Such a handler
 * serves this kernel alone: the firmware must not run meanwhile, which has a stack segment of its own. */
#define VECTORS 256
extern volatile u32 interrupts[VECTORS];
struct far { u16 offset, segment; } tight;
static inline volatile struct far *ivt(void) { unsigned long at = 0; asm("" : "+r" (at)); return (volatile struct far *)at; }
struct far take_vector(u8 vector);          /* what was there before */
static inline void give_vector(u8 vector, struct far old)
{ ivt()[vector].offset = old.offset, ivt()[vector].segment = old.segment; }
static inline void interrupts_on(void) { asm volatile("sti" ::: "memory"); }
static inline void interrupts_off(void) { asm volatile("cli" ::: "memory"); }

/* Services of the firmware. Segment registers are all 0 but ES and DS as given; flags as they come back. */
struct bios { u32 eax, ebx, ecx, edx, esi, edi; u16 es, flags; };
void bios(u8 vector, struct bios *registers);
#define CARRY 1u
#define ZERO 0x40u
extern u8 boot_drive;

/* FS reaches 4 GiB from then on: loaded in protected mode, kept in this one. */
void widen_fs(void);
static inline u32 wide_read(u32 at) { u32 v; asm volatile("movl %%fs:(%1), %0" : "=r" (v) : "r" (at) : "memory"); return v; }
static inline void wide_write(u32 at, u32 v) { asm volatile("movl %0, %%fs:(%1)" :: "r" (v), "r" (at) : "memory"); }

static inline void out8(u16 port, u8 value) { asm volatile("outb %0, %1" :: "a" (value), "Nd" (port)); }
static inline u8 in8(u16 port) { u8 v; asm volatile("inb %1, %0" : "=a" (v) : "Nd" (port)); return v; }

/* The hypervisor's own console, by the port that firmware uses for it. */
static inline void say_plainly(const char *line, size_t n)
{
    while (n--)
        out8(0xe9, (u8)*line++);
}

/* Where shared_info comes to be: a page that nobody uses. */
#define SHARED_INFO_AT 0x2000u
#define SCRATCH_PAGES 2

#endif
