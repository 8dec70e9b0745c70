/* SPDX-License-Identifier: MIT */
/* Sixteen mixes: privileged instructions PV or HW, platform, interrupts and I/O PV or EMU each. Six of them can live. The
 * reasons are told in full in docs/spectrum.md. */
#include "lib/lib.h"
#include "modes/spectrum_change.h"

#define NO_DEVICES_IN_RING_3 \
    "a kernel in ring 3 has machine addresses: there is no hole in its memory where an emulated device could answer"
#define NO_VECTORS_IN_RING_3 \
    "a kernel in ring 3 has no interrupt descriptors and no APIC: events are all that can interrupt it"
#define NO_FIRMWARE_IN_RING_3 \
    "an emulated PC starts in real mode with its firmware, which cannot run in ring 3"
#define NO_BUS \
    "without the emulated PC there is no bus to find emulated disks and networks on, and no line for their interrupts"
#define NO_CONTROLLER \
    "without the emulated PC there is no interrupt controller and no timer that could stand in for event channels"

/* [privileged HW][platform EMU][interrupts EMU][I/O EMU] */
static const char *const refused[2][2][2][2] = {
    { { { NULL, NO_DEVICES_IN_RING_3 }, { NO_VECTORS_IN_RING_3, NO_VECTORS_IN_RING_3 } },
      { { NO_FIRMWARE_IN_RING_3, NO_FIRMWARE_IN_RING_3 }, { NO_FIRMWARE_IN_RING_3, NO_FIRMWARE_IN_RING_3 } } },
    { { { NULL, NO_BUS }, { NO_CONTROLLER, NO_CONTROLLER } },
      { { NULL, NULL }, { NULL, NULL } } },
};

const char *mix_refused(const enum answer mix[NR_COLUMNS])
{
    if (mix[COLUMN_PRIVILEGED] != ANSWER_PV && mix[COLUMN_PRIVILEGED] != ANSWER_HW)
        return "privileged instructions are answered by pv or hw";
    for (unsigned int c = COLUMN_PLATFORM; c < NR_COLUMNS; c++)
        if (mix[c] != ANSWER_PV && mix[c] != ANSWER_EMU)
            return "platform, interrupts and io are answered by pv or emu";
    return refused[mix[COLUMN_PRIVILEGED] == ANSWER_HW][mix[COLUMN_PLATFORM] == ANSWER_EMU]
                  [mix[COLUMN_INTERRUPTS] == ANSWER_EMU][mix[COLUMN_IO] == ANSWER_EMU];
}
