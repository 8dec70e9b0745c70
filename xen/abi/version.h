/* SPDX-License-Identifier: MIT */
/* The version of the Xen ABI that Prism speaks, as it reports it. */
#ifndef PRISM_ABI_VERSION_H
#define PRISM_ABI_VERSION_H

#define XEN_MAJOR 4
#define XEN_MINOR 17
#define XEN_EXTRA "-prism"   /* at most 15 characters */

#endif
