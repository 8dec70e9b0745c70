/* SPDX-License-Identifier: MIT */
/* Usage: toolstack-test TEST pv|pvh [SLACK]. What a toolstack that is broken, or malicious, asks of the hypervisor. The last
 * line says how many answers were wrong; the exit status is 0 if none was. */
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
};

int main(int count, char **words)
{
    enum kind kind = count > 2 && !strcmp(words[2], "pvh") ? KIND_PVH : KIND_PV;
    const char *name = count > 1 ? words[1] : "";
    int bad = -1;

    slack = count > 3 ? strtoull(words[3], NULL, 0) : 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    call_open();
    for (unsigned int i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        if (!strcmp(name, tests[i].name))
            bad = tests[i].run(kind);
    if (!strcmp(name, "free")) {
        printf("%lu\n", settled_free_frames());
        return 0;
    }
    if (!strcmp(name, "unprivileged"))
        bad = test_unprivileged();
    if (bad < 0) {
        printf("usage: toolstack-test half-built|wrong-calls|every-command|mappings|races|on-demand|unprivileged|free"
               " [pv|pvh [SLACK]]\n");
        return 2;
    }
    printf("%s: %d wrong\n", name, bad);
    return bad ? 1 : 0;
}
