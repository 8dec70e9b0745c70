/* SPDX-License-Identifier: MIT */
/* A fixed number of cases from a seed, for a fuzz target where there is no fuzzer: the same ones each time. */
#ifndef PRISM_TESTS_FUZZ_CASES_H
#define PRISM_TESTS_FUZZ_CASES_H

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CASE_BYTES 2048

/* Marsaglia's xorshift64. Half of the bytes are small, since small numbers are what devices know. */
static inline void run_cases(unsigned int cases)
{
    static uint8_t data[CASE_BYTES];
    uint64_t x = 88172645463325252UL;

    for (unsigned int n = 0; n < cases; n++) {
        size_t size = 0;
        do {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            data[size++] = (uint8_t)(x >> 32 & (x & 1 ? 0x0f : 0xff));
        } while (size < CASE_BYTES && x % 1000);
        (void)LLVMFuzzerTestOneInput(data, size);
    }
}

#endif
