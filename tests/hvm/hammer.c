/* SPDX-License-Identifier: MIT */
/* A guest's process with all rights against the devices of its PC. In each stage two threads, each
 * on a CPU of its own, make COUNT accesses to ports and device memory, of every width and by every kind of instruction, to
 * places and with values that a seeded generator picks. Stages, the gentlest first:
 *     read        all devices, no writes
 *     write       what does not end a kernel that has no use for it: timers, clock, display, old interrupt controller
 *     interrupts  I/O and local APICs as well
 *     all         every port and register; the machine may well go down
 * hammer SEED COUNT FIRST LAST makes the stages from FIRST to LAST; hammer jump executes what stands in the HPET's registers.
 * What it has to say goes into the kernel's log, whose console needs no interrupts. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>

#define THREADS 2
#define PAGE 4096u
#define BUFFER (2 * PAGE)
#define PLACES 96
#define LARGEST 0x10000u          /* bytes of a memory region that are mapped */
#define PATIENCE 200000000u       /* turns of waiting for the other thread, which may be stopped for good */
#define HPET 0xfed00000u

enum level { READ, WRITE, INTERRUPTS, ALL };
static const char *const stages[] = { "read", "write", "interrupts", "all" };

/* level: the first stage in which it is written to. A write of four bytes that begins in a place may reach beyond it, so
 * those of WRITE end before a port that resets the machine (92H, CF9H). */
struct place { uint64_t first; uint32_t size; enum level level; int memory; volatile uint8_t *at; };

#define PORTS(first, size, level) { (first), (size), (level), 0, NULL }
#define MEMORY(first, size, level) { (first), (size), (level), 1, NULL }
static struct place places[PLACES] = {
    PORTS(0x20, 2, WRITE), PORTS(0xa0, 2, WRITE), PORTS(0x4d0, 2, WRITE), PORTS(0x40, 4, WRITE), PORTS(0x61, 1, WRITE),
    PORTS(0x70, 4, WRITE), PORTS(0x80, 13, WRITE), PORTS(0x3b0, 48, WRITE), PORTS(0x378, 3, WRITE), PORTS(0xcf8, 1, WRITE),
    PORTS(0x00, 16, ALL), PORTS(0x10, 4, ALL), PORTS(0xc0, 32, ALL), PORTS(0x60, 5, ALL), PORTS(0x92, 1, ALL),
    PORTS(0xb2, 2, ALL), PORTS(0x1f0, 8, ALL), PORTS(0x3f6, 1, ALL), PORTS(0x170, 8, ALL), PORTS(0x376, 1, ALL),
    PORTS(0x3f0, 6, ALL), PORTS(0xcf9, 7, ALL), PORTS(0xb000, 64, ALL), PORTS(0xafe0, 4, ALL), PORTS(0xae00, 48, ALL),
    PORTS(0, 0x3f0, ALL), PORTS(0x400, 0xfc00, ALL),
    MEMORY(HPET, 0x1010, WRITE), MEMORY(0xa0000, 0x10000, WRITE), MEMORY(0xb0000, 0x10000, WRITE),
    MEMORY(0xfec00000, 0x50, INTERRUPTS), MEMORY(0xfee00000, 0x1000, INTERRUPTS), MEMORY(0xfed80000, 0x1000, ALL),
};

struct worker {
    pthread_t thread;
    int id;
    uint64_t random;
    enum level level;
    uint32_t accesses, signals;
    uint8_t *buffer;               /* of BUFFER bytes, and no page behind it */
    sigjmp_buf back;
};

static struct worker workers[THREADS];
static uint32_t nr_places, count;
static enum level first_level, last_level;
static volatile uint32_t arrived[ALL + 1];
static __thread struct worker *me;

static void say(const char *format, ...)
{
    char text[200];
    va_list args;
    int log = open("/dev/kmsg", O_WRONLY), n;

    va_start(args, format);
    n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (log < 0 || write(log, text, (size_t)n) != n)
        perror("/dev/kmsg");
    close(log);
}

static void must(int good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(1);
}

/* ---- Where: the fixed places of a PC, and what its PCI functions have */

/* A string instruction that runs on meets a page more of the machine's, or none, but nothing of this process. */
static volatile uint8_t *map(uint64_t address, uint32_t size, int rights)
{
    int memory = open("/dev/mem", O_RDWR | O_SYNC);
    uint8_t *room = mmap(NULL, size + 6 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *at;

    must(memory >= 0 && room != MAP_FAILED, "/dev/mem");
    at = mmap(room + 2 * PAGE, size + PAGE, rights, MAP_SHARED | MAP_FIXED, memory, (off_t)address);
    close(memory);
    return at == MAP_FAILED ? NULL : at;
}

static void add_function(const char *path)
{
    unsigned long first, last, flags;
    FILE *file = fopen(path, "r");

    while (file && nr_places < PLACES && fscanf(file, "%lx %lx %lx", &first, &last, &flags) == 3)
        if (flags & 0x300)         /* IORESOURCE_IO, IORESOURCE_MEM */
            places[nr_places++] = (struct place){ first, last - first < LARGEST ? (uint32_t)(last - first + 1) : LARGEST, ALL,
                                                  !(flags & 0x100), NULL };
    if (file)
        fclose(file);
}

static void find_places(void)
{
    glob_t functions;
    uint32_t i, kept = 0;

    while (places[nr_places].size)
        nr_places++;
    if (glob("/sys/bus/pci/devices/*/resource", 0, NULL, &functions) == 0)
        for (size_t n = 0; n < functions.gl_pathc; n++)
            add_function(functions.gl_pathv[n]);
    for (i = 0; i < nr_places; i++) {
        if (places[i].memory)
            places[i].at = map(places[i].first, places[i].size, PROT_READ | PROT_WRITE);
        if (!places[i].memory || places[i].at)
            places[kept++] = places[i];
    }
    nr_places = kept;
}

/* ---- What */

static uint64_t draw(uint64_t below)
{
    me->random ^= me->random << 13;
    me->random ^= me->random >> 7;
    me->random ^= me->random << 17;
    return below ? (me->random * 0x2545f4914f6cdd1dull >> 11) % below : 0;
}

static uint64_t value(void)
{
    switch (draw(5)) {
    case 0: return 0;
    case 1: return ~0ull;
    case 2: return 1ull << draw(64);
    default: return draw(0) ^ me->random * 0x9e3779b97f4a7c15ull;
    }
}

/* Memory for a string instruction: the buffer, its very end, or another device. */
static volatile uint8_t *memory_for_string(void)
{
    const struct place *p = &places[draw(nr_places)];

    if (p->at && draw(4) == 0 && p->level <= me->level)
        return p->at + draw(p->size);
    return me->buffer + draw(draw(4) ? PAGE : BUFFER);
}

/* Units of a string instruction. */
static unsigned long length(void)
{
    return 1 + draw(draw(16) ? 4 : 400);
}

static void read_port(uint16_t port)
{
    volatile uint8_t *to = memory_for_string();
    unsigned long n = length();

    if (me->level == READ)
        to = me->buffer;
    switch (draw(6)) {
    case 0: (void)inb(port); break;
    case 1: (void)inw(port); break;
    case 2: (void)inl(port); break;
    case 3: asm volatile("rep insb" : "+D" (to), "+c" (n) : "d" (port) : "memory"); break;
    case 4: asm volatile("rep insw" : "+D" (to), "+c" (n) : "d" (port) : "memory"); break;
    default: asm volatile("rep insl" : "+D" (to), "+c" (n) : "d" (port) : "memory"); break;
    }
}

static void write_port(uint16_t port)
{
    volatile uint8_t *from = memory_for_string();
    unsigned long n = length();
    uint64_t v = value();

    switch (draw(6)) {
    case 0: outb((uint8_t)v, port); break;
    case 1: outw((uint16_t)v, port); break;
    case 2: outl((uint32_t)v, port); break;
    case 3: asm volatile("rep outsb" : "+S" (from), "+c" (n) : "d" (port) : "memory"); break;
    case 4: asm volatile("rep outsw" : "+S" (from), "+c" (n) : "d" (port) : "memory"); break;
    default: asm volatile("rep outsl" : "+S" (from), "+c" (n) : "d" (port) : "memory"); break;
    }
}

static void read_memory(volatile uint8_t *p)
{
    uint8_t *to = me->buffer;
    unsigned long n = length(), v = 0;

    switch (draw(8)) {
    case 0: asm volatile("movzbl (%1), %k0" : "=r" (v) : "r" (p) : "memory"); break;
    case 1: asm volatile("movswl (%1), %k0" : "=r" (v) : "r" (p) : "memory"); break;
    case 2: asm volatile("movl (%1), %k0" : "=r" (v) : "r" (p) : "memory"); break;
    case 3: asm volatile("movq (%1), %0" : "=r" (v) : "r" (p) : "memory"); break;
    case 4: asm volatile("rep movsb" : "+S" (p), "+D" (to), "+c" (n) :: "memory"); break;
    case 5: asm volatile("rep movsl" : "+S" (p), "+D" (to), "+c" (n) :: "memory"); break;
    case 6: asm volatile("repne scasb" : "+D" (p), "+c" (n) : "a" (0x5a) : "memory", "cc"); break;
    default: asm volatile("movups (%0), %%xmm0" :: "r" (p) : "memory", "xmm0"); break;
    }
}

static void write_memory(volatile uint8_t *p)
{
    volatile uint8_t *from = memory_for_string();
    unsigned long n = length(), v = value();

    switch (draw(14)) {
    case 0: asm volatile("movb %b0, (%1)" :: "q" (v), "r" (p) : "memory"); break;
    case 1: asm volatile("movw %w0, (%1)" :: "r" (v), "r" (p) : "memory"); break;
    case 2: case 3: case 4: asm volatile("movl %k0, (%1)" :: "r" (v), "r" (p) : "memory"); break;
    case 5: asm volatile("movq %0, (%1)" :: "r" (v), "r" (p) : "memory"); break;
    case 6: asm volatile("rep movsb" : "+S" (from), "+D" (p), "+c" (n) :: "memory"); break;
    case 7: asm volatile("std; rep stosl; cld" : "+D" (p), "+c" (n) : "a" (v) : "memory"); break;
    case 8: asm volatile("lock xaddl %k0, (%1)" : "+r" (v) : "r" (p) : "memory", "cc"); break;
    case 9: asm volatile("lock cmpxchgq %0, (%1)" :: "r" (v), "r" (p), "a" (n) : "memory", "cc"); break;
    case 10: asm volatile("xchgw %w0, (%1)" : "+r" (v) : "r" (p) : "memory"); break;
    case 11: asm volatile("notl (%0)" :: "r" (p) : "memory", "cc"); break;
    case 12: asm volatile("btsl %k0, (%1)" :: "r" ((uint32_t)draw(64)), "r" (p) : "memory", "cc"); break;
    default: asm volatile("movups %%xmm0, (%0)" :: "r" (p) : "memory"); break;
    }
}

static void one_access(void)
{
    const struct place *p = &places[draw(nr_places)];
    uint32_t offset = (uint32_t)draw(p->size);
    int writes = p->level <= me->level && draw(3);

    if (p->memory && draw(4))
        offset &= ~(draw(2) ? 3u : 15u);
    if (p->memory && writes)
        write_memory(p->at + offset);
    else if (p->memory)
        read_memory(p->at + offset);
    else if (writes)
        write_port((uint16_t)(p->first + offset));
    else if (((p->first + offset) & ~7ull) != 0x3f8)    /* else it would take what is typed at the console */
        read_port((uint16_t)(p->first + offset));
}

/* ---- Two threads */

static void on_signal(int signal)
{
    (void)signal;
    asm volatile("cld");
    me->signals++;
    siglongjmp(me->back, 1);
}

static void wait_for_others(enum level level)
{
    __sync_fetch_and_add(&arrived[level], 1);
    for (uint32_t turn = 0; turn < PATIENCE && arrived[level] < THREADS; turn++)
        asm volatile("pause");
}

static void *work(void *argument)
{
    cpu_set_t cpu;

    me = argument;
    CPU_ZERO(&cpu);
    CPU_SET(me->id, &cpu);
    must(sched_setaffinity(0, sizeof(cpu), &cpu) == 0, "sched_setaffinity");
    must(iopl(3) == 0, "iopl");
    for (me->level = first_level; me->level <= last_level; me->level++) {
        wait_for_others(me->level);
        me->accesses = me->signals = 0;
        sigsetjmp(me->back, 0);
        while (me->accesses < count) {
            me->accesses++;
            one_access();
        }
        say("<1>HAMMER %s cpu %d: %u accesses, %u signals\n", stages[me->level], me->id, me->accesses, me->signals);
    }
    return NULL;
}

static void jump(void)
{
    void (*there)(void) = (void (*)(void))(uintptr_t)map(HPET, PAGE, PROT_READ | PROT_EXEC);

    must(there != NULL, "HPET");
    say("<1>HAMMER jumps\n");
    there();
    say("<1>HAMMER came back\n");
}

static void start(int id, uint64_t seed)
{
    struct worker *w = &workers[id];

    w->id = id;
    w->random = (seed * THREADS + (unsigned int)id + 1) * 0x9e3779b97f4a7c15ull | 1;
    w->buffer = mmap(NULL, BUFFER + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    must(w->buffer != MAP_FAILED && mprotect(w->buffer + BUFFER, PAGE, PROT_NONE) == 0, "memory");
    must(pthread_create(&w->thread, NULL, work, w) == 0, "thread");
}

static enum level level_of(const char *name)
{
    for (unsigned int i = 0; i <= ALL; i++)
        if (!strcmp(name, stages[i]))
            return (enum level)i;
    fprintf(stderr, "there is no stage %s\n", name);
    exit(2);
}

int main(int words, char **word)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_NODEFER };
    static const int signals[] = { SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGTRAP };

    if (words == 2 && !strcmp(word[1], "jump")) {
        jump();
        return 0;
    }
    if (words != 5) {
        fprintf(stderr, "usage: hammer SEED COUNT FIRST LAST | hammer jump\n");
        return 2;
    }
    count = (uint32_t)strtoul(word[2], NULL, 0);
    first_level = level_of(word[3]);
    last_level = level_of(word[4]);
    find_places();
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
    for (int id = 0; id < THREADS; id++)
        start(id, strtoull(word[1], NULL, 0));
    for (int id = 0; id < THREADS; id++)
        pthread_join(workers[id].thread, NULL);
    say("<1>HAMMER over\n");
    return 0;
}
