/* SPDX-License-Identifier: MIT */
/* A test whose guest has to be crashed by the hypervisor: the body must not be survived. */
#define CRASH_TEST(...) \
    void test_main(void) \
    { \
        expect_end("crash"); \
        __VA_ARGS__ \
        FAIL("survived"); \
    }
