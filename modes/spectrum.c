/* SPDX-License-Identifier: MIT */
/* The spectrum: five modes, four columns, an answer in each cell. */
#include <xen/domctl.h>

#include "cpu/cpu.h"
#include "lib/lib.h"
#include "modes/hvm/hvm.h"
#include "modes/pv/pv.h"
#include "modes/pvh/pvh.h"
#include "modes/spectrum.h"
#include "modes/spectrum_change.h"

const struct row spectrum[NR_ROWS] = {
    /*               privileged        platform      interrupts        I/O         */
    [ROW_PV]    = { "PV",
                    &privileged_pv,   &platform_pv, &interrupts_pv,   &io_pv,     NULL },
    [ROW_PVH]   = { "PVH",
                    &privileged_hw,   &platform_pvh, &interrupts_pvh, &io_pv,     NULL },
    [ROW_PVHVM] = { "PVHVM",
                    &privileged_hw,   &platform_emu, &interrupts_pvh, &io_pv_pc,  NULL },
    [ROW_PVIO]  = { "PV I/O",
                    &privileged_hw,   &platform_emu, &interrupts_emu, &io_pv_pc,  NULL },
    [ROW_HVM]   = { "HVM",
                    &privileged_hw,   &platform_emu, &interrupts_emu, &io_emu,    NULL },
};

/* libxl asks for a container by XEN_DOMCTL_CDF_hvm, and for a PC inside it by emulated devices beyond the local APIC. */
static enum row_id wanted_row(const struct xen_domctl_createdomain *config)
{
    if (!(config->flags & XEN_DOMCTL_CDF_hvm))
        return ROW_PV;
    return config->arch.emulation_flags & ~(u32)XEN_X86_EMU_LAPIC ? ROW_PVHVM : ROW_PVH;
}

const char *row_refused(const struct row *row)
{
    if (row->refused)
        return row->refused;
    return row->privileged->unavailable ? row->privileged->unavailable() : NULL;
}

const struct row *row_for(const struct xen_domctl_createdomain *config, const char **why)
{
    const struct row *row = &spectrum[wanted_row(config)];

    *why = row_refused(row);
    return *why ? NULL : row;
}

void spectrum_init(void)
{
    syscall_init_hook = pv_syscall_init;
    spectrum_fs_init();
}

void build_control_domain(const struct boot_info *info)
{
    pv_build_dom0(info);
}

#define MISSING(column, function) do { if (!row->column->function) return #column "." #function; } while (0)

static const char *check_privileged(const struct row *row)
{
    MISSING(privileged, domain_init); MISSING(privileged, domain_relinquish); MISSING(privileged, domain_free);
    MISSING(privileged, vcpu_init); MISSING(privileged, vcpu_free); MISSING(privileged, set_context);
    MISSING(privileged, get_context); MISSING(privileged, reset); MISSING(privileged, switch_from);
    MISSING(privileged, switch_to); MISSING(privileged, resume); MISSING(privileged, trap);
    MISSING(privileged, kernel_mode); MISSING(privileged, inject); MISSING(privileged, copy_from);
    MISSING(privileged, copy_to); MISSING(privileged, clear); MISSING(privileged, get_gfn);
    MISSING(privileged, map_gfn); MISSING(privileged, unmap_gfn); MISSING(privileged, grant_map);
    MISSING(privileged, grant_unmap); MISSING(privileged, hypercall_again);
    MISSING(privileged, hypercalls); MISSING(privileged, dump);
    return NULL;
}

const char *row_check(const struct row *row)
{
    const char *missing;

    if (!row->privileged || !row->platform || !row->interrupts || !row->io)
        return "an answer";
    missing = check_privileged(row);
    if (missing)
        return missing;
    MISSING(platform, domain_init); MISSING(platform, domain_free); MISSING(platform, cpuid);
    MISSING(platform, set_policy); MISSING(platform, get_policy); MISSING(platform, fill_hypercall_page);
    MISSING(platform, rdmsr); MISSING(platform, wrmsr);
    MISSING(interrupts, vcpu_init); MISSING(interrupts, vcpu_free); MISSING(interrupts, upcall);
    MISSING(interrupts, pending); MISSING(interrupts, nmi);
    if (row->privileged->container) {
        MISSING(interrupts, callback); MISSING(interrupts, set_callback); MISSING(interrupts, set_upcall_vector);
    }
    MISSING(io, domain_init); MISSING(io, domain_free);
    if (row->io->access)
        MISSING(io, finish);
    return NULL;
}
