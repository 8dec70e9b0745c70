/* SPDX-License-Identifier: MIT */
// modes: real
/* The PC as an operating system of real mode knows it: what its firmware says of memory and disks, a clock that the firmware
 * keeps by interrupts, both interrupt controllers, timer and real-time clock by their ports, the keyboard's controller and the
 * configuration space of PCI, which the device model has. */
#include "lib/guest.h"

#define SECTOR 512u
#define MEBIBYTE 0x100000u
#define PIC 0x20
#define PIC_SLAVE 0xa0
#define PIC_EOI 0x20
#define PIC_READ_IRR 0x0a
#define PIC_READ_ISR 0x0b
#define PIC_ICW1 0x11
#define PIT 0x40
#define PIT_CONTROL 0x43
#define RTC 0x70
#define TIMER_VECTOR 8
#define RTC_VECTOR 0x70
#define OTHER_BASE 0x50
#define KEYBOARD 0x60
#define KEYBOARD_CONTROL 0x64
#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define SMAP 0x534d4150u

static volatile u8 *at(unsigned long address) { asm("" : "+r" (address)); return (volatile u8 *)address; }
static u16 word_at(unsigned long address) { return (u16)(*at(address) | *at(address + 1) << 8); }

/* ---- What the firmware says of memory */

struct range { u64 start, size; u32 type; } tight;
static struct range map[32];

static u32 read_map(void)
{
    struct bios r = { 0 };
    u32 n = 0;

    do {
        r.eax = 0xe820, r.edx = SMAP, r.ecx = sizeof(struct range), r.edi = (u32)&map[n];
        bios(0x15, &r);
        if (r.flags & CARRY)
            break;
        EXPECT("INT 15h, E820h", r.eax, SMAP);
        n++;
    } while (r.ebx && n < 32);
    return n;
}

static void memory(void)
{
    u32 n = read_map(), below = 0, above = 0, kilobytes;
    struct bios r = { 0 };

    for (u32 i = 0; i < n; i++) {
        if (i && map[i].start < map[i - 1].start + map[i - 1].size)
            FAIL("the ranges of memory overlap, or are not in order");
        if (map[i].type == 1 && map[i].start == 0)
            below = (u32)map[i].size;
        if (map[i].type == 1 && map[i].start == MEBIBYTE)
            above = (u32)map[i].size;
    }
    bios(0x12, &r);
    kilobytes = r.eax & 0xffff;
    EXPECT("KiB of memory below 640, by the map", below >> 10, kilobytes);
    EXPECT("by what the firmware has at 0:413H", word_at(0x413), kilobytes);
    r = (struct bios){ .eax = 0x8800 };
    bios(0x15, &r);
    EXPECT("INT 15h, 88h", r.flags & CARRY, 0);
    if (!above || (r.eax & 0xffff) < above >> 10 || (r.eax & 0xffff) > (above >> 10) + 1024)
        FAIL("KiB of memory above 1 MiB are %lu by INT 15h, 88h, and %lu by the map", r.eax & 0xfffful,
             (unsigned long)above >> 10);
    widen_fs();
    wide_write(MEBIBYTE + above - 4, 0x1badcafe);
    EXPECT("the last word of it", wide_read(MEBIBYTE + above - 4), 0x1badcafe);
}

/* The address line that a PC may hold at 0. */
static void line_20(void)
{
    struct bios r = { .eax = 0x2401 };
    u8 value;

    bios(0x15, &r);
    EXPECT("INT 15h, 2401h", r.flags & CARRY, 0);
    r = (struct bios){ .eax = 0x2402 };
    bios(0x15, &r);
    EXPECT("the line is on", r.eax & 0xff, 1);
    wide_write(MEBIBYTE + 0x500, 0x77);
    *at(0x500) = 0x33;
    asm volatile("movw %w1, %%es; movb %%es:0x510, %0; movw %w2, %%es" : "=q" (value) : "r" (0xffff), "r" (0));
    EXPECT("FFFF:0510", value, 0x77);
    EXPECT("0000:0500", *at(0x500), 0x33);
}

/* ---- The disk that this has been read from */

static u8 sector[2][SECTOR];
static struct { u8 size, zero; u16 count; struct far to; u64 from; } tight packet;

static bool read_sector(u64 block, u8 *to)
{
    struct bios r = { .eax = 0x4200, .edx = boot_drive, .esi = (u32)&packet };

    __typeof__(packet) wanted = { .size = 16, .count = 1, .to = { (u16)(u32)to, 0 }, .from = block };
    packet = wanted;
    bios(0x13, &r);
    return !(r.flags & CARRY);
}

static void disk(void)
{
    struct bios r = { .eax = 0x0201, .ecx = 1, .edx = boot_drive, .ebx = (u32)sector[1] };

    EXPECT("a sector by its number", read_sector(0, sector[0]), true);
    EXPECT("its mark", sector[0][510] | sector[0][511] << 8, 0xaa55);
    EXPECT("its first byte", sector[0][0], *at(0x7c00));
    bios(0x13, &r);
    EXPECT("the same by cylinder, head and sector", r.flags & CARRY, 0);
    for (u32 i = 0; i < SECTOR; i++)
        if (sector[0][i] != sector[1][i]) {
            FAIL("byte %lu of the sector is another one", (unsigned long)i);
            break;
        }
    EXPECT("a sector behind the disk's end", read_sector(1ull << 40, sector[0]), false);
}

static void print(const char *text)
{
    while (*text) {
        struct bios r = { .eax = 0x0e00 | (u8)*text++ };

        bios(0x10, &r);
    }
}

/* ---- The firmware's clock, counted by interrupts that the firmware handles */

static u32 ticks(void)
{
    struct bios r = { 0 };

    bios(0x1a, &r);
    return r.ecx << 16 | (r.edx & 0xffff);
}

static void clock(void)
{
    u32 before = ticks();

    for (u32 i = 0; i < 1000 && ticks() < before + 2; i++)
        asm volatile("sti; hlt" ::: "memory");
    if (ticks() < before + 2)
        FAIL("the firmware's clock stands");
}

/* ---- Controllers and timers by their ports */

static u8 pic_read(u16 port, u8 what)
{
    out8(port, what);
    return in8(port);
}

static void start_timer(u8 mode, u16 count)
{
    out8(PIT_CONTROL, (u8)(0x30 | mode << 1));
    out8(PIT, (u8)count);
    out8(PIT, (u8)(count >> 8));
}

/* Interrupts on until one has come. */
static void wait(u8 vector, u32 number)
{
    for (u32 i = 0; i < 100 && interrupts[vector] < number; i++)
        asm volatile("sti; hlt; cli" ::: "memory");
}

static void timer(void)
{
    u16 first, second;

    start_timer(0, 2000);
    out8(PIT_CONTROL, 0);
    first = in8(PIT);
    first |= (u16)(in8(PIT) << 8);
    out8(PIT_CONTROL, 0);
    second = in8(PIT);
    second |= (u16)(in8(PIT) << 8);
    if (first > 2000 || second >= first)
        FAIL("the timer counts from %u to %u", first, second);
    wait(TIMER_VECTOR, 1);
    EXPECT("the timer's interrupt", interrupts[TIMER_VECTOR], 1);
    EXPECT("in service", pic_read(PIC, PIC_READ_ISR), 1);
    start_timer(0, 100);
    for (u32 i = 0; i < 1000 && !(pic_read(PIC, PIC_READ_IRR) & 1); i++)
        ;
    EXPECT("the next is asked for", pic_read(PIC, PIC_READ_IRR) & 1, 1);
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT("while one is in service", interrupts[TIMER_VECTOR], 1);
    out8(PIC, PIC_EOI);
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT("after its end", interrupts[TIMER_VECTOR], 2);
    out8(PIC, PIC_EOI);
    EXPECT("in service then", pic_read(PIC, PIC_READ_ISR), 0);
}

static void set_vectors(u8 base)
{
    u8 mask = in8(PIC + 1);

    out8(PIC, PIC_ICW1);
    out8(PIC + 1, base);
    out8(PIC + 1, 4);
    out8(PIC + 1, 1);
    out8(PIC + 1, mask);
}

static void other_vectors(void)
{
    struct far old = take_vector(OTHER_BASE);

    set_vectors(OTHER_BASE);
    out8(PIC + 1, 0xff);
    start_timer(0, 100);
    for (u32 i = 0; i < 1000 && !(pic_read(PIC, PIC_READ_IRR) & 1); i++)
        ;
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT("an interrupt that is masked", interrupts[OTHER_BASE], 0);
    out8(PIC + 1, 0xfe);
    wait(OTHER_BASE, 1);
    EXPECT("by the other vector", interrupts[OTHER_BASE], 1);
    out8(PIC, PIC_EOI);
    set_vectors(TIMER_VECTOR);
    give_vector(OTHER_BASE, old);
}

static u8 rtc(u8 reg) { out8(RTC, reg); return in8(RTC + 1); }
static void set_rtc(u8 reg, u8 value) { out8(RTC, reg); out8(RTC + 1, value); }

/* Its interrupt comes by both controllers, and not again before the cause is read. */
static void real_time_clock(void)
{
    struct far old = take_vector(RTC_VECTOR);
    u8 a = rtc(10), b = rtc(11), masks[2] = { in8(PIC + 1), in8(PIC_SLAVE + 1) };

    if (rtc(0x32) < 0x20 || rtc(8) < 1 || rtc(8) > 0x12)
        FAIL("the clock's century is %x, its month %x", rtc(0x32), rtc(8));
    EXPECT("its memory is good", rtc(13), 0x80);
    (void)rtc(12);
    out8(PIC + 1, 0xfb);
    out8(PIC_SLAVE + 1, 0xfe);
    set_rtc(10, 0x26);                     /* 1,024 a second */
    set_rtc(11, b | 0x40);
    wait(RTC_VECTOR, 1);
    EXPECT("the clock's interrupt", interrupts[RTC_VECTOR], 1);
    EXPECT("in service, second controller", pic_read(PIC_SLAVE, PIC_READ_ISR), 1);
    EXPECT("in service, first controller", pic_read(PIC, PIC_READ_ISR), 4);
    EXPECT("its cause", rtc(12) & 0xc0, 0xc0);
    out8(PIC_SLAVE, PIC_EOI);
    out8(PIC, PIC_EOI);
    wait(RTC_VECTOR, 2);
    EXPECT("the next one", interrupts[RTC_VECTOR], 2);
    out8(PIC_SLAVE, PIC_EOI);
    out8(PIC, PIC_EOI);
    set_rtc(11, b);
    set_rtc(10, a);
    (void)rtc(12);
    out8(PIC + 1, masks[0]);
    out8(PIC_SLAVE + 1, masks[1]);
    give_vector(RTC_VECTOR, old);
}

/* ---- What the device model has */

static u8 from_keyboard(u8 command)
{
    for (u32 i = 0; i < 16 && in8(KEYBOARD_CONTROL) & 1; i++)
        (void)in8(KEYBOARD);
    out8(KEYBOARD_CONTROL, command);
    for (u32 i = 0; i < 1000 && !(in8(KEYBOARD_CONTROL) & 1); i++)
        ;
    return in8(KEYBOARD);
}

static u32 pci(u32 device, u32 reg)
{
    u32 value, address = 1u << 31 | device << 11 | reg;

    asm volatile("outl %0, %w1" :: "a" (address), "d" (PCI_ADDRESS));
    asm volatile("inl %w1, %0" : "=a" (value) : "d" (PCI_DATA));
    return value;
}

static void devices(void)
{
    u32 found = 0;
    u16 half;

    EXPECT("the keyboard controller's test", from_keyboard(0xaa), 0x55);
    for (u32 device = 0; device < 32; device++)
        found += pci(device, 0) != ~0u;
    if (found < 2 || found == 32)
        FAIL("%lu of 32 PCI devices", (unsigned long)found);
    EXPECT("the first is a host bridge", pci(0, 8) >> 16, 0x0600);
    asm volatile("inw %w1, %0" : "=a" (half) : "d" (PCI_DATA + 2));
    EXPECT("half of a register", half, 0x0600);
}

void test_main(void)
{
    struct far old;

    memory();
    line_20();
    disk();
    print("real mode\r\n");
    clock();
    interrupts_off();
    old = take_vector(TIMER_VECTOR);
    out8(PIC + 1, 0xfe);
    timer();
    other_vectors();
    real_time_clock();
    give_vector(TIMER_VECTOR, old);
    devices();
}
