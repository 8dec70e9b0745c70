// SPDX-License-Identifier: MIT
// A guest's console, through the terminal that xenconsoled keeps for it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "guest_console.h"

#define KEPT 8192

static int terminal = -1;
static char said[KEPT + 1];    // what was said and not matched; the oldest half goes when it is full
static size_t length;

bool console_open(const char *path)
{
    struct termios raw;
    console_close();
    if ((terminal = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) < 0)
        return false;
    if (tcgetattr(terminal, &raw))
        return false;
    cfmakeraw(&raw);
    return tcsetattr(terminal, TCSANOW, &raw) == 0;
}

void console_close(void)
{
    if (terminal >= 0)
        close(terminal);
    terminal = -1;
    length = 0;
    said[0] = 0;
}

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool matched(const char *text)
{
    char *found = strstr(said, text);
    if (!found)
        return false;
    found += strlen(text);
    length -= (size_t)(found - said);
    memmove(said, found, length + 1);
    return true;
}

static void take(void)
{
    if (length > KEPT / 2) {
        memmove(said, said + KEPT / 4, length - KEPT / 4);
        length -= KEPT / 4;
    }
    ssize_t got = read(terminal, said + length, KEPT - length);
    for (ssize_t i = 0; i < got; i++)    // a zero byte would hide the rest
        if (!said[length + (size_t)i])
            said[length + (size_t)i] = ' ';
    if (got > 0)
        length += (size_t)got;
    said[length] = 0;
}

bool console_expect(const char *text, unsigned int seconds)
{
    long end = now_ms() + seconds * 1000L;
    while (!matched(text)) {
        struct pollfd wait = { .fd = terminal, .events = POLLIN };
        long left = end - now_ms();
        if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
            return false;
        take();
    }
    return true;
}

bool console_type(const char *line)
{
    size_t size = strlen(line);
    return write(terminal, line, size) == (ssize_t)size && write(terminal, "\r", 1) == 1;
}

const char *console_last(void)
{
    for (size_t i = 0; i < length; i++)
        if (said[i] == '\r' || said[i] == '\n')
            said[i] = ' ';
    return length > 160 ? said + length - 160 : said;
}
