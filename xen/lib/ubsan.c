/* SPDX-License-Identifier: MIT */
/* Undefined behaviour that the debug build meets: the compiler (-fsanitize=undefined) puts a check before each operation that
 * may have none, and calls a function of these names and forms where it fails. Each says what and where, and stops. */
#include "lib/lib.h"

struct place {
    const char *file;
    u32 line, column;
};

struct type {
    u16 kind;       /* TYPE_INTEGER, or one whose values are not known here */
    u16 form;       /* of an integer: bit 0 signed; from bit 1 the logarithm of its bits */
    char name[];    /* in quotation marks */
};
#define TYPE_INTEGER 0

/* Each kind of check describes itself by a structure that begins with the place. */
struct typed {
    struct place at;
    const struct type *type;
};

struct pair {
    struct place at;
    const struct type *left, *right;    /* or: of the array, of the index */
};

struct access {
    struct place at;
    const struct type *type;
    u8 align;
    u8 how;         /* index into accesses[] */
};
static const char *const accesses[] = { "load", "store", "reference", "member" };   /* C has no others */

struct argument {
    struct place at, attribute;
    int number;
};

#define VALUE_SIZE 24

/* v as the compiler hands it on: the value itself, or where it is if it is wider than a word. */
static const char *value(char *text, const struct type *t, const void *v)
{
    unsigned int bits = t->form >> 1, unused;

    if (t->kind != TYPE_INTEGER || bits > 6) {
        snprintf(text, VALUE_SIZE, "a value");
    } else if (t->form & 1) {
        unused = 64 - (1u << bits);
        snprintf(text, VALUE_SIZE, "%ld", (long)((u64)v << unused) >> unused);
    } else {
        snprintf(text, VALUE_SIZE, "%lu", (unsigned long)v);
    }
    return text;
}

static void undefined(const struct place *at, const char *fmt, ...) printf_like(2, 3) noreturn;
static void undefined(const struct place *at, const char *fmt, ...)
{
    char text[160];
    int begin = snprintf(text, sizeof(text), "undefined behaviour at column %u: ", at->column);
    va_list args;

    va_start(args, fmt);
    vsnprintf(text + begin, sizeof(text) - begin, fmt, args);
    va_end(args);
    bug_at(at->file, (int)at->line, text);
}

void noreturn __ubsan_handle_out_of_bounds_abort(void *data, void *index)
{
    const struct pair *p = data;
    char number[VALUE_SIZE];

    undefined(&p->at, "index %s of %s", value(number, p->right, index), p->left->name);
}

void noreturn __ubsan_handle_shift_out_of_bounds_abort(void *data, void *left, void *right)
{
    const struct pair *p = data;
    char number[VALUE_SIZE], bits[VALUE_SIZE];

    undefined(&p->at, "%s of %s shifted by %s", value(number, p->left, left), p->left->name, value(bits, p->right, right));
}

void noreturn __ubsan_handle_divrem_overflow_abort(void *data, void *left, void *right)
{
    const struct typed *p = data;
    char number[VALUE_SIZE], by[VALUE_SIZE];

    undefined(&p->at, "%s of %s divided by %s", value(number, p->type, left), p->type->name, value(by, p->type, right));
}

void noreturn __ubsan_handle_load_invalid_value_abort(void *data, void *v)
{
    const struct typed *p = data;
    char number[VALUE_SIZE];

    undefined(&p->at, "%s is no value of %s", value(number, p->type, v), p->type->name);
}

void noreturn __ubsan_handle_type_mismatch_v1_abort(void *data, void *pointer)
{
    const struct access *p = data;
    const char *how = p->how < ARRAY_SIZE(accesses) ? accesses[p->how] : "access";
    unsigned long address = (unsigned long)pointer;

    undefined(&p->at, "%s of %s at %#lx, which is %s", how, p->type->name, address,
              address ? "too small for it" : "null");
}

void noreturn __ubsan_handle_nonnull_arg_abort(void *data)
{
    const struct argument *p = data;

    undefined(&p->at, "argument %d is null", p->number);
}

void noreturn __ubsan_handle_invalid_builtin_abort(void *data)
{
    const struct place *p = data;

    undefined(p, "bits of 0 counted");
}

void __ubsan_handle_builtin_unreachable(void *data)
{
    const struct place *p = data;

    undefined(p, "what cannot be reached was");
}
