/* SPDX-License-Identifier: MIT */
/* A domain of two vCPUs with device models, without the hypervisor around them: for tests that play guest, tools and
 * servers. Includes the sources under test but ring.c and slot.c. */
#ifndef PRISM_TESTS_DEVMODEL_MACHINE_H
#define PRISM_TESTS_DEVMODEL_MACHINE_H

#include "tests/fuzz/input.h"

#include "cpu/percpu.h"
#include "mem/frame.h"

static struct vcpu *running;
#undef current
#define current running
#undef maddr_to_virt
#include "abi/event.h"
#include "devmodel/devmodel.c"
#include "devmodel/ioreq.c"
#include "devmodel/platform_device.c"
#include "devmodel/select.c"
#include "devmodel/server.c"
#include "devmodel/server_page.c"

/* ---- What surrounds device models */

static char last_note[64];
void mode_note(struct domain *d, enum column c, const char *reason)
{
    check(c == COLUMN_IO);
    check(strlen(reason) < sizeof(last_note));
    strcpy(last_note, reason);
}

#define VCPUS 2
#define PORTS 64
#define PAGES 8
#define PLACE 0xfeff0UL              /* the first guest frame set aside for servers' pages */

static struct domain guest, tools = { .id = 0 };
static struct vcpu vcpus[VCPUS], tool_vcpu = { .domain = &tools };
static struct vcpu *vcpu_array[VCPUS];
static struct { bool used, bound, deserted; u32 vcpu; void (*fn)(struct vcpu *, u32); } ports[PORTS];
static u32 last_sent, ports_left;
static unsigned int pages_out, crashes, sleeps, wakes, paused;
static void *place_page[4];          /* what is at PLACE + i of the guest's memory: NULL, its own frame, a server's page */
static int map_answer, own_references;
static u64 params[64];

void *page_alloc(unsigned int order)
{
    void *p = NULL;

    if (pages_out == PAGES || posix_memalign(&p, PAGE_SIZE, PAGE_SIZE))
        return NULL;
    pages_out++;
    memset(p, 0, PAGE_SIZE);
    return p;
}
void page_free(void *p, unsigned int order) { pages_out--; free(p); }
void frame_share(void *p, struct domain *d, bool writable) { check(d == &guest); }
void frame_unshare(void *p) { }
maddr_t virt_to_maddr(const void *v) { return (maddr_t)(unsigned long)v; }
void put_frame(mfn_t mfn) { own_references--; }
bool domain_drop_allocation(struct domain *d, mfn_t mfn) { return true; }
stime_t system_time(void) { return 1500000000; }
void vcpu_wake(struct vcpu *v) { wakes++; }
void vcpu_sleep_nosync(struct vcpu *v) { sleeps++; }
void domain_pause(struct domain *d) { paused++; }
void domain_unpause(struct domain *d) { paused--; }
void domain_crash(struct domain *d, const char *fmt, ...) { crashes++; }

int evtchn_alloc_consumer(struct domain *d, u32 vcpu, domid_t remote, void (*fn)(struct vcpu *v, u32 port), u32 *port)
{
    check(vcpu < d->max_vcpus);
    check(remote == running->domain->id);
    for (u32 i = 1; i < PORTS && ports_left; i++)
        if (!ports[i].used) {
            memset(&ports[i], 0, sizeof(ports[i]));
            ports[i].used = true;
            ports[i].vcpu = vcpu;
            ports[i].fn = fn;
            ports_left--;
            *port = i;
            return 0;
        }
    return -ENOSPC;
}
void evtchn_free_consumer(struct domain *d, u32 port)
{
    check(ports[port].used);
    ports[port].used = false;
    ports_left++;
}
bool evtchn_consumer_deserted(const struct domain *d, u32 port) { return ports[port].deserted; }
int evtchn_send(struct domain *d, u32 port)
{
    check(ports[port].used);
    last_sent = port;
    return 0;
}

static mfn_t get_gfn(struct domain *d, gfn_t gfn)
{
    void *p = gfn >= PLACE && gfn < PLACE + 4 ? place_page[gfn - PLACE] : NULL;

    if (!p)
        return INVALID_MFN;
    own_references++;
    return (mfn_t)(unsigned long)p >> PAGE_SHIFT;
}
static int unmap_gfn(struct domain *d, gfn_t gfn, mfn_t mfn)
{
    if (!place_page[gfn - PLACE] || (mfn_t)(unsigned long)place_page[gfn - PLACE] >> PAGE_SHIFT != mfn)
        return -EINVAL;
    place_page[gfn - PLACE] = NULL;
    return 0;
}
static int map_gfn(struct domain *d, gfn_t gfn, mfn_t mfn)
{
    if (map_answer == 0)
        place_page[gfn - PLACE] = (void *)(mfn << PAGE_SHIFT);
    return map_answer;
}
static int get_param(struct domain *d, u32 index, u64 *value, bool by_itself)
{
    *value = params[index];
    return 0;
}
static const struct container_abi abi = { .get_param = get_param };
static const struct privileged_ops privileged = { .get_gfn = get_gfn, .map_gfn = map_gfn, .unmap_gfn = unmap_gfn,
                                                  .container = &abi };
static const struct row row = { .privileged = &privileged };

static void machine_begin(void)
{
    memset(&guest, 0, sizeof(guest));
    memset(vcpus, 0, sizeof(vcpus));
    memset(ports, 0, sizeof(ports));
    memset(params, 0, sizeof(params));
    ports_left = PORTS;
    last_sent = pages_out = crashes = sleeps = wakes = 0;
    map_answer = own_references = 0;
    guest.id = 5;
    guest.row = &row;
    guest.max_vcpus = VCPUS;
    guest.vcpu = vcpu_array;
    spin_init(&guest.domain_lock, RANK_DOMAIN);
    check(devmodel_init(&guest) == 0);
    for (u32 i = 0; i < VCPUS; i++) {
        vcpus[i].domain = &guest;
        vcpus[i].id = i;
        vcpu_array[i] = &vcpus[i];
        check(devmodel_vcpu_init(&vcpus[i]) == 0);
    }
    for (unsigned int i = 0; i < 4; i++)
        place_page[i] = (void *)(PAGE_SIZE * (1 + i));   /* frames 1 to 4 */
    running = &tool_vcpu;
}

static void machine_end(void)
{
    guest.dying = DOMDYING_DYING;
    devmodel_stop(&guest);
    devmodel_stop(&guest);
    check(pages_out == 0);
    check(ports_left == PORTS);
    check(paused == 0);
    check(own_references == 0);
    for (u32 i = 0; i < VCPUS; i++)
        devmodel_vcpu_free(&vcpus[i]);
    devmodel_free(&guest);
}

#endif
