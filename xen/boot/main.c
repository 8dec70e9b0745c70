/* SPDX-License-Identifier: MIT */
/* From the boot loader's hands to the control domain: the order in which the parts of Prism come up. */
#include "abi/debug_keys.h"
#include "abi/hypfs.h"
#include "boot/boot.h"
#include "cpu/cpu.h"
#include "cpu/identify.h"
#include "cpu/smp.h"
#include "cpu/time.h"
#include "cpu/traps.h"
#include "cpu/x86.h"
#include "dom/sched.h"
#include "hw/container.h"
#include "lib/console.h"
#include "lib/lib.h"
#include "mem/frame.h"
#include "trace/trace.h"

static void banner(void)
{
    printk("Prism (Xen ABI %s), loaded by %s\n", "4.17", boot_info.loader);
    printk("Command line: %s\n", boot_info.cmdline);
    cmdline_warn_unknown();
    printk("%s family %u model %u stepping %u%s%s%s%s%s\n", cpu_features.vendor, cpu_features.family, cpu_features.model,
           cpu_features.stepping, cpu_features.smep ? ", SMEP" : "", cpu_features.smap ? ", SMAP" : "",
           cpu_features.xsave ? ", XSAVE" : "", cpu_features.x2apic ? ", x2APIC" : "", cpu_features.svm ? ", SVM" : "");
}

/* The second half of booting, on a stack with a guard page. */
static void __attribute__((used)) boot_on_own_stack(void)
{
    struct cpu *c = this_cpu();

    desc_init_cpu(0);
    acpi_init();
    ioapic_init();      /* first: an interrupt that the legacy PIC still asserts cannot be taken back through a masked LINT0 */
    lapic_init_cpu();
    time_init();
    timer_init_cpu(0);
    sched_init_cpu(0);
    current = c->idle_vcpu;
    c->ctxt_vcpu = current;
    c->online = true;
    irq_enable();
    console_init_irq();
    debug_keys_init();
    tlb_init();
    nmi_init();
    smp_boot();
    if (options.watchdog)
        watchdog_init(options.watchdog_seconds);
    cpu_patch_smap();
    map_protect_image();
    container_report();
    trace_boot();
    build_control_domain(&boot_info);
    mem_report();
    boot_free_init();
    idle_loop();
}

/* Called by head.S in 64-bit mode on the boot stack, interrupts off. magic, info: what the boot loader left in EAX, EBX. */
void prism_start(u32 magic, u32 info)
{
    struct cpu_info *own;

    cpus[0].info = cpu_info();
    boot_parse(magic, info);
    cmdline_parse(boot_info.cmdline, &options);
    console_init_early();
    desc_init_cpu(0);   /* so that a fault from here on is seen; again below with the final stack */
    cpu_identify();
    banner();
    mem_init(&boot_info);
    cpu_init_control();
    write_cr3(virt_to_maddr(idle_l4));
    spectrum_init();
    hypfs_debug_init();
    own = smp_stack_alloc(0);
    if (!own)
        panic("No memory for the boot CPU's stack");
    cpus[0].info = own;
    switch_stack(own, boot_on_own_stack);
}
