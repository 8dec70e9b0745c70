/* SPDX-License-Identifier: MIT */
/* A guest of two vCPUs with local APICs and a PC's interrupt controllers, without the hypervisor around it: for targets that
 * look at their state. To be included before the sources under test. */
#ifndef PRISM_TESTS_FUZZ_CONTAINER_MACHINE_H
#define PRISM_TESTS_FUZZ_CONTAINER_MACHINE_H

#include "cpu/percpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"

static struct vcpu *running;
#undef current
#define current running

#include "input.h"
#include "modes/hvm/pc_state.h"
#include "modes/pvh/pvh.h"

#define VCPUS 2u
#define PHYS_BITS 40

static struct hw_domain hd;
static struct hw_vcpu hv[VCPUS];
static struct vcpu *vcpus[VCPUS] = { &hv[0].vcpu, &hv[1].vcpu };
static struct pc pc;
static u64 creg[VCPUS][NR_CREGS];
static stime_t clock_now;
struct cpu_features cpu_features = { .phys_bits = PHYS_BITS, .nx = true };

static u64 get(const struct vcpu *v, enum container_reg reg) { return creg[v->id][reg]; }
static void set(struct vcpu *v, enum container_reg reg, u64 value)
{
    check(reg != CREG_TPR || value <= 0xff);
    creg[v->id][reg] = value;
}

stime_t system_time(void) { return clock_now; }
unsigned long pc_begin(struct pc *p) { spin_lock(&p->lock); p->now = clock_now; return 0; }
void pc_end(struct pc *p, unsigned long flags) { spin_unlock(&p->lock); }

/* As after power-up; its local APICs are the target's to reset. */
static void new_machine(const struct row *row, const struct board_ops *board_ops, bool tsc_deadline)
{
    memset(&hd, 0, sizeof(hd));
    memset(hv, 0, sizeof(hv));
    memset(&pc, 0, sizeof(pc));
    memset(creg, 0, sizeof(creg));
    clock_now = NS_PER_SEC;
    cpu_features.tsc_deadline = tsc_deadline;
    hd.domain.row = row;
    hd.domain.vcpu = vcpus;
    hd.domain.max_vcpus = VCPUS;
    hd.domain.emulation_flags = XEN_X86_EMU_LAPIC;
    spin_init(&hd.domain.domain_lock, RANK_DOMAIN);
    spin_init(&pc.lock, RANK_PC);
    hd.pc = &pc;
    pc.d = &hd.domain;
    board_reset(&pc.board, board_ops, &pc);
    for (u32 id = 0; id < VCPUS; id++) {
        hv[id].vcpu.domain = &hd.domain;
        hv[id].vcpu.id = id;
        creg[id][CREG_PAT] = 0x0007040600070406;
    }
}

#endif
