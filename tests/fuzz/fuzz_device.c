/* SPDX-License-Identifier: MIT */
// sources: xen/insn/*.c
/* Instructions of a hostile guest that reach devices: any bytes, any registers, in all modes, by ports and by memory.
 * Devices answer late, and until then the guest's other CPUs rewrite the instruction, what it works on, and its page tables;
 * before it is first looked at as well. */
#include <stdarg.h>
#include <stddef.h>

#include "tests/unit/device_machine.h"
#include "tests/unit/insn_generate.h"

#include "cases.h"

static struct cpu_user_regs before;
static u8 rom[0x1000];
static bool finish_late;

static enum io_result finish(struct vcpu *v, struct io_access *a)
{
    finish_late = !finish_late;
    return finish_late ? IO_RETRY : answer(a);
}
static const struct io_ops late_ops = { .access = device_access, .finish = finish };
static const struct row late_row = { .io = &late_ops, .platform = &platform };

static u64 next(void *state)
{
    u64 *s = state;

    *s = *s * 6364136223846793005ULL + 1442695040888963407ULL;
    return *s >> 33;
}

/* ---- The guest */

/* Near something, most of the time. */
static u64 address(struct input *in)
{
    static const u64 near[] = { DEVICE, ROM, APIC, NO_PAGE, READ_ONLY, STACK, 0x5000, 0xfffff000, CODE, 0x8000000000000000 };
    u8 which = (u8)take(in, 1);

    if (which >= 0xf0)
        return take(in, 8);
    return which < 0x40 ? which : near[which % ARRAY_SIZE(near)] + take(in, 2) % 0x1020 - 0x10;
}

static void set_mode(struct input *in)
{
    static const enum container_mode modes[] = { MODE_64, MODE_PROTECTED32, MODE_REAL, MODE_64 };

    mode = modes[take(in, 1) % ARRAY_SIZE(modes)];
    for (unsigned int i = 0; i < NR_SEGMENTS; i++) {
        u8 kind = (u8)take(in, 1);
        segments[i] = (struct container_segment){ 8, i == SEGMENT_CS ? 0xa9b : 0xc93, ~0u, 0 };
        if (mode == MODE_REAL)
            segments[i] = (struct container_segment){ 0, 0x93, kind & 1 ? 0xffff : ~0u, i == SEGMENT_CS ? 0 : DEVICE };
        else if (kind > 0xe0)
            segments[i] = (struct container_segment){ 8, (u16)(take(in, 2) & 0xfff), (u32)take(in, 4),
                                                      i == SEGMENT_CS ? 0 : take(in, 4) };
    }
    creg[CREG_CR0] = (mode == MODE_REAL ? 0 : X86_CR0_PE | X86_CR0_PG) | (take(in, 1) & 1 ? X86_CR0_AM : 0);
}

static void set_registers(struct input *in)
{
    u64 *const general[] = { &frame.rax, &frame.rbx, &frame.rcx, &frame.rdx, &frame.rsi, &frame.rdi, &frame.rbp, &frame.rsp,
                             &frame.r8, &frame.r9, &frame.r10, &frame.r11, &frame.r12, &frame.r13, &frame.r14, &frame.r15 };

    for (unsigned int i = 0; i < ARRAY_SIZE(general); i++)
        *general[i] = address(in);
    frame.rip = CODE;
    frame.rflags = 2 | (take(in, 1) & 1 ? X86_EFLAGS_DF : 0);
    if (take(in, 1) > 0xf0)
        frame.rflags |= take(in, 3) & (X86_EFLAGS_TF | X86_EFLAGS_AC | 0x8d5);
}

static void put_code(struct input *in, u8 kind)
{
    static const u8 strings[] = { 0x6c, 0x6d, 0x6e, 0x6f, 0xa4, 0xa5, 0xaa, 0xab };
    u8 *code = memory + CODE;
    u64 seed = take(in, 4);

    if (kind & 1) {
        generate_insn(code, container_insn_mode(&vcpu.vcpu), next, &seed);
    } else if (kind & 2) {
        *code++ = kind & 4 ? 0xf3 : 0x67;
        *code++ = 0x66;
        *code++ = strings[seed % ARRAY_SIZE(strings)];
    } else {
        for (unsigned int i = 0; i < INSN_MAX; i++)
            code[i] = (u8)take(in, 1);
    }
}

static void make_exit(struct input *in, u8 kind)
{
    static const u8 sizes[] = { 1, 2, 4, 4 };
    u8 how = (u8)take(in, 1);

    exit_now = (struct exit){ .reason = EXIT_NESTED_FAULT, .cpl = take(in, 1) > 0xc0 ? 3 : 0, .length = kind >> 4 & 3 };
    if (kind & 8) {
        exit_now.reason = EXIT_PORT;
        exit_now.port.port = (u16)take(in, 2);
        exit_now.port.size = sizes[how & 3];
        exit_now.port.in = how & 4;
        exit_now.port.string = how & 8;
        exit_now.port.rep = how & 16;
        return;
    }
    exit_now.nested.gpa = address(in) & 0xfffffffffffff;
    exit_now.nested.write = how & 1;
    if (how & 2) {   /* the processor gave the instruction's bytes */
        exit_now.nested.bytes = how >> 4;
        memcpy(exit_now.nested.code, memory + CODE, min((size_t)exit_now.nested.bytes, sizeof(exit_now.nested.code)));
    }
}

/* Others are at work in the guest's memory. */
static void others(struct input *in)
{
    u8 kind = (u8)take(in, 1);

    if (kind & 1)
        put_code(in, kind >> 1);
    if (kind & 2)
        table[take(in, 1) % ARRAY_SIZE(table)] = (u8)take(in, 1) % ARRAY_SIZE(table);
    if (kind & 4)
        memory[take(in, 2) % RAM_END] = (u8)take(in, 1);
    if (kind & 8)
        late = kind >> 4;
}

/* ---- One instruction, to its end */

static void hold(void)
{
    bool waits = vcpu.io.waiting;

    check(vcpu.vcpu.fpu_dirty && vcpu.io.answers <= HW_IO_ACCESSES && vcpu.io.next <= vcpu.io.answers && crashes == 0);
    check(!waits || (boundaries == 0 && injected.vector < 0 && frame.rip == before.rip));
    check(!waits || vcpu.io.units || !memcmp(&frame, &before, sizeof(frame)));   /* a repeated one goes on from there */
    check(boundaries <= 1 && (boundaries == 0 || injected.vector < 0));
    check(boundaries == 1 || waits || frame.rip == before.rip);
    check(!memcmp(rom, memory + ROM, sizeof(rom)));
    for (unsigned int i = 0; i < min(io_count, (unsigned int)ARRAY_SIZE(io_log)); i++)   /* no port but that of the exit */
        check(!io_log[i].port || (exit_now.reason == EXIT_PORT && io_log[i].address == exit_now.port.port &&
                                  io_log[i].size == exit_now.port.size && io_log[i].write == !exit_now.port.in));
}

static void instruction(struct input *in)
{
    u8 kind = (u8)take(in, 1);
    struct insn first;
    bool known;

    set_registers(in);
    put_code(in, kind);
    make_exit(in, kind);
    others(in);
    before = frame;
    injected.vector = -1;
    boundaries = io_count = 0;
    hw_io_begin(&vcpu.vcpu);
    hw_exit_again(&vcpu.vcpu, &exit_now);
    if (vcpu.io.waiting)
        vcpu.io.exit = exit_now;
    hold();
    known = vcpu.io.fetched;
    first = vcpu.io.insn;
    for (unsigned int turns = 0; vcpu.io.waiting; turns++) {
        others(in);
        if (turns > 20)
            late = 0;
        vcpu.io.abandoned = kind == 0xff;
        (void)hw_io_finish(&vcpu.vcpu);
        hold();
        check(!known || !memcmp(&first, &vcpu.io.insn, sizeof(first)));   /* whatever its bytes are by now */
    }
    late = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };

    machine_begin();
    memset(memory + ROM, 0x5a, sizeof(rom));
    memcpy(rom, memory + ROM, sizeof(rom));
    dom.domain.row = &late_row;
    finish_late = false;
    takes_blocks = take(&in, 1) & 1;
    while (in.left) {
        set_mode(&in);
        instruction(&in);
    }
    return 0;
}
