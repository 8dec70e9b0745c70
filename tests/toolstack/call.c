/* SPDX-License-Identifier: MIT */
/* The way to the hypervisor: the kernel's privcmd device, and arguments in memory that stays in place. */
#include "call.h"

#include <stdarg.h>
#include <stdlib.h>

#include <xencall.h>

static xencall_handle *handle;
char *buffer;
static char *arguments;                      /* one page: what a hypercall's argument points to */

void call_open(void)
{
    handle = xencall_open(NULL, 0);
    if (handle) {
        buffer = xencall_alloc_buffer_pages(handle, BUFFER_PAGES);
        arguments = xencall_alloc_buffer_pages(handle, 1);
    }
    if (!buffer || !arguments) {
        printf("no hypercalls from here: %s\n", strerror(errno));
        exit(2);
    }
    memset(buffer, 0, BUFFER_PAGES * PAGE);
}

static long answer(int result)
{
    return result < 0 ? -errno : result;
}

long call1(unsigned int number, uint64_t a) { return answer(xencall1(handle, number, a)); }
long call2(unsigned int number, uint64_t a, uint64_t b) { return answer(xencall2(handle, number, a, b)); }
long call3(unsigned int number, uint64_t a, uint64_t b, uint64_t c) { return answer(xencall3(handle, number, a, b, c)); }

long call4(unsigned int number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return answer(xencall4(handle, number, a, b, c, d));
}

long call5(unsigned int number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    return answer(xencall5(handle, number, a, b, c, d, e));
}

long domctl_raw(const struct xen_domctl *op)
{
    memcpy(arguments, op, sizeof(*op));
    return call1(__HYPERVISOR_domctl, (uint64_t)arguments);
}

long domctl(unsigned int command, uint32_t domain, struct xen_domctl *op)
{
    long result;

    op->cmd = command;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = (domid_t)domain;
    result = domctl_raw(op);
    memcpy(op, arguments, sizeof(*op));
    return result;
}

long sysctl(unsigned int command, struct xen_sysctl *op)
{
    long result;

    op->cmd = command;
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    memcpy(arguments, op, sizeof(*op));
    result = call1(__HYPERVISOR_sysctl, (uint64_t)arguments);
    memcpy(op, arguments, sizeof(*op));
    return result;
}

/* Hypercalls of the form (command, pointer). */
static long with_argument(unsigned int number, unsigned int command, void *argument, size_t size)
{
    long result;

    memcpy(arguments, argument, size);
    result = call2(number, command, (uint64_t)arguments);
    memcpy(argument, arguments, size);
    return result;
}

long memory_op(unsigned int command, void *argument, size_t size)
{
    return with_argument(__HYPERVISOR_memory_op, command, argument, size);
}

long event_op(unsigned int command, void *argument, size_t size)
{
    return with_argument(__HYPERVISOR_event_channel_op, command, argument, size);
}

long hvm_op(unsigned int command, void *argument, size_t size)
{
    return with_argument(__HYPERVISOR_hvm_op, command, argument, size);
}

long grant_op(unsigned int command, void *argument, size_t size, unsigned int count)
{
    long result;

    memcpy(arguments, argument, size);
    result = call3(__HYPERVISOR_grant_table_op, command, (uint64_t)arguments, count);
    memcpy(argument, arguments, size);
    return result;
}

int wrong(const char *format, ...)
{
    va_list list;

    printf("WRONG ");
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
    return 1;
}

int expect(const char *what, long result, const int *list)
{
    for (unsigned int i = 0; list[i]; i++)
        if (result == list[i])
            return 0;
    return wrong("%s: answered %ld (%s)", what, result, result < 0 ? strerror((int)-result) : "no error");
}
