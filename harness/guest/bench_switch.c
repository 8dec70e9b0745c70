// SPDX-License-Identifier: MIT
// The benchmark guest's operations that switch: between processes, between threads, between CPUs.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

// ---- the round trip through two pipes: a byte there, the byte plus one back
static int there[2], back[2];
static unsigned int trips;

static void *echo(void *unused)
{
    unsigned char byte;
    while (read(there[0], &byte, 1) == 1) {
        byte++;
        if (write(back[1], &byte, 1) != 1)
            break;
    }
    return unused;
}

static const char *pipe_prepare(unsigned int count)
{
    (void)count;
    if (there[1])
        return NULL;
    if (pipe(there) || pipe(back))
        return fault("pipe");
    pid_t child = fork();
    if (child < 0)
        return fault("fork");
    if (!child) {
        close(there[1]);
        echo(NULL);
        _exit(0);
    }
    return NULL;
}

// A thread that lives as long as the process.
static const char *start(void *(*does)(void *))
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, does, NULL);
    return error ? "no thread can be started" : NULL;
}

static const char *thread_prepare(unsigned int count)
{
    (void)count;
    if (there[1])
        return NULL;
    if (pipe(there) || pipe(back))
        return fault("pipe");
    return start(echo);
}

static const char *pipe_run(unsigned int count)
{
    trips = 0;
    for (unsigned int i = 0; i < count; i++) {
        unsigned char out = i, in;
        if (write(there[1], &out, 1) != 1 || read(back[0], &in, 1) != 1)
            return fault("pipe");
        trips += in == (unsigned char)(out + 1);
    }
    return NULL;
}

static const char *trips_check(unsigned int count) { return trips == count ? NULL : "a wrong answer came back"; }

// ---- between two CPUs
static const char *one_cpu(void)
{
    return sysconf(_SC_NPROCESSORS_ONLN) < 2 ? "there is one CPU" : NULL;
}

static void to_second_cpu(void)
{
    cpu_set_t second;
    CPU_ZERO(&second);
    CPU_SET(1, &second);
    sched_setaffinity(0, sizeof second, &second);
}

// ---- a thread wakes one that sleeps on the other CPU, and sleeps until that one has woken it. An even number is the first
// thread's to answer, an odd one the second's.
static _Atomic unsigned int turn;

static void hand_over(void)
{
    turn++;
    syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void sleep_while(unsigned int value)
{
    while (turn == value)
        syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void *answer(void *unused)
{
    to_second_cpu();
    for (unsigned int mine = 1;; mine += 2) {
        sleep_while(mine - 1);
        hand_over();
    }
    return unused;
}

static const char *futex_prepare(unsigned int count)
{
    static bool started;
    (void)count;
    if (started)
        return NULL;
    started = true;
    return start(answer);
}

static const char *futex_run(unsigned int count)
{
    unsigned int before = turn;
    for (unsigned int i = 0; i < count; i++) {
        unsigned int other = turn + 1;
        hand_over();
        sleep_while(other);
    }
    trips = (turn - before) / 2;
    return NULL;
}

// ---- an interrupt to the other CPU, where a thread of this process runs, and its answer
static void *spin(void *unused)
{
    to_second_cpu();
    for (;;)
        asm volatile("pause");
    return unused;
}

// Interrupts to call a function that the second CPU has taken; the line of /proc/interrupts that begins with CAL.
static unsigned long calls_taken(void)
{
    char line[4096];
    unsigned long first, second = 0;
    FILE *interrupts = fopen("/proc/interrupts", "re");
    while (interrupts && fgets(line, sizeof line, interrupts))
        if (sscanf(line, " CAL: %lu %lu", &first, &second) == 2)
            break;
    if (interrupts)
        fclose(interrupts);
    return second;
}

static unsigned long calls_before;

static const char *barrier_prepare(unsigned int count)
{
    static bool started;
    (void)count;
    if (!started) {
        const char *bad = start(spin);
        if (bad)
            return bad;
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
            return fault("membarrier");
        started = true;
        usleep(20000);    // the thread has to be on its CPU
    }
    calls_before = calls_taken();
    return NULL;
}

static const char *barrier_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))
            return fault("membarrier");
    return NULL;
}

// The other CPU may have been at something else a few times: then it needs no interrupt.
static const char *barrier_check(unsigned int count)
{
    return calls_taken() - calls_before >= count - count / 20 ? NULL : "the other CPU was not interrupted";
}

// The pipe's first rounds are cheaper: the guest's scheduler takes some 1,500 trips to settle.
const struct operation switch_operations[] = {
    { "pipe_trip", 500, 4, .prepare = pipe_prepare, .run = pipe_run, .check = trips_check },
    { "thread_trip", 500, 4, .prepare = thread_prepare, .run = pipe_run, .check = trips_check },
    { "futex_trip", 200, 2, .prepare = futex_prepare, .run = futex_run, .check = trips_check, .absent = one_cpu },
    { "membarrier_ipi", 200, 1, .prepare = barrier_prepare, .run = barrier_run, .check = barrier_check, .absent = one_cpu },
    { 0 },
};
