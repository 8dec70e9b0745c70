/* SPDX-License-Identifier: MIT */
/* Strings, formatted output and the ways to stop. */
#ifndef PRISM_LIB_LIB_H
#define PRISM_LIB_LIB_H

#include <stdarg.h>

#include "lib/errno.h"
#include "lib/types.h"

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#ifndef PRISM_HOST   /* in line where the size is known and small, which -ffreestanding alone would prevent */
#define memcpy(...) __builtin_memcpy(__VA_ARGS__)
#define memset(...) __builtin_memset(__VA_ARGS__)
#define memmove(...) __builtin_memmove(__VA_ARGS__)
#endif
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *what);
/* Copies at most size-1 bytes and always terminates; size > 0. Returns strlen(src). */
size_t strlcpy(char *dst, const char *src, size_t size);
/* Number in base (0: by prefix 0x, 0). *end is set to the first character not taken. */
unsigned long long strtoull(const char *s, char **end, int base);
/* Number with an optional suffix B K M G T (none: bytes), in bytes. *end as strtoull. */
u64 parse_size(const char *s, char **end);

/* Formats as C99 vsnprintf without floating point; %ps prints a symbol name with offset. Returns the full length. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int snprintf(char *buf, size_t size, const char *fmt, ...) printf_like(3, 4);

/* Log levels; a level above the console's threshold (loglvl=) goes to the ring only. XENLOG order of importance. */
enum log_level { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* One line or part of one to the console and its ring. Any context, any locks held, NMI included. */
void printk_level(enum log_level level, const char *fmt, ...) printf_like(2, 3);
#define printk(fmt, ...) printk_level(LOG_INFO, fmt, ##__VA_ARGS__)
#define pr_err(fmt, ...) printk_level(LOG_ERR, fmt, ##__VA_ARGS__)
#define pr_warn(fmt, ...) printk_level(LOG_WARNING, fmt, ##__VA_ARGS__)
#define pr_debug(fmt, ...) printk_level(LOG_DEBUG, fmt, ##__VA_ARGS__)

/* The platform is unfit or Prism is broken: prints one line, all CPUs stop (or reboot unless "noreboot"). */
void panic(const char *fmt, ...) printf_like(1, 2) noreturn;

void bug_at(const char *file, int line, const char *what) noreturn;   /* register dump, then panic */
#define BUG() bug_at(__FILE__, __LINE__, "BUG")
#define BUG_ON(c) do { if (unlikely(c)) bug_at(__FILE__, __LINE__, #c); } while (0)
#ifdef NDEBUG
#define ASSERT(c) ((void)sizeof(c))
#else
#define ASSERT(c) do { if (unlikely(!(c))) bug_at(__FILE__, __LINE__, "!(" #c ")"); } while (0)
#endif

/* Name and offset of the function at addr; false if addr is not in Prism's text. Any context. */
bool symbol_lookup(unsigned long addr, const char **name, unsigned long *offset);

#endif
