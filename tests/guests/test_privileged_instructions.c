/* SPDX-License-Identifier: MIT */
/* Instructions that only ring 0 may execute: each is emulated or raises #GP (or #UD), and none does what it says to the
 * machine. */
#include "lib/guest.h"

static struct { u16 limit; u64 base; } packed table = { 0xfff, 0 };

static void faults(const char *what, long vector)
{
    if (vector != 13 && vector != 6)
        FAIL("%s raised vector %ld, not #GP", what, vector);
}

void test_main(void)
{
    faults("lgdt", TRY("lgdt %0", "m" (table)));
    faults("lidt", TRY("lidt %0", "m" (table)));
    faults("ltr", TRY("ltr %w0", "r" (0xe040)));
    faults("lldt", TRY("lldt %w0", "r" (0xe050)));
    faults("mov to cr8", TRY("mov %0, %%cr8", "r" (0UL)));
    faults("mov to cr3 of Prism's image", TRY("mov %0, %%cr3", "r" (0x200000UL)));
    faults("vmrun", TRY("vmrun %%rax", "a" (0x200000UL)));
    faults("vmload", TRY("vmload %%rax", "a" (0x200000UL)));
    faults("invlpga", TRY("invlpga %%rax, %%ecx", "a" (0)));
    faults("stgi", TRY("stgi", "i" (0)));
    faults("wrmsr to an unknown MSR", TRY("mov $0xc0011fff, %%ecx; xor %%edx, %%edx; wrmsr", "a" (0)));
    faults("mov ss to Prism's", TRY("mov %0, %%ss", "r" (0xe010)));
    faults("far jump to Prism's code segment",
           TRY("push $0xe008; lea 2f(%%rip), %%rcx; push %%rcx; lretq; 2:", "i" (0)));
    EXPECT("int $0x20 with no handler for it", TRY("int $0x20", "i" (0)), 13);
    EXPECT("ud2", TRY("ud2", "i" (0)), 6);
    EXPECT("a read of Prism's memory", TRY("mov (%0), %%rcx", "r" (0xffff830000001000UL)), 14);
    EXPECT("a write of Prism's memory", TRY("mov %%rcx, (%0)", "r" (0xffff830000001000UL)), 14);
    EXPECT("a write of the machine-to-physical table", TRY("mov %%rcx, (%0)", "r" (0xffff800000000000UL)), 14);
    EXPECT("a read of it", TRY("mov (%0), %%rcx", "r" (0xffff800000000000UL)), -1);
    EXPECT("a non-canonical address", TRY("mov (%0), %%rcx", "r" (0x8000000000000000UL)), 13);
}
