/* SPDX-License-Identifier: MIT */
/* xen_version: who the hypervisor is and what it offers (public headers xen/version.h and xen/features.h). */
#include <xen/features.h>
#include <xen/version.h>

#include "abi/hypercall.h"
#include "abi/version.h"
#include "boot/boot.h"
#include "dom/guest_access.h"

#define DENIED "<denied>"

/* Every answer that is text fills its whole field. */
static long give_text(u64 arg, const char *text, size_t size)
{
    char field[1024];
    BUG_ON(size > sizeof(field));
    memset(field, 0, size);
    strlcpy(field, text, size);
    return copy_to_guest_va(arg, field, size);
}

static long give_compile_info(u64 arg)
{
    struct xen_compile_info info;
    memset(&info, 0, sizeof(info));
    strlcpy(info.compiler, XEN_COMPILER, sizeof(info.compiler));
    strlcpy(info.compile_by, XEN_COMPILE_BY, sizeof(info.compile_by));
    strlcpy(info.compile_domain, XEN_COMPILE_DOMAIN, sizeof(info.compile_domain));
    strlcpy(info.compile_date, XEN_COMPILE_DATE, sizeof(info.compile_date));
    return copy_arg_to(arg, &info);
}

/* What guests of the rows that can be had may be built as, each named once. */
static long give_capabilities(u64 arg)
{
    xen_capabilities_info_t text = "";
    for (unsigned int i = 0; i < NR_ROWS; i++) {
        const struct row *row = &spectrum[i];
        size_t used = strlen(text);
        if (!row_refused(row) && !strstr(text, row->privileged->capabilities))
            snprintf(text + used, sizeof(text) - used, "%s ", row->privileged->capabilities);
    }
    return copy_arg_to(arg, &text);
}

static long give_features(struct domain *d, u64 arg)
{
    struct xen_feature_info info;
    if (copy_arg_from(&info, arg))
        return -EFAULT;
    if (info.submap_idx >= XENFEAT_NR_SUBMAPS)
        return -EINVAL;
    info.submap = d->row->platform->features | d->row->interrupts->features | 1u << XENFEAT_memory_op_vnode_supported |
                  1u << XENFEAT_not_direct_mapped;
    if (d == hardware_domain)
        info.submap |= 1u << XENFEAT_dom0;
    return copy_arg_to(arg, &info);
}

long hypercall_xen_version(unsigned long cmd, unsigned long arg, unsigned long a3, unsigned long a4, unsigned long a5,
                           unsigned long a6)
{
    struct domain *d = current->domain;
    switch ((int)cmd) {
    case XENVER_version:
        return XEN_MAJOR << 16 | XEN_MINOR;
    case XENVER_extraversion:
        return give_text(arg, XEN_EXTRA, sizeof(xen_extraversion_t));
    case XENVER_compile_info:
        return give_compile_info(arg);
    case XENVER_capabilities:
        return give_capabilities(arg);
    case XENVER_changeset:
        return give_text(arg, XEN_CHANGESET, sizeof(xen_changeset_info_t));
    case XENVER_platform_parameters: {
        struct xen_platform_parameters parameters = { .virt_start = HYPERVISOR_VIRT_START };
        return copy_arg_to(arg, &parameters);
    }
    case XENVER_get_features:
        return give_features(d, arg);
    case XENVER_pagesize:
        return arg ? -EINVAL : (long)PAGE_SIZE;
    case XENVER_guest_handle:
        return copy_arg_to(arg, &d->handle);
    case XENVER_commandline:
        return give_text(arg, d->is_privileged ? boot_info.cmdline : DENIED, sizeof(xen_commandline_t));
    case XENVER_build_id:
        return d->is_privileged ? -ENODATA : -EPERM;
    }
    return -ENOSYS;
}
