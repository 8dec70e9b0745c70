/* SPDX-License-Identifier: MIT */
/* What a test kernel in the control domain's place does to another domain, which it makes itself. */
#ifndef PRISM_TESTS_OTHER_DOMAIN_H
#define PRISM_TESTS_OTHER_DOMAIN_H

#include <xen/domctl.h>

#include "lib/guest.h"

/* op's command, version and domain are filled in. */
long domctl(u32 command, domid_t domain, struct xen_domctl *op);
/* One vCPU, so much memory at most; its id. A verdict and DOMID_INVALID, if there is none. */
domid_t make_domain(bool container, u64 max_kib);
void destroy_domain(domid_t domain);
long pages_of(domid_t domain);
/* A frame of the domain's, as hypercalls call it there, at an address of this kernel's. */
long map_foreign(void *va, domid_t domain, u64 frame);

#endif
