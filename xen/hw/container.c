/* SPDX-License-Identifier: MIT */
/* What hardware containers the machine has. None is used in this build (docs/CAVEATS.md). */
#include "cpu/x86.h"
#include "hw/container.h"
#include "lib/lib.h"
#include "modes/spectrum.h"

void container_report(void)
{
    if (!cpu_features.svm)
        printk("No SVM on this machine: it can offer PV alone\n");
    else
        printk("SVM on this machine%s\n", cpu_features.npt ? " with nested paging" : " without nested paging: not usable");
    printk("Modes offered:");
    for (unsigned int i = 0; i < NR_ROWS; i++)
        if (!spectrum[i].refused)
            printk(" %s", spectrum[i].name);
    printk("\n");
}
