/* SPDX-License-Identifier: MIT */
/* The version of the Xen ABI that Prism speaks, and how it was built, as it reports them. */
#ifndef PRISM_ABI_VERSION_H
#define PRISM_ABI_VERSION_H

#define XEN_MAJOR 4
#define XEN_MINOR 17
#define XEN_EXTRA "-prism"   /* at most 15 characters */
#define XEN_CHANGESET ""
#define XEN_COMPILER "gcc " __VERSION__
#define XEN_COMPILE_BY "prism"
#define XEN_COMPILE_DOMAIN "localhost"
#define XEN_COMPILE_DATE "reproducible build"

#endif
