/* SPDX-License-Identifier: MIT */
/* Hypercalls from a process of the control domain or of a guest, with nothing of the toolstack between: arguments go to
 * the hypervisor as they are, however wrong. All return the hypervisor's answer, 0 or above, or the negative errno. */
#ifndef TOOLSTACK_CALL_H
#define TOOLSTACK_CALL_H

#define __XEN_TOOLS__ 1
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/version.h>

#define PAGE 4096
#define BUFFER_PAGES 16
#define NOBODY 0x6ffe            /* the id of no domain */
#define MAX_DOMCTL 90

enum kind { KIND_PV, KIND_PVH, KIND_PC };      /* the last for fail-allocations only */

/* Memory that stays where it is while the hypervisor works on it: BUFFER_PAGES pages, for whoever needs some. */
extern char *buffer;

void call_open(void);                        /* ends the program if there is no hypervisor to call */
long call1(unsigned int number, uint64_t a);
long call2(unsigned int number, uint64_t a, uint64_t b);
long call3(unsigned int number, uint64_t a, uint64_t b, uint64_t c);
long call4(unsigned int number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
long call5(unsigned int number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

/* op's command and domain are filled in by the first; the second passes all of it as it stands. */
long domctl(unsigned int command, uint32_t domain, struct xen_domctl *op);
long domctl_raw(const struct xen_domctl *op);
long sysctl(unsigned int command, struct xen_sysctl *op);
long memory_op(unsigned int command, void *argument, size_t size);
long event_op(unsigned int command, void *argument, size_t size);
long grant_op(unsigned int command, void *argument, size_t size, unsigned int count);
long hvm_op(unsigned int command, void *argument, size_t size);

/* ---- half_built.c: a domain, one step of its creation after the other */
struct half_built {
    enum kind kind;
    uint32_t id;
    uint64_t frames[3];                      /* of a PV domain: machine frames of its first pages */
};
unsigned int build_steps(void);
const char *build_step_name(unsigned int step);
/* The first steps of creating a domain; the program ends, saying why, if one fails. */
void build(struct half_built *h, enum kind kind, unsigned int steps);
long destroy(uint32_t id);
bool exists(uint32_t id);
/* Frames that are free, once they have not changed for a while: teardown goes on after the call that asked for it. */
uint64_t settled_free_frames(void);
/* Frames that the hypervisor may keep for itself, once: a word of the command line, 0 without it. */
extern uint64_t slack;
/* As many as before, but for the slack, within the seconds that a teardown may take. */
bool memory_is_back(uint64_t before);

/* ---- What the program does, by its first argument; each returns the number of things that were wrong. */
int test_half_built(enum kind kind);
int test_wrong_calls(enum kind kind);
int test_every_command(enum kind kind);
int test_mappings(enum kind kind);
int test_races(enum kind kind);
int test_on_demand(enum kind kind);
int test_fail_allocations(enum kind kind);
int test_unprivileged(void);


/* The same, of domains that others have made, by numbers: main.c says which. */
int test_guest_state(const uint32_t *n);
int test_device_model(const uint32_t *n);

/* Says that something is wrong; returns 1, to be added up. */
int wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* 0 if the answer is one of the errnos (list ended by 0; each negative), else what wrong() returns. */
int expect(const char *what, long answer, const int *list);
#define EXPECT(what, answer, ...) expect(what, answer, (const int[]){ __VA_ARGS__, 0 })

#endif
