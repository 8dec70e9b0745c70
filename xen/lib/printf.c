/* SPDX-License-Identifier: MIT */
/* Formatted output into a buffer. Pure but for %ps, which asks the symbol table. */
#include "lib/lib.h"

struct output { char *buf; size_t size, length; };
struct spec {
    bool left, zero, plus, space, alternate, upper;
    int width, precision;   /* precision -1: none given */
};

static void put(struct output *o, char c)
{
    if (o->length < o->size)
        o->buf[o->length] = c;
    o->length++;
}

static void pad(struct output *o, char c, int n)
{
    while (n-- > 0)
        put(o, c);
}

static void put_text(struct output *o, const struct spec *spec, const char *s, size_t n)
{
    int padding = spec->width - (int)n;

    if (!spec->left)
        pad(o, ' ', padding);
    while (n--)
        put(o, *s++);
    if (spec->left)
        pad(o, ' ', padding);
}

/* prefix: sign, "0x" or "". */
static void put_number(struct output *o, const struct spec *spec, u64 value, unsigned int base, const char *prefix)
{
    const char *digits = spec->upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[64];
    int n = 0, zeros, padding, prefix_length = (int)strlen(prefix);

    for (; value; value /= base)
        text[n++] = digits[value % base];
    zeros = max(spec->precision < 0 ? 1 : spec->precision, n) - n;
    padding = spec->width - prefix_length - zeros - n;
    if (spec->zero && !spec->left && spec->precision < 0 && padding > 0) {
        zeros += padding;
        padding = 0;
    }
    if (!spec->left)
        pad(o, ' ', padding);
    while (*prefix)
        put(o, *prefix++);
    pad(o, '0', zeros);
    while (n)
        put(o, text[--n]);
    if (spec->left)
        pad(o, ' ', padding);
}

static void put_symbol(struct output *o, struct spec *spec, unsigned long address)
{
    const char *name;
    unsigned long offset;

    if (!symbol_lookup(address, &name, &offset)) {
        spec->precision = 16;
        put_number(o, spec, address, 16, "");
        return;
    }
    put_text(o, spec, name, strlen(name));
    *spec = (struct spec){ .precision = -1 };
    put_number(o, spec, offset, 16, "+0x");
}

static const char *parse_flags(const char *f, struct spec *spec)
{
    for (;; f++) {
        switch (*f) {
        case '-': spec->left = true; break;
        case '0': spec->zero = true; break;
        case '+': spec->plus = true; break;
        case ' ': spec->space = true; break;
        case '#': spec->alternate = true; break;
        default: return f;
        }
    }
}

static const char *parse_count(const char *f, int *count, va_list *args)
{
    if (*f == '*') {
        *count = va_arg(*args, int);
        return f + 1;
    }
    for (*count = 0; *f >= '0' && *f <= '9'; f++)
        *count = *count * 10 + (*f - '0');
    return f;
}

/* Length modifiers as bytes of the argument; int is 4. */
static const char *parse_length(const char *f, unsigned int *bytes)
{
    *bytes = sizeof(int);
    for (;; f++) {
        switch (*f) {
        case 'h': *bytes /= 2; break;
        case 'l': case 'z': case 't': case 'j': *bytes = sizeof(long); break;
        default: return f;
        }
    }
}

static u64 next_unsigned(va_list *args, unsigned int bytes)
{
    u64 v = bytes == sizeof(long) ? va_arg(*args, u64) : va_arg(*args, unsigned int);

    return bytes == 1 ? (u8)v : bytes == 2 ? (u16)v : v;
}

static void put_signed(struct output *o, const struct spec *spec, va_list *args, unsigned int bytes)
{
    s64 v = bytes == sizeof(long) ? va_arg(*args, s64) : va_arg(*args, int);

    v = bytes == 1 ? (int8_t)v : bytes == 2 ? (int16_t)v : v;
    put_number(o, spec, v < 0 ? -(u64)v : (u64)v, 10, v < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "");
}

static const char *put_conversion(struct output *o, const char *f, struct spec *spec, va_list *args, unsigned int bytes)
{
    const char *s;
    u64 v;
    char c;

    switch (*f) {
    case 'd': case 'i':
        put_signed(o, spec, args, bytes);
        break;
    case 'u':
        put_number(o, spec, next_unsigned(args, bytes), 10, "");
        break;
    case 'o':
        put_number(o, spec, next_unsigned(args, bytes), 8, spec->alternate ? "0" : "");
        break;
    case 'x': case 'X':
        spec->upper = *f == 'X';
        v = next_unsigned(args, bytes);
        put_number(o, spec, v, 16, !spec->alternate || !v ? "" : spec->upper ? "0X" : "0x");
        break;
    case 'c':
        c = (char)va_arg(*args, int);
        put_text(o, spec, &c, 1);
        break;
    case 's':
        s = va_arg(*args, const char *);
        if (!s)
            s = "(null)";
        put_text(o, spec, s, spec->precision < 0 ? strlen(s) : strnlen(s, (size_t)spec->precision));
        break;
    case 'p':
        v = (unsigned long)va_arg(*args, void *);
        if (f[1] == 's') {
            put_symbol(o, spec, v);
            return f + 2;
        }
        spec->precision = 16;
        put_number(o, spec, v, 16, "");
        break;
    case '%':
        put(o, '%');
        break;
    case 0:
        return f;
    default:   /* the compiler checks formats; show what it let through */
        put(o, '%');
        put(o, *f);
    }
    return f + 1;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list list)
{
    struct output o = { .buf = buf, .size = size };
    va_list args;

    va_copy(args, list);
    while (*fmt) {
        struct spec spec = { .precision = -1 };
        unsigned int bytes;

        if (*fmt != '%') {
            put(&o, *fmt++);
            continue;
        }
        fmt = parse_flags(fmt + 1, &spec);
        fmt = parse_count(fmt, &spec.width, &args);
        if (spec.width < 0) {
            spec.left = true;
            spec.width = -spec.width;
        }
        if (*fmt == '.')
            fmt = parse_count(fmt + 1, &spec.precision, &args);
        fmt = parse_length(fmt, &bytes);
        fmt = put_conversion(&o, fmt, &spec, &args, bytes);
    }
    va_end(args);
    if (size)
        buf[min(o.length, size - 1)] = 0;
    return (int)o.length;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(buf, size, fmt, args);
    va_end(args);
    return n;
}
