/* SPDX-License-Identifier: MIT */
/* Descriptor tables (AMD64 APM vol. 2, chapter 4 and 8): a GDT page and a TSS per CPU, one IDT for all. */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "lib/lib.h"
#include "mem/frame.h"

struct idt_gate { u16 offset_low, selector; u8 ist, type; u16 offset_mid; u32 offset_high, reserved; } packed;
struct table_register { u16 limit; u64 base; } packed;

static struct idt_gate idt[256] aligned(16);
static u64 boot_gdt_page[512] aligned(4096);
static struct tss64 tss[NR_CPUS] aligned(64);
extern const char vector_stubs[];
void (*syscall_init_hook)(unsigned int cpu);

/* Index into a CPU's GDT page of a selector of Prism's. */
#define GDT_INDEX(selector) (((selector) - FIRST_RESERVED_GDT_BYTE) / 8)

void set_intr_gate(unsigned int vector, void (*stub)(void), unsigned int dpl, unsigned int ist)
{
    unsigned long address = (unsigned long)stub;

    idt[vector] = (struct idt_gate){
        .offset_low = (u16)address, .offset_mid = (u16)(address >> 16), .offset_high = (u32)(address >> 32),
        .selector = SEL_PRISM_CS, .ist = (u8)ist, .type = (u8)(0x8e | dpl << 5),
    };
}

static void __init idt_init(void)
{
    for (unsigned int vector = 0; vector < 256; vector++) {
        unsigned int ist = vector == TRAP_NMI ? 1 : vector == TRAP_DF || vector == TRAP_MC ? 2 : vector == TRAP_DB ? 3 : 0;

        set_intr_gate(vector, (void (*)(void))(vector_stubs + 16 * vector), 0, ist);
    }
}

/* A system descriptor takes two entries (APM vol. 2, 4.8.3). */
static void set_system_descriptor(u64 *entry, u64 base, u32 limit, u8 type)
{
    entry[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | (u64)(0x80 | type) << 40 | (u64)(limit >> 16 & 0xf) << 48 |
               (base >> 24 & 0xff) << 56;
    entry[1] = base >> 32;
}

static void gdt_page_init(struct cpu *c)
{
    u64 *gdt = c->gdt_page;

    gdt[GDT_INDEX(SEL_PRISM_CS)] = 0x00af9b000000ffff;
    gdt[GDT_INDEX(SEL_PRISM_DS)] = 0x00cf93000000ffff;
    gdt[GDT_INDEX(SEL_USER32_CS)] = 0x00cffb000000ffff;
    gdt[GDT_INDEX(SEL_USER_DS)] = 0x00cff3000000ffff;
    gdt[GDT_INDEX(SEL_USER64_CS)] = 0x00affb000000ffff;
    set_system_descriptor(&gdt[GDT_INDEX(SEL_TSS)], (u64)c->tss, sizeof(struct tss64) - 1, 9);
}

static void tss_init(struct cpu *c)
{
    unsigned long stack = ((unsigned long)c->info & ~(STACK_SIZE - 1));

    /* Just past ss: the five words that the CPU pushes on entry from ring 3 end there. */
    c->tss->rsp[0] = (u64)&c->info->regs.es;
    c->tss->ist[0] = stack + 1 * PAGE_SIZE;
    c->tss->ist[1] = stack + 2 * PAGE_SIZE;
    c->tss->ist[2] = stack + 3 * PAGE_SIZE;
    c->tss->iomap_base = sizeof(struct tss64);
}

void desc_load_gdt(unsigned long base)
{
    struct table_register r = { FIRST_RESERVED_GDT_BYTE + PAGE_SIZE - 1, base };

    asm volatile("lgdt %0" :: "m" (r) : "memory");
}

void desc_load_idle_gdt(void)
{
    desc_load_gdt((unsigned long)this_cpu()->gdt_page - FIRST_RESERVED_GDT_BYTE);
}

static void load_segments(void)
{
    asm volatile("push %0; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
                 "mov %1, %%ss; mov %2, %%ds; mov %2, %%es; mov %2, %%fs; mov %2, %%gs"
                 :: "i" (SEL_PRISM_CS), "r" (SEL_PRISM_DS), "r" (0) : "rax", "memory");
}

void desc_init_cpu(unsigned int cpu)
{
    struct cpu *c = &cpus[cpu];
    struct table_register idtr = { sizeof(idt) - 1, (u64)idt };

    if (cpu == 0 && !c->gdt_page) {
        idt_init();
        c->gdt_page = boot_gdt_page;
    }
    c->tss = &tss[cpu];
    tss_init(c);
    gdt_page_init(c);
    desc_load_idle_gdt();
    load_segments();
    asm volatile("lidt %0" :: "m" (idtr));
    asm volatile("ltr %w0" :: "r" (SEL_TSS));
    asm volatile("lldt %w0" :: "r" (0));
    if (syscall_init_hook)
        syscall_init_hook(cpu);
}
