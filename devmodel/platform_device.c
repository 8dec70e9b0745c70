/* SPDX-License-Identifier: MIT */
/* The platform device that the Xen ABI's PC has (PCI 5853:0001, unplug protocol at port 10H): where a guest's own accesses
 * show it to be, what the guest has it unplug, and how it is hidden from a guest that is to find no hypervisor. */
#include "devmodel/server.h"
#include "modes/spectrum_change.h"

#define VENDOR 0x5853
#define DEVICE 1
#define REG_VENDOR 0
#define REG_DEVICE 2
#define REG_BAR 0x10
#define UNPLUG_FIRST 0x10
#define UNPLUG_LAST 0x13
#define BAR_IS_PORT 1u

/* ---- Learning. devmodel.lock held. */

static void learn_identity(struct platform_device *x, u32 function, u32 reg, u8 size, u32 value)
{
    if (reg == REG_VENDOR && size == 4 && value == (VENDOR | DEVICE << 16))
        x->function = function;
    else if (reg == REG_VENDOR && size == 2)
        x->vendor_seen = value == VENDOR ? function : NO_FUNCTION;
    else if (reg == REG_DEVICE && size == 2 && value == DEVICE && x->vendor_seen == function)
        x->function = function;
}

/* Firmware finds the size of a region by writing ones and reading back. */
static void learn_bar(struct platform_device *x, unsigned int bar, u32 value, bool write)
{
    if (write)
        x->bar[bar] = value;
    else if (x->bar[bar] == ~0u)
        x->bar_mask[bar] = value;
}

void platform_learn(struct devmodel *dm, u64 address, u8 size, u32 value, bool write)
{
    u32 function = (u32)(address >> 32), reg = (u32)address;

    spin_lock(&dm->lock);
    if (!write)
        learn_identity(&dm->platform, function, reg, size, value);
    if (function == dm->platform.function && size == 4 && reg % 4 == 0 && reg >= REG_BAR && reg < REG_BAR + 4 * BARS)
        learn_bar(&dm->platform, (reg - REG_BAR) / 4, value, write);
    spin_unlock(&dm->lock);
}

/* ---- Hiding. Nothing of what was learnt changes any more: no access gets so far. */

static bool overlap(const struct place *p, u64 first, u64 last)
{
    return p->first <= last && p->last >= first;
}

static bool in_bar(const struct platform_device *x, unsigned int bar, const struct place *p)
{
    bool port = x->bar_mask[bar] & BAR_IS_PORT;
    u32 mask = x->bar_mask[bar] & (port ? ~3u : ~15u), first = x->bar[bar] & mask;
    u64 last = (u64)first + (port ? ~mask & 0xffff : ~mask);

    if (!mask || !first || x->bar[bar] == ~0u || (p->kind == XEN_DMOP_IO_RANGE_PORT) != port)
        return false;
    return overlap(p, first, last);
}

bool platform_hides(struct devmodel *dm, const struct place *p)
{
    if (likely(!dm->platform_hidden))
        return false;
    if (p->kind == XEN_DMOP_IO_RANGE_PCI)
        return p->first == dm->platform.function;
    if (p->kind == XEN_DMOP_IO_RANGE_PORT && overlap(p, UNPLUG_FIRST, UNPLUG_LAST))
        return true;
    for (unsigned int bar = 0; bar < BARS; bar++)
        if (in_bar(&dm->platform, bar, p))
            return true;
    return false;
}

void devmodel_hide_platform(struct domain *d)
{
    if (d->devmodel)
        d->devmodel->platform_hidden = true;
}

/* ---- Unplugging */

bool is_unplug(const struct io_access *a)
{
    return a->port && a->write && a->address == UNPLUG_FIRST && a->size == 2 && a->count == 1;
}

/* One line for each time that there is something new: a guest cannot flood the console. */
void devmodel_unplugged(struct domain *d, u16 what)
{
    char text[52];
    u16 before;

    if (!d->devmodel)
        return;
    before = __atomic_fetch_or(&d->devmodel->unplugged, what, __ATOMIC_SEQ_CST);
    if (!(what & ~before))
        return;
    snprintf(text, sizeof(text), "unplugged%s%s%s%s (%x)", what & 1 ? " disks" : "", what & 2 ? " network" : "",
             what & 4 ? " disks but one" : "", what & 8 ? " NVMe" : "", what);
    mode_note(d, COLUMN_IO, text);
}

u16 devmodel_unplugged_mask(const struct domain *d)
{
    return d->devmodel ? d->devmodel->unplugged : 0;
}
