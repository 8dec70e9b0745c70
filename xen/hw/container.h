/* SPDX-License-Identifier: MIT */
/* Hardware containers: what the machine has to run a guest in. */
#ifndef PRISM_HW_CONTAINER_H
#define PRISM_HW_CONTAINER_H

/* Says on the console what the machine has and which rows that leaves. */
void container_report(void);

#endif
