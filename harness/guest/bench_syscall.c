// SPDX-License-Identifier: MIT
// The benchmark guest's system calls, and clock_gettime, which is one only where the kernel cannot spare it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define A_FILE "/etc/hostname"

static unsigned int done;    // how many of a round's operations have shown that they were done

static const char *all_done(unsigned int count) { return done == count ? NULL : "not every one did what it should"; }

// ---- the null system call
static pid_t parent;

static const char *getppid_prepare(unsigned int count)
{
    (void)count;
    parent = getppid();
    return NULL;
}

static const char *getppid_run(unsigned int count)
{
    done = 0;
    for (unsigned int i = 0; i < count; i++)
        done += syscall(SYS_getppid) == parent;
    return NULL;
}

// ---- a byte
static int file = -1;

static const char *open_once(const char *name, int flags)
{
    if (file < 0 && (file = open(name, flags)) < 0)
        return fault(name);
    return NULL;
}

static const char *read_prepare(unsigned int count)
{
    (void)count;
    return open_once("/dev/zero", O_RDONLY);
}

static const char *read_run(unsigned int count)
{
    done = 0;
    for (unsigned int i = 0; i < count; i++) {
        char byte = 1;
        done += read(file, &byte, 1) == 1 && !byte;
    }
    return NULL;
}

static const char *write_prepare(unsigned int count)
{
    (void)count;
    return open_once("/dev/null", O_WRONLY);
}

static const char *write_run(unsigned int count)
{
    done = 0;
    for (unsigned int i = 0; i < count; i++)
        done += write(file, "", 1) == 1;
    return NULL;
}

// ---- a file by name
static struct stat file_is;

static const char *stat_prepare(unsigned int count)
{
    const char *bad = open_once(A_FILE, O_RDONLY);
    (void)count;
    return bad ? bad : fstat(file, &file_is) ? fault(A_FILE) : NULL;
}

static const char *stat_run(unsigned int count)
{
    done = 0;
    for (unsigned int i = 0; i < count; i++) {
        struct stat now;
        done += !stat(A_FILE, &now) && now.st_ino == file_is.st_ino && now.st_size == file_is.st_size;
    }
    return NULL;
}

static const char *open_run(unsigned int count)
{
    done = 0;
    for (unsigned int i = 0; i < count; i++) {
        int opened = open(A_FILE, O_RDONLY);
        done += opened > file && !close(opened);
    }
    return NULL;
}

// ---- signals: two handlers by turns, and one that counts
static volatile unsigned int delivered;

static void handler(int number) { (void)number; delivered++; }
static void other_handler(int number) { (void)number; }

static const char *install_run(unsigned int count)
{
    struct sigaction one = { .sa_handler = handler }, two = { .sa_handler = other_handler }, was;
    sigaction(SIGUSR1, &two, NULL);
    done = 0;
    for (unsigned int i = 0; i < count; i++)
        done += !sigaction(SIGUSR1, i & 1 ? &two : &one, &was) && was.sa_handler == (i & 1 ? handler : other_handler);
    return NULL;
}

static const char *deliver_prepare(unsigned int count)
{
    struct sigaction on = { .sa_handler = handler };
    (void)count;
    delivered = 0;
    return sigaction(SIGUSR1, &on, NULL) ? fault("sigaction") : NULL;
}

static const char *deliver_run(unsigned int count)
{
    pid_t self = getpid();
    for (unsigned int i = 0; i < count; i++)
        if (kill(self, SIGUSR1))
            return fault("kill");
    done = delivered;
    return NULL;
}

// ---- the time, and where the caller is
static const char *clock_run(unsigned int count)
{
    struct timespec before = { 0 }, now;
    done = 0;
    for (unsigned int i = 0; i < count; i++) {
        done += !clock_gettime(CLOCK_MONOTONIC, &now)
            && (now.tv_sec > before.tv_sec || (now.tv_sec == before.tv_sec && now.tv_nsec >= before.tv_nsec));
        before = now;
    }
    return NULL;
}

static const char *getcpu_run(unsigned int count)
{
    done = 0;
    for (unsigned int i = 0; i < count; i++) {
        unsigned int cpu = ~0U;
        done += !syscall(SYS_getcpu, &cpu, NULL, NULL) && !cpu;
    }
    return NULL;
}

const struct operation syscall_operations[] = {
    { "getppid", 5000, 1, .prepare = getppid_prepare, .run = getppid_run, .check = all_done },
    { "read_1", 2000, 1, .prepare = read_prepare, .run = read_run, .check = all_done },
    { "write_1", 2000, 1, .prepare = write_prepare, .run = write_run, .check = all_done },
    { "stat", 1000, 1, .prepare = stat_prepare, .run = stat_run, .check = all_done },
    { "open_close", 2500, 1, .prepare = stat_prepare, .run = open_run, .check = all_done },
    { "signal_install", 2000, 1, .run = install_run, .check = all_done },
    { "signal_deliver", 1000, 1, .prepare = deliver_prepare, .run = deliver_run, .check = all_done },
    { "clock_gettime", 5000, 1, .run = clock_run, .check = all_done },
    { "getcpu", 5000, 1, .run = getcpu_run, .check = all_done },
    { 0 },
};
