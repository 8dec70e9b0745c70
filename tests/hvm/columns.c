/* SPDX-License-Identifier: MIT */
/* Changes what a domain is like while it works:
 *     columns unplug           in a guest, with all rights: takes the emulated disks and network cards off its PC, as a
 *                              kernel does at boot
 *     columns callback DOMAIN  in the control domain: the guest's event callback is a line that it does not listen to, none
 *                              at all, and its vector again, over and over */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xencall.h>

#define UNPLUG_PORT 0x10
#define UNPLUG_DISKS_AND_NICS 3
#define VECTOR 0xf3u             /* Linux's for event channels, on all CPUs */
#define PLATFORM_DEVICE (2u << 11)   /* its INTA */
#define ROUNDS 60
#define PAUSE 20000              /* microseconds */
#define VIA(type, value) ((uint64_t)(type) << 56 | (value))

static int unplug(void)
{
    if (iopl(3)) {
        perror("iopl");
        return 1;
    }
    outw(UNPLUG_DISKS_AND_NICS, UNPLUG_PORT);
    return 0;
}

static int callback(domid_t domain)
{
    static const uint64_t vias[] = {
        VIA(HVM_PARAM_CALLBACK_TYPE_PCI_INTX, PLATFORM_DEVICE), 0, VIA(HVM_PARAM_CALLBACK_TYPE_VECTOR, VECTOR),
    };
    xencall_handle *handle = xencall_open(NULL, 0);
    struct xen_hvm_param *param = handle ? xencall_alloc_buffer_pages(handle, 1) : NULL;
    int wrong = !param;

    for (unsigned int round = 0; round < ROUNDS && !wrong; round++) {
        *param = (struct xen_hvm_param){ .domid = domain, .index = HVM_PARAM_CALLBACK_IRQ, .value = vias[round % 3] };
        wrong = xencall2(handle, __HYPERVISOR_hvm_op, HVMOP_set_param, (uint64_t)param);
        usleep(PAUSE);
    }
    if (wrong)
        perror("columns");
    return wrong != 0;
}

int main(int count, char **words)
{
    if (count == 2 && strcmp(words[1], "unplug") == 0)
        return unplug();
    if (count == 3 && strcmp(words[1], "callback") == 0)
        return callback((domid_t)atoi(words[2]));
    fprintf(stderr, "columns unplug | columns callback DOMAIN\n");
    return 2;
}
