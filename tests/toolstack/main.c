/* SPDX-License-Identifier: MIT */
/* Usage: toolstack-test TEST pv|pvh|pc [SLACK]; free; destroy ID. What a toolstack that is broken, or malicious, asks of
 * the hypervisor. The last line says how many answers were wrong; the exit status is 0 if none was. */
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

int main(int count, char **words)
{
    const char *kinds[] = { "pv", "pvh", "pc" };
    enum kind kind = KIND_PV;
    const char *name = count > 1 ? words[1] : "";
    int bad = -1;

    for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (count > 2 && !strcmp(words[2], kinds[i]))
            kind = (enum kind)i;
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
    if (bad < 0) {
        printf("usage: toolstack-test half-built|wrong-calls|every-command|mappings|races|on-demand|fail-allocations|"
               "unprivileged|free [pv|pvh [SLACK]]; fail-allocations pc; destroy ID\n");
        return 2;
    }
    printf("%s: %d wrong\n", name, bad);
    return bad ? 1 : 0;
}
