/* SPDX-License-Identifier: MIT */
/* The second vCPU reads one place without end, and so keeps what its TLB says of it. The first changes what is there and asks
 * for a read that begins after that. For test_smp_tlb*.c. */
#ifndef PRISM_TESTS_READER_H
#define PRISM_TESTS_READER_H

#include "lib/guest.h"

#define FAULT 0xfau                         /* in place of a value: the page is not there */

static const volatile u32 *volatile place;
static void (*volatile reader_job)(void);   /* done by the reader, before it answers */
static volatile u32 asked, answered, answer;
static volatile bool reader_ends;
extern u8 read_at[], read_past[];

static bool step_over_read(struct trap_frame *frame)
{
    if (frame->vector != 14 || frame->rip != (unsigned long)read_at)
        return false;
    frame->rip = (unsigned long)read_past;
    return true;
}

/* noinline: the labels may be there once. */
static __attribute__((__noinline__)) u32 read_unless_fault(const volatile u32 *from)
{
    u32 value = FAULT;

    asm volatile(".globl read_at, read_past\nread_at: mov (%1), %0\nread_past:" : "+r" (value) : "r" (from) : "memory");
    return value;
}

static void reader(void)
{
    while (!reader_ends) {
        u32 question = asked, value;

        if (reader_job) {
            reader_job();
            reader_job = NULL;
        }
        value = read_unless_fault(place);
        if (question != answered) {
            answer = value;
            answered = question;
        }
    }
}

/* What the second vCPU reads from now on. */
static inline u32 ask_reader(void)
{
    asked++;
    (void)wait_for_other(&answered, asked, "the second vCPU does not answer");
    return answer;
}

/* It does this, between two reads. */
static inline void on_reader(void (*job)(void))
{
    reader_job = job;
    (void)ask_reader();
}

/* It has read this before, and more than once. */
static inline void expect_before(const char *how, u32 value)
{
    (void)ask_reader();
    EXPECT(how, ask_reader(), value);
}

#endif
