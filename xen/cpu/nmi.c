/* SPDX-License-Identifier: MIT */
/* Non-maskable interrupts that Prism has not asked for: a device or the memory complains, or somebody presses a button.
 * What becomes of one is the boot line's word nmi=. The control domain, which has the devices, hears of it unless that says
 * otherwise: its vCPU 0 gets the interrupt, and finds the reason in its shared_info (public header nmi.h). */
#include <xen/nmi.h>

#include "boot/boot.h"
#include "cpu/cpu.h"
#include "cpu/traps.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "lib/bitops.h"
#include "lib/console.h"
#include "lib/lib.h"

#define PORT_REASON 0x61     /* NMI status and control of the chip set */
#define REASON_SERR 0x80
#define REASON_IOCHK 0x40

static volatile u32 untold;  /* XEN_NMIREASON_* of those that nobody has been told of yet; atomic */

static const char *describe(u32 reason)
{
    return reason & XEN_NMIREASON_pci_serr ? "memory or bus error" : reason & XEN_NMIREASON_io_error ? "I/O check" :
           "reason unknown";
}

/* SOFTIRQ_NMI: here locks can be taken. */
static void tell(void)
{
    u32 reasons = xchg(&untold, 0u);
    struct domain *d = hardware_domain;
    struct vcpu *v = d ? d->vcpu[0] : NULL;

    if (!reasons)
        return;
    printk("NMI on CPU %u: %s%s\n", smp_processor_id(), describe(reasons), v ? "; the control domain is told" : "");
    if (!v)
        return;
    ACCESS_ONCE(d->shared_info->arch.nmi_reason) = reasons;
    d->row->interrupts->nmi(v);
}

/* Any context: whatever this interrupts may have any lock. A CPU that is just about to halt tells of it when it wakes. */
void nmi_arrived(struct cpu_user_regs *regs)
{
    u8 port = inb(PORT_REASON);
    u32 reason = port & REASON_SERR ? XEN_NMIREASON_pci_serr : port & REASON_IOCHK ? XEN_NMIREASON_io_error :
                 XEN_NMIREASON_unknown;

    if (options.nmi == NMI_IGNORE)
        return;
    if (options.nmi == NMI_FATAL) {
        console_force_unlock();
        pr_err("*** Prism: NMI on CPU %u: %s\n", smp_processor_id(), describe(reason));
        dump_state(regs);
        panic("NMI: %s, and \"nmi=fatal\" is set", describe(reason));
    }
    __atomic_fetch_or(&untold, reason, __ATOMIC_SEQ_CST);
    raise_softirq(SOFTIRQ_NMI);
}

void nmi_init(void)
{
    open_softirq(SOFTIRQ_NMI, tell);
}
