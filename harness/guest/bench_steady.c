// SPDX-License-Identifier: MIT
// When rounds of the benchmark agree.
#include "bench_steady.h"

bool steady(const uint64_t *values, unsigned int number)
{
    uint64_t sorted[16];
    if (number < 3 || number > 16)
        return false;
    for (unsigned int i = 0; i < number; i++) {
        unsigned int place = i;
        for (; place && sorted[place - 1] > values[i]; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = values[i];
    }
    return sorted[number - 2] - sorted[1] <= sorted[number / 2] / 100;
}
