/* SPDX-License-Identifier: MIT */
/* What the control domain's kernel finds when it starts: start_info (public header xen/xen.h), and its first
 * registers. */
#include <xen/features.h>

#include "boot/boot.h"
#include "lib/lib.h"
#include "modes/pv/dom0.h"

#define VGA_FONT_HEIGHT 16

static void __init fill_console(struct start_info *si, const struct boot_info *info)
{
    struct dom0_vga_console_info *vga = (struct dom0_vga_console_info *)(si + 1);
    if (!info->vga_mode_cols)
        return;
    si->console.dom0.info_off = sizeof(*si);
    si->console.dom0.info_size = sizeof(*vga);
    vga->video_type = XEN_VGATYPE_TEXT_MODE_3;
    vga->u.text_mode_3.font_height = VGA_FONT_HEIGHT;
    vga->u.text_mode_3.columns = (u16)info->vga_mode_cols;
    vga->u.text_mode_3.rows = (u16)info->vga_mode_rows;
    vga->u.text_mode_3.cursor_y = (u16)(info->vga_mode_rows - 1);
}

void __init dom0_fill_start_info(struct dom0 *b, const struct boot_info *info)
{
    struct start_info *si = memset(dom0_page(b, b->start_info), 0, PAGE_SIZE);
    strlcpy(si->magic, "xen-3.0-x86_64", sizeof(si->magic));
    si->nr_pages = b->nr_pages;
    si->shared_info = (u64)b->d->shared_info_mfn << PAGE_SHIFT;
    si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
    si->pt_base = dom0_va(b, b->tables);
    si->nr_pt_frames = b->nr_tables;
    if (b->image.init_p2m) {
        si->mfn_list = b->image.init_p2m;
        si->first_p2m_pfn = b->p2m_pfn;
        si->nr_p2m_frames = b->p2m_pages + b->p2m_tables;
    } else {
        si->mfn_list = dom0_va(b, b->p2m_pfn);
    }
    if (b->ramdisk) {
        si->mod_start = b->image.module_by_pfn ? b->ramdisk_pfn : dom0_va(b, b->ramdisk_pfn);
        si->mod_len = b->ramdisk->size;
        si->flags |= b->image.module_by_pfn ? SIF_MOD_START_PFN : 0;
    }
    if (strlcpy((char *)si->cmd_line, b->kernel->cmdline, sizeof(si->cmd_line)) >= sizeof(si->cmd_line))
        pr_warn("Control domain: its command line is cut off after %d characters\n", MAX_GUEST_CMDLINE - 1);
    fill_console(si, info);
}

void __init dom0_start_vcpu(struct dom0 *b, struct vcpu *v)
{
    struct vcpu_guest_context *context = xzalloc(struct vcpu_guest_context);
    mfn_t l4 = dom0_mfn(b, b->tables);
    if (!context)
        panic("Control domain: no memory to start it");
    /* Pinned, as if the kernel had done it itself: it unpins them when it has tables of its own. */
    if (pv_pin_table(b->d, l4, FT_L4, false))
        panic("Control domain: its page tables were refused");
    context->flags = VGCF_in_kernel | VGCF_online;
    context->user_regs.rip = b->image.entry;
    context->user_regs.rsp = dom0_va(b, b->stack + 1);
    context->user_regs.rsi = dom0_va(b, b->start_info);
    context->user_regs.rflags = 1 << 9;      /* IF: interrupts are held back by the upcall mask alone */
    context->user_regs.cs = FLAT_KERNEL_CS;
    context->user_regs.ss = FLAT_KERNEL_SS;
    context->user_regs.ds = context->user_regs.es = FLAT_KERNEL_DS;
    context->kernel_ss = FLAT_KERNEL_SS;
    context->kernel_sp = context->user_regs.rsp;
    context->ctrlreg[3] = xen_pfn_to_cr3(l4);
    int rc;
    do
        rc = b->d->row->privileged->set_context(v, context);
    while (rc == -ERESTART);
    if (rc)
        panic("Control domain: its first registers were refused (%d)", rc);
    xfree(context);
    v->vcpu_info->evtchn_upcall_mask = 1;
    v->is_initialised = true;
    clear_bit(VPF_DOWN, &v->pause_flags);
}
