/* SPDX-License-Identifier: MIT */
/* The grammar of what only a guest in a container may call. */
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

#include "fuzz/fuzz.h"

#define P xen_hvm_param_t

SHAPE(param, P, F(P, domid, K_DOMID, 0), F(P, index, K_BELOW, HVM_NR_PARAMS + 2), F(P, value, K_FRAME, 0));
SHAPE(param_number, P, F(P, domid, K_CONST, DOMID_SELF), F(P, index, K_BELOW, HVM_NR_PARAMS + 2), F(P, value, K_NUMBER, 0));
SHAPE(callback, P, F(P, domid, K_CONST, DOMID_SELF), F(P, index, K_CONST, HVM_PARAM_CALLBACK_IRQ), F(P, value, K_CALLBACK, 0));
SHAPE(vector, xen_hvm_evtchn_upcall_vector_t, F(xen_hvm_evtchn_upcall_vector_t, vcpu, K_VCPU, 0),
      F(xen_hvm_evtchn_upcall_vector_t, vector, K_VECTOR, 0));
SHAPE(mem_type, xen_hvm_get_mem_type_t, F(xen_hvm_get_mem_type_t, domid, K_DOMID, 0),
      F(xen_hvm_get_mem_type_t, pfn, K_FRAME, 0));
SHAPE(trace, xen_hvm_xentrace_t, F(xen_hvm_xentrace_t, event, K_NUMBER, 0), F(xen_hvm_xentrace_t, extra_bytes, K_BELOW, 40));
SHAPE(dying, xen_hvm_pagetable_dying_t, F(xen_hvm_pagetable_dying_t, domid, K_DOMID, 0),
      F(xen_hvm_pagetable_dying_t, gpa, K_NUMBER, 0));
SHAPE(altp2m, struct xen_hvm_altp2m_op, F(struct xen_hvm_altp2m_op, version, K_CONST, HVMOP_ALTP2M_INTERFACE_VERSION),
      F(struct xen_hvm_altp2m_op, cmd, K_BELOW, 18), F(struct xen_hvm_altp2m_op, domain, K_DOMID, 0));

#define HVM(cmd, weight, flags, shape) NAMED_OP(#cmd, cmd, hvm_op, weight, flags, LIST(1, shape))

static const struct call calls[] = {
    HVM(HVMOP_set_param, 6, TRAPS, param), HVM(HVMOP_set_param, 6, TRAPS, param_number),
    HVM(HVMOP_set_param, 4, TRAPS, callback), HVM(HVMOP_get_param, 6, 0, param),
    HVM(HVMOP_set_evtchn_upcall_vector, 3, 0, vector), OP(HVMOP_flush_tlbs, hvm_op, 2, 0, VALUE(K_CONST, 0)),
    HVM(HVMOP_get_mem_type, 5, 0, mem_type), OP(HVMOP_get_time, hvm_op, 2, 0, VALUE(K_POINTER, 0)),
    HVM(HVMOP_xentrace, 3, 0, trace), HVM(HVMOP_pagetable_dying, 1, 0, dying), HVM(HVMOP_altp2m, 2, DENIED, altp2m),
    CALL("hvm_op", hvm_op, 2, MORTAL | TRAPS, VALUE(K_BELOW, 32), VALUE(K_POINTER, 0)),
    CALL("physdev_op", physdev_op, 3, 0, VALUE(K_BELOW, 34), VALUE(K_POINTER, 0)),
    CALL("of ring 3", mmu_update, 1, DENIED, VALUE(K_POINTER, 0), VALUE(K_NUMBER, 0), VALUE(K_POINTER, 0)),
};

const struct book book_own = BOOK(calls);
