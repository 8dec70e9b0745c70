/* SPDX-License-Identifier: MIT */
/* The grammar of what only a kernel in ring 3 may call: page tables, descriptors, entry points, the machine's interrupts. */
#include <xen/callback.h>
#include <xen/physdev.h>

#include "fuzz/fuzz.h"
#include "fuzz/world_pv.h"

#define X mmuext_op_t
#define M physdev_map_pirq_t

SHAPE(update, mmu_update_t, F(mmu_update_t, ptr, K_TABLE, 0), F(mmu_update_t, val, K_PTE, 0));
SHAPE(pin, X, F(X, cmd, K_RANGE, RANGE(MMUEXT_PIN_L1_TABLE, MMUEXT_NEW_BASEPTR)), F(X, arg1.mfn, K_FRAME, 0));
SHAPE(base, X, F(X, cmd, K_CONST, MMUEXT_NEW_BASEPTR), F(X, arg1.mfn, K_FRAME, 0));
SHAPE(user_base, X, F(X, cmd, K_CONST, MMUEXT_NEW_USER_BASEPTR), F(X, arg1.mfn, K_FRAME, 0));
SHAPE(flush, X, F(X, cmd, K_RANGE, RANGE(MMUEXT_TLB_FLUSH_LOCAL, MMUEXT_SET_LDT)),
      F(X, arg1.linear_addr, K_VA, 0), F(X, arg2.vcpumask, K_POINTER, 0));
SHAPE(ldt, X, F(X, cmd, K_CONST, MMUEXT_SET_LDT), F(X, arg1.linear_addr, K_VA, 0), F(X, arg2.nr_ents, K_NUMBER, 0));
SHAPE(page, X, F(X, cmd, K_CONST, MMUEXT_CLEAR_PAGE), F(X, arg1.mfn, K_FRAME, 0));
SHAPE(copy, X, F(X, cmd, K_CONST, MMUEXT_COPY_PAGE), F(X, arg1.mfn, K_FRAME, 0), F(X, arg2.src_mfn, K_FRAME, 0));
SHAPE(extended, X, F(X, cmd, K_BELOW, 24), F(X, arg1.mfn, K_FRAME, 0), F(X, arg2.src_mfn, K_FRAME, 0));
SHAPE(done, u32, ELEMENT(u32, K_CONST, 0));
SHAPE(gdt_frame, unsigned long, ELEMENT(unsigned long, K_FRAME, 0));
SHAPE(trap, trap_info_t, F(trap_info_t, vector, K_NUMBER, 0), F(trap_info_t, flags, K_BITS, 7),
      F(trap_info_t, cs, K_LIVE, LIVE_SEGMENT), F(trap_info_t, address, K_LIVE, LIVE_TRAP));
SHAPE(any_trap, trap_info_t, F(trap_info_t, vector, K_NUMBER, 0), F(trap_info_t, flags, K_NUMBER, 0),
      F(trap_info_t, cs, K_NUMBER, 0), F(trap_info_t, address, K_NUMBER, 0));
SHAPE(live_callback, struct callback_register, F(struct callback_register, type, K_BELOW, 8),
      F(struct callback_register, flags, K_BITS, 1), F(struct callback_register, address, K_LIVE, LIVE_EVENT));
SHAPE(callback, struct callback_register, F(struct callback_register, type, K_BELOW, 8),
      F(struct callback_register, flags, K_BITS, 1), F(struct callback_register, address, K_NUMBER, 0));
SHAPE(no_callback, struct callback_unregister, F(struct callback_unregister, type, K_BELOW, 8));
SHAPE(irq, physdev_eoi_t, F(physdev_eoi_t, irq, K_BELOW, 40));
SHAPE(irq_status, physdev_irq_status_query_t, F(physdev_irq_status_query_t, irq, K_BELOW, 40));
SHAPE(eoi_frame, physdev_pirq_eoi_gmfn_t, F(physdev_pirq_eoi_gmfn_t, gmfn, K_FRAME, 0));
SHAPE(iopl, physdev_set_iopl_t, F(physdev_set_iopl_t, iopl, K_BELOW, 4));
SHAPE(iobitmap, physdev_set_iobitmap_t, F(physdev_set_iobitmap_t, bitmap, K_POINTER, 0),
      F(physdev_set_iobitmap_t, nr_ports, K_NUMBER, 0));
SHAPE(map_pirq, M, F(M, domid, K_DOMID, 0), F(M, type, K_BELOW, 5), F(M, index, K_NUMBER, 0), F(M, pirq, K_NUMBER, 0),
      F(M, bus, K_BELOW, 4), F(M, devfn, K_NUMBER, 0), F(M, entry_nr, K_BELOW, 4), F(M, table_base, K_NUMBER, 0));
SHAPE(unmap_pirq, physdev_unmap_pirq_t, F(physdev_unmap_pirq_t, domid, K_DOMID, 0), F(physdev_unmap_pirq_t, pirq, K_BELOW, 40));
SHAPE(free_pirq, physdev_get_free_pirq_t, F(physdev_get_free_pirq_t, type, K_BELOW, 5));

#define LIST_OF(what, n, weight, flags, most, shape) \
    CALL(what, n, weight, flags, LIST(most, shape), VALUE(K_COUNT, 0), LIST(1, done), VALUE(K_DOMID, 0))
#define PHYSDEV(cmd, weight, flags, shape) NAMED_OP(#cmd, cmd, physdev_op, weight, flags, LIST(1, shape))

static const struct call calls[] = {
    LIST_OF("mmu_update", mmu_update, 40, 0, 128, update), LIST_OF("mmuext pin", mmuext_op, 40, 0, 8, pin),
    LIST_OF("mmuext base", mmuext_op, 1, MORTAL, 1, base), LIST_OF("mmuext user base", mmuext_op, 6, 0, 2, user_base),
    LIST_OF("mmuext flush", mmuext_op, 8, 0, 8, flush), LIST_OF("mmuext ldt", mmuext_op, 6, 0, 2, ldt),
    LIST_OF("mmuext clear", mmuext_op, 8, 0, 4, page), LIST_OF("mmuext copy", mmuext_op, 8, 0, 4, copy),
    LIST_OF("mmuext", mmuext_op, 1, MORTAL, 16, extended),
    CALL("update_va_mapping", update_va_mapping, 60, 0, VALUE(K_VA, 0), VALUE(K_PTE, 0), VALUE(K_BITS, 7)),
    CALL("update_va_mapping_otherdomain", update_va_mapping_otherdomain, 10, 0, VALUE(K_VA, 0), VALUE(K_PTE, 0),
         VALUE(K_BITS, 7), VALUE(K_DOMID, 0)),
    CALL("set_gdt", set_gdt, 8, 0, LIST(16, gdt_frame), VALUE(K_BELOW, 1030)),
    CALL("update_descriptor", update_descriptor, 10, 0, VALUE(K_TABLE, 0), VALUE(K_NUMBER, 0)),
    CALL("stack_switch", stack_switch, 3, 0, VALUE(K_NUMBER, 0), VALUE(K_NUMBER, 0)),
    CALL("set_trap_table", set_trap_table, 3, TRAPS, LIST(64, trap)),
    CALL("set_trap_table", set_trap_table, 1, MORTAL | TRAPS, LIST(300, any_trap)),
    CALL("set_callbacks", set_callbacks, 2, TRAPS, VALUE(K_LIVE, LIVE_EVENT), VALUE(K_LIVE, LIVE_EVENT), VALUE(K_NUMBER, 0)),
    CALL("set_callbacks", set_callbacks, 1, MORTAL | TRAPS, VALUE(K_NUMBER, 0), VALUE(K_NUMBER, 0), VALUE(K_NUMBER, 0)),
    OP(CALLBACKOP_register, callback_op, 3, TRAPS, LIST(1, live_callback)),
    OP(CALLBACKOP_register, callback_op, 1, MORTAL | TRAPS, LIST(1, callback)),
    OP(CALLBACKOP_unregister, callback_op, 2, TRAPS, LIST(1, no_callback)),
    CALL("fpu_taskswitch", fpu_taskswitch, 3, 0, VALUE(K_NUMBER, 0)),
    CALL("set_debugreg", set_debugreg, 4, 0, VALUE(K_BELOW, 9), VALUE(K_NUMBER, 0)),
    CALL("get_debugreg", get_debugreg, 3, ANSWERS, VALUE(K_BELOW, 9)),
    CALL("set_segment_base", set_segment_base, 4, 0, VALUE(K_BELOW, 5), VALUE(K_NUMBER, 0)),
    CALL("iret", iret, 1, MORTAL, VALUE(K_NUMBER, 0)),
    PHYSDEV(PHYSDEVOP_eoi, 2, 0, irq), PHYSDEV(PHYSDEVOP_irq_status_query, 2, 0, irq_status),
    PHYSDEV(PHYSDEVOP_pirq_eoi_gmfn_v1, 2, 0, eoi_frame), PHYSDEV(PHYSDEVOP_pirq_eoi_gmfn_v2, 2, 0, eoi_frame),
    PHYSDEV(PHYSDEVOP_set_iopl, 2, 0, iopl), PHYSDEV(PHYSDEVOP_set_iobitmap, 3, 0, iobitmap),
    PHYSDEV(PHYSDEVOP_map_pirq, 3, 0, map_pirq), PHYSDEV(PHYSDEVOP_unmap_pirq, 2, 0, unmap_pirq),
    PHYSDEV(PHYSDEVOP_get_free_pirq, 2, 0, free_pirq),
    CALL("physdev_op", physdev_op, 4, 0, VALUE(K_BELOW, 34), VALUE(K_POINTER, 0)),
    CALL("hvm_op", hvm_op, 2, 0, VALUE(K_BELOW, 30), VALUE(K_POINTER, 0)),
};

const struct book book_own = BOOK(calls);
