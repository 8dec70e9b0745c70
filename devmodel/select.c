/* SPDX-License-Identifier: MIT */
/* Which server an access is for. */
#include "devmodel/server.h"

#define PCI_DATA 0xcfcUL
#define PCI_ENABLE 0x80000000u

/* Configuration space by ports (PCI Local Bus 3.0, 3.2.2.3.2): the latch has bus, device, function and register. */
static void configuration_place(const struct io_access *a, u32 cf8, struct place *p)
{
    u32 function = (cf8 & ~PCI_ENABLE) >> 8 & 0xffff, reg = (cf8 & 0xfc) | (u32)(a->address & 3);

    *p = (struct place){ .kind = XEN_DMOP_IO_RANGE_PCI, .first = function, .last = function,
                         .address = (u64)function << 32 | reg, .type = IOREQ_TYPE_PCI_CONFIG };
}

bool place_of(const struct io_access *a, u32 cf8, struct place *p)
{
    u64 rest = ((u64)a->count - 1) * a->size;   /* of a block in memory, beyond its first unit */

    if (a->port) {
        bool pci = (a->address & ~3UL) == PCI_DATA && (a->address & 3) + a->size <= 4 && cf8 & PCI_ENABLE;
        bool block = a->count != 1;

        if (a->address + a->size > 0x10000 || (pci && block))
            return false;
        if (pci)
            configuration_place(a, cf8, p);
        else
            *p = (struct place){ .kind = XEN_DMOP_IO_RANGE_PORT, .first = a->address, .last = a->address + a->size - 1,
                                 .address = a->address, .type = IOREQ_TYPE_PIO };
        return true;
    }
    *p = (struct place){ .kind = XEN_DMOP_IO_RANGE_MEMORY, .first = a->address, .last = a->address + a->size - 1,
                         .address = a->address, .type = IOREQ_TYPE_COPY };
    if (a->down) {
        if (rest > p->first)
            return false;
        p->first -= rest;
    } else {
        p->last += rest;
    }
    return p->first <= p->last;
}

struct server *server_for(struct devmodel *dm, const struct place *p)
{
    for (unsigned int id = MAX_SERVERS; id-- > 0; ) {
        struct server *s = dm->server[id];

        if (s && s->enabled && rangeset_contains(&s->range[p->kind], p->first, p->last))
            return s;
    }
    return NULL;
}
