/* SPDX-License-Identifier: MIT */
/* Usage: toolstack-test TEST pv|pvh|pc [SLACK]; free; destroy ID; guest-state ID; device-model ID VECTOR.
 * What a toolstack that is broken, or malicious, asks of the hypervisor, and what a working one seldom does. The last line
 * says how many answers were wrong; the exit status is 0 if none was. */
#include "call.h"

#include <stdlib.h>

static const struct {
    const char *name;
    int (*run)(enum kind kind);
} tests[] = {
    { "half-built", test_half_built },
    { "wrong-calls", test_wrong_calls },
    { "every-command", test_every_command },
    { "mappings", test_mappings },
    { "races", test_races },
    { "on-demand", test_on_demand },
    { "fail-allocations", test_fail_allocations },
};

/* Those that are given numbers: a domain's, most of them. */
static const struct {
    const char *name;
    int (*run)(const uint32_t *n);
} with_numbers[] = {
    { "guest-state", test_guest_state }, { "device-model", test_device_model },
};

int main(int count, char **words)
{
    const char *kinds[] = { "pv", "pvh", "pc" };
    enum kind kind = KIND_PV;
    const char *name = count > 1 ? words[1] : "";
    uint32_t numbers[2] = { 0 };
    int bad = -1;

    for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (count > 2 && !strcmp(words[2], kinds[i]))
            kind = (enum kind)i;
    for (int i = 0; i < 2 && i + 2 < count; i++)
        numbers[i] = (uint32_t)strtoul(words[i + 2], NULL, 0);
    slack = count > 3 ? strtoull(words[3], NULL, 0) : 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    call_open();
    for (unsigned int i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        if (!strcmp(name, tests[i].name) && (kind != KIND_PC || tests[i].run == test_fail_allocations))
            bad = tests[i].run(kind);
    if (!strcmp(name, "free")) {
        printf("%lu\n", settled_free_frames());
        return 0;
    }
    if (!strcmp(name, "destroy") && count > 2)
        return destroy((uint32_t)strtoul(words[2], NULL, 0)) ? 1 : 0;
    if (!strcmp(name, "unprivileged"))
        bad = test_unprivileged();
    for (unsigned int i = 0; i < sizeof(with_numbers) / sizeof(with_numbers[0]); i++)
        if (!strcmp(name, with_numbers[i].name) && count > 2)
            bad = with_numbers[i].run(numbers);
    if (bad < 0) {
        printf("usage: toolstack-test half-built|wrong-calls|every-command|mappings|races|on-demand|fail-allocations|"
               "unprivileged|free [pv|pvh [SLACK]]; fail-allocations pc; destroy ID; guest-state ID; device-model ID VECTOR\n");
        return 2;
    }
    printf("%s: %d wrong\n", name, bad);
    return bad ? 1 : 0;
}
