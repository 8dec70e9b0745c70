/* SPDX-License-Identifier: MIT */
/* The state of a domain in a container as a stream of records (public headers hvm/save.h, arch-x86/hvm/save.h). Records of
 * devices that the row does not have are not there, and are refused. The domain is paused. */
#include <xen/hvm/save.h>

#include "cpu/time.h"
#include "modes/pvh/hw_save.h"
#include "modes/pvh/pvh.h"

#define MAX_RECORD 1088   /* bytes; the largest is the HPET's */

/* A type of record: how one instance is filled and taken. get: false where there is none. put: 0 or -EINVAL. Instances: by
 * vCPU, else one; those of an emulated PC (pc): as that says, and get and put are its own. */
struct record {
    u16 type;
    u32 length;
    bool per_vcpu;
    const struct pc_record *pc;
    bool (*get)(struct domain *d, struct vcpu *v, void *data);
    int (*put)(struct domain *d, struct vcpu *v, const void *data);
};

/* ---- Header */

static bool get_header(struct domain *d, struct vcpu *v, void *data)
{
    *(struct hvm_save_header *)data = (struct hvm_save_header){
        .magic = HVM_FILE_MAGIC, .version = HVM_FILE_VERSION, .changeset = ~0UL, .cpuid = cpuid(1, 0).a,
        .gtsc_khz = tsc_khz() };
    return true;
}

static int put_header(struct domain *d, struct vcpu *v, const void *data)
{
    const struct hvm_save_header *h = data;

    return h->magic == HVM_FILE_MAGIC && h->version == HVM_FILE_VERSION ? 0 : -EINVAL;
}

/* ---- The stream */

#define RECORD(name, vcpu, get, put) { HVM_SAVE_CODE(name), HVM_SAVE_LENGTH(name), vcpu, NULL, get, put }
static const struct record records[] = {
    RECORD(HEADER, false, get_header, put_header),
    RECORD(CPU, true, hw_save_cpu, hw_load_cpu),
    RECORD(LAPIC, true, hw_save_lapic, hw_load_lapic),
    RECORD(LAPIC_REGS, true, hw_save_lapic_regs, hw_load_lapic_regs),
    RECORD(MTRR, true, hw_save_mtrr, hw_load_mtrr),
};

/* All records: the header, those of a PC, the rest: what an I/O APIC's record has sent, a local APIC's must have. False:
 * there is no nth. */
static bool get_record(unsigned int n, struct record *r)
{
    const struct pc_record *pc;

    if (n == 0 || n > pc_nr_records) {
        n -= n ? pc_nr_records : 0;
        if (n < ARRAY_SIZE(records))
            *r = records[n];
        return n < ARRAY_SIZE(records);
    }
    pc = &pc_records[n - 1];
    *r = (struct record){ .type = pc->type, .length = pc->length, .pc = pc };
    return true;
}

static bool find_record(u16 type, struct record *r)
{
    for (unsigned int n = 0; get_record(n, r); n++)
        if (r->type == type)
            return true;
    return false;
}

static u32 instances(const struct domain *d, const struct record *r)
{
    return r->per_vcpu ? d->max_vcpus : r->pc ? r->pc->instances : 1;
}

/* Is there an instance of that number, as far as its number says? */
static bool has_instance(const struct domain *d, const struct record *r, u16 instance)
{
    return instance < instances(d, r) && (!r->per_vcpu || d->vcpu[instance]);
}

static bool get_instance(struct domain *d, const struct record *r, u16 instance, void *data)
{
    return r->pc ? r->pc->save(d, instance, data) : r->get(d, r->per_vcpu ? d->vcpu[instance] : NULL, data);
}

static int put_instance(struct domain *d, const struct record *r, u16 instance, const void *data)
{
    return r->pc ? r->pc->load(d, instance, data) : r->put(d, r->per_vcpu ? d->vcpu[instance] : NULL, data);
}

size_t hw_save_size(const struct domain *d)
{
    size_t size = sizeof(struct hvm_save_descriptor);   /* the end */
    struct record r;

    for (unsigned int n = 0; get_record(n, &r); n++)
        size += (r.length + sizeof(struct hvm_save_descriptor)) * instances(d, &r);
    return size;
}

struct stream { char *at, *end; };

static int put_descriptor(struct stream *s, u16 type, u16 instance, u32 length)
{
    struct hvm_save_descriptor descriptor = { type, instance, length };

    if ((size_t)(s->end - s->at) < sizeof(descriptor) + length)
        return -ENOSPC;
    memcpy(s->at, &descriptor, sizeof(descriptor));
    s->at += sizeof(descriptor);
    memset(s->at, 0, length);
    return 0;
}

static int save_record(struct domain *d, const struct record *r, u16 instance, struct stream *s)
{
    int rc;

    if (!has_instance(d, r, instance))
        return 0;
    rc = put_descriptor(s, r->type, instance, r->length);
    if (rc)
        return rc;
    if (get_instance(d, r, instance, s->at))
        s->at += r->length;
    else
        s->at -= sizeof(struct hvm_save_descriptor);
    return 0;
}

long hw_save(struct domain *d, void *buffer, size_t size)
{
    struct stream s = { buffer, (char *)buffer + size };
    struct record r;
    int rc = 0;

    for (unsigned int n = 0; get_record(n, &r); n++)
        for (u32 i = 0; i < instances(d, &r) && rc == 0; i++)
            rc = save_record(d, &r, (u16)i, &s);
    if (rc == 0)
        rc = put_descriptor(&s, 0, 0, 0);
    return rc ? rc : s.at - (char *)buffer;
}

long hw_save_one(struct domain *d, u16 type, u16 instance, void *buffer, size_t size)
{
    struct record r;

    if (!find_record(type, &r) || !has_instance(d, &r, instance))
        return -ENOENT;
    if (size < r.length)
        return -ENOSPC;
    memset(buffer, 0, r.length);
    return get_instance(d, &r, instance, buffer) ? (long)r.length : -ENOENT;
}

/* A record at *p, of which n bytes are left. 1: that was the last one. */
static int load_record(struct domain *d, const char *p, size_t n, bool first, size_t *used)
{
    struct hvm_save_descriptor descriptor;
    char data[MAX_RECORD] aligned(8);
    struct record r;

    if (n < sizeof(descriptor))
        return -EINVAL;
    memcpy(&descriptor, p, sizeof(descriptor));
    if (descriptor.typecode == 0)
        return first ? -EINVAL : 1;
    if (descriptor.length > n - sizeof(descriptor))
        return -EINVAL;
    if (!find_record(descriptor.typecode, &r) || (first && r.type != HVM_SAVE_CODE(HEADER)) ||
        descriptor.length != r.length || r.length > sizeof(data) || !has_instance(d, &r, descriptor.instance))
        return -EINVAL;
    memcpy(data, p + sizeof(descriptor), r.length);   /* aligned */
    *used = sizeof(descriptor) + r.length;
    return put_instance(d, &r, descriptor.instance, data);
}

/* Every vCPU is down until the stream has a state for it. */
int hw_load(struct domain *d, const void *buffer, size_t size)
{
    const char *p = buffer;
    size_t used = 0;
    struct vcpu *v;
    int rc = 0;

    for_each_vcpu(d, v)
        set_bit(VPF_DOWN, &v->pause_flags);
    for (bool first = true; rc == 0; first = false, p += used, size -= used)
        rc = load_record(d, p, size, first, &used);
    return rc < 0 ? rc : 0;
}
