/* SPDX-License-Identifier: MIT */
/* What of a kernel's own in ring 3 calls may name: its entry for events, one for traps, its code segment. */
#define LIVE_EVENT 0
#define LIVE_TRAP 1
#define LIVE_SEGMENT 2
