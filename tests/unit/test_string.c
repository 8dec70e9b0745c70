/* SPDX-License-Identifier: MIT */
// sources: tests/unit/prism_string.c
/* Prism's memory and string functions against the host's, at all small sizes and offsets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

void *prism_memcpy(void *, const void *, size_t);
void *prism_memmove(void *, const void *, size_t);
void *prism_memset(void *, int, size_t);
int prism_memcmp(const void *, const void *, size_t);
size_t prism_strlen(const char *);
size_t prism_strnlen(const char *, size_t);
int prism_strcmp(const char *, const char *);
int prism_strncmp(const char *, const char *, size_t);
char *prism_strchr(const char *, int);
char *prism_strstr(const char *, const char *);
size_t prism_strlcpy(char *, const char *, size_t);

#define SIZE 96

static int sign(int n) { return (n > 0) - (n < 0); }

static void test_memory(void **state)
{
    unsigned char source[SIZE], ours[SIZE], theirs[SIZE];

    (void)state;
    for (int i = 0; i < SIZE; i++)
        source[i] = (unsigned char)rand();
    for (size_t from = 0; from < 20; from++)
        for (size_t to = 0; to < 20; to++)
            for (size_t n = 0; n < 40; n++) {
                memcpy(ours, source, SIZE);
                memcpy(theirs, source, SIZE);
                assert_ptr_equal(prism_memmove(ours + to, ours + from, n), ours + to);
                memmove(theirs + to, theirs + from, n);
                assert_memory_equal(ours, theirs, SIZE);
                prism_memset(ours + to, 0x1a5, n);
                memset(theirs + to, 0xa5, n);
                assert_memory_equal(ours, theirs, SIZE);
                prism_memcpy(ours + to, source + from, n);
                memcpy(theirs + to, source + from, n);
                assert_memory_equal(ours, theirs, SIZE);
                assert_int_equal(sign(prism_memcmp(ours + to, source + from + 1, n)),
                                 sign(memcmp(ours + to, source + from + 1, n)));
            }
}

static void test_strings(void **state)
{
    static const char *const words[] = { "", "a", "ab", "abc", "abd", "b", "cab", "abcabd", "\xff" };
    char copy[4];

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++) {
            assert_int_equal(sign(prism_strcmp(words[i], words[j])), sign(strcmp(words[i], words[j])));
            assert_ptr_equal(prism_strstr(words[i], words[j]), strstr(words[i], words[j]));
            assert_ptr_equal(prism_strchr(words[i], words[j][0]), strchr(words[i], words[j][0]));
            for (size_t n = 0; n < 5; n++)
                assert_int_equal(sign(prism_strncmp(words[i], words[j], n)), sign(strncmp(words[i], words[j], n)));
        }
    assert_int_equal(prism_strlen("four"), 4);
    assert_int_equal(prism_strnlen("four", 3), 3);
    assert_int_equal(prism_strlcpy(copy, "four", sizeof(copy)), 4);
    assert_string_equal(copy, "fou");
    assert_int_equal(prism_strlcpy(copy, "on", sizeof(copy)), 2);
    assert_string_equal(copy, "on");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_memory), cmocka_unit_test(test_strings) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
