/* SPDX-License-Identifier: MIT */
/* Error numbers as guests see them (public header xen/errno.h), under their plain names: functions return -EINVAL.
 * -ERESTART never reaches a guest: it means that the hypercall is to be issued again (abi/hypercall.h). */
#ifndef PRISM_LIB_ERRNO_H
#define PRISM_LIB_ERRNO_H

#ifdef PRISM_HOST
#include <errno.h>   /* the host's values are the same ones */
#else
#define XEN_ERRNO(name, value) name = value,
enum errno_value {
#include <xen/errno.h>
ERESTART = 85,   /* the public header keeps it from guests */
};
#endif

#endif
