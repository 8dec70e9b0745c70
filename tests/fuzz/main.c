/* SPDX-License-Identifier: MIT */
/* Stands in for a fuzzer where the compiler has none: seeded cases. */
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"

int main(int argc, char **argv)
{
    unsigned int cases = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 20000;

    run_cases(cases);
    printf("%s: %u cases\n", argv[0], cases);
    return 0;
}
