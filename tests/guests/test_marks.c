/* SPDX-License-Identifier: MIT */
/* Marks that a program makes round what it does: /mode/0/marks says how often, and the parts of what that took add up to the
 * whole. An end without a beginning, another operation's end and numbers out of range make no account. */
#include <xen/hypfs.h>

#include "lib/guest.h"
#include "lib/user.h"

#define PATH "/mode/0/marks"
#define UD 6
#define BEGIN "1"
#define END "2"
#define FIRST 7
#define SECOND 100
#define ROUNDS 5

static u8 kernel_stack[8192] aligned(16);
static char text[16384];

/* In user mode: begin, something to do, end. */
#define MARKED(begin, end, work) TRY_IN_USER(0x200, "mov $" BEGIN ", %%eax; mov %[b], %%edi; vmmcall;" work "; mov $" END \
    ", %%eax; mov %[e], %%edi; vmmcall; xor %%eax, %%eax; xor %%edi, %%edi; ud2", [b] "i" (begin), [e] "i" (end), \
    "a" (0), "D" (0))

static const char *read_marks(void)
{
    struct xen_hypfs_direntry *entry = (struct xen_hypfs_direntry *)text;
    long rc = hypercall(__HYPERVISOR_hypfs_op, XEN_HYPFS_OP_read, (unsigned long)PATH, sizeof(PATH), (unsigned long)text,
                        sizeof(text), 0);

    EXPECT("reading " PATH, rc, 0);
    EXPECT("its length", entry->content_len < sizeof(text) - sizeof(*entry), true);
    return text + sizeof(*entry);
}

/* The next number, or 0 at the end of a line. */
static const char *number(const char *p, u64 *value)
{
    bool negative;

    while (*p && *p != '\n' && !(*p >= '0' && *p <= '9'))
        p++;
    negative = p[-1] == '-';
    for (*value = 0; *p >= '0' && *p <= '9'; p++)
        *value = *value * 10 + (u64)(*p - '0');
    if (negative)
        *value = -*value;
    return p;
}

/* The last number of a line, and the one before it. */
static const char *line(const char *p, u64 *mark, u64 *count, u64 *ticks)
{
    u64 value;

    p = number(p, mark);
    for (*count = *ticks = 0; *p && *p != '\n'; ) {
        p = number(p, &value);
        if (*p != '\n' && *p != ' ' && *p)
            continue;                            /* of a name */
        *count = *ticks;
        *ticks = value;
    }
    return *p ? p + 1 : p;
}

/* Of a mark's lines the first is the whole. */
static void adds_up(u64 wanted, u64 rounds)
{
    const char *p = read_marks();
    u64 mark, count, ticks, all = 0, sum = 0, lines = 0;

    while (*p && *p != '\n')
        p++;
    for (p++; *p; ) {
        p = line(p, &mark, &count, &ticks);
        if (mark != wanted)
            continue;
        if (lines++) {
            sum += ticks;
            continue;
        }
        EXPECT("how often", count, rounds);
        all = ticks;
    }
    EXPECT("its lines", rounds ? lines > 4 : lines == 0, true);
    EXPECT("the sum of the parts", sum, all);
    EXPECT("something", !rounds || all > 100, true);
}

void test_main(void)
{
    if (!on_prism()) {
        verdict(SKIP, "marks are Prism's own");
        return;
    }
    user_mode_begin(kernel_stack + sizeof(kernel_stack));
    adds_up(FIRST, 0);
    for (unsigned int i = 0; i < ROUNDS; i++)
        EXPECT("a bracket", MARKED(FIRST, FIRST, "mov $300, %%ecx; 4: loop 4b"), UD);
    adds_up(FIRST, ROUNDS);
    EXPECT("a bracket round nothing", MARKED(SECOND, SECOND, "nop"), UD);
    adds_up(SECOND, 1);
    EXPECT("another's end", MARKED(SECOND, FIRST, "nop"), UD);
    EXPECT("an end out of range", MARKED(SECOND, 128, "nop"), UD);
    EXPECT("a beginning out of range", MARKED(1000000, SECOND, "nop"), UD);
    adds_up(FIRST, ROUNDS);
    adds_up(SECOND, 1 + 1);   /* begun by the one before */
}
