/* SPDX-License-Identifier: MIT */
/* Taking an instruction apart: prefixes, opcode maps, ModRM and SIB, displacement, immediates (AMD64 APM vol. 3, 1).
 * Pure. */
#include "insn/decode.h"

#include "lib/errno.h"

/* What follows an opcode, one character each. '.': nothing; m: ModRM; b, w: an immediate of 1, 2 bytes; z: of the
 * operand size, at most 4; v: of the operand size; o: an offset of the address size; j: a branch offset of 4 (2)
 * bytes; f: a far pointer; e: ENTER's two; B, Z: ModRM and b, z; T, U: ModRM and b, z if its reg field is 0 or 1; x:
 * no instruction. Prefixes and escapes are taken before and read 'x' here. */
static const char one_byte[256 + 1] =
    "mmmmbz..mmmmbz.x" "mmmmbz..mmmmbz.." "mmmmbzx.mmmmbzx." "mmmmbzx.mmmmbzx."
    "................" "................" "..mmxxxxzZbB...." "bbbbbbbbbbbbbbbb"
    "BZBBmmmmmmmmmmmm" "..........f....." "oooo....bz......" "bbbbbbbbvvvvvvvv"
    "BBw.mmBZe.w..b.." "mmmmbb..mmmmmmmm" "bbbbbbbbjjfb...." "x.xx..TU......mm";

static const char two_byte[256 + 1] =
    "mmmmx.....x.xm.B" "mmmmmmmmmmmmmmmm" "mmmmxxxxmmmmmmmm" "......x.xxxxxxxx"
    "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "BBBBmmm.mmxxmmmm"
    "jjjjjjjjjjjjjjjj" "mmmmmmmmmmmmmmmm" "...mBmxx...mBmmm" "mmmmmmmmmmBmmmmm"
    "mmBmBBBm........" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm";

/* One-byte opcodes that 64-bit mode has not (APM vol. 3, B.3); 40-4F are REX there, C4 and C5 VEX. */
static bool invalid_in_64(u8 opcode)
{
    switch (opcode) {
    case 0x06: case 0x07: case 0x0e: case 0x16: case 0x17: case 0x1e: case 0x1f: case 0x27: case 0x2f: case 0x37:
    case 0x3f: case 0x60: case 0x61: case 0x62: case 0x82: case 0x9a: case 0xce: case 0xd4: case 0xd5: case 0xd6:
    case 0xea:
        return true;
    }
    return false;
}

struct cursor { const u8 *bytes; size_t available, at; };

/* Little-endian, sign-extended. 0, -ENODATA or -E2BIG. */
static int take(struct cursor *c, unsigned int n, s64 *value)
{
    u64 v = 0;

    if (n == 0) {
        *value = 0;
        return 0;
    }
    if (c->at + n > INSN_MAX)
        return -E2BIG;
    if (c->at + n > c->available)
        return -ENODATA;
    for (unsigned int i = 0; i < n; i++)
        v |= (u64)c->bytes[c->at + i] << 8 * i;
    c->at += n;
    *value = n == 8 ? (s64)v : (s64)(v << (64 - 8 * n)) >> (64 - 8 * n);
    return 0;
}

static int take_byte(struct cursor *c, u8 *byte)
{
    if (c->at >= INSN_MAX)
        return -E2BIG;
    if (c->at >= c->available)
        return -ENODATA;
    *byte = c->bytes[c->at++];
    return 0;
}

/* True if byte is a legacy prefix, noted in i. */
static bool legacy_prefix(struct insn *i, u8 byte, enum insn_mode mode)
{
    switch (byte) {
    case 0x26: case 0x2e: case 0x36: case 0x3e:
        if (mode != INSN_64)
            i->segment = (byte >> 3) & 3;
        return true;
    case 0x64: i->segment = INSN_FS; return true;
    case 0x65: i->segment = INSN_GS; return true;
    case 0x66: i->prefix_66 = 1; return true;
    case 0x67: i->prefix_67 = 1; return true;
    case 0xf0: i->prefix_lock = 1; return true;
    case 0xf2: i->prefix_repne = 1; i->prefix_rep = 0; return true;
    case 0xf3: i->prefix_rep = 1; i->prefix_repne = 0; return true;
    }
    return false;
}

/* Prefixes; *opcode is the first byte that is none. */
static int take_prefixes(struct cursor *c, struct insn *i, enum insn_mode mode, u8 *opcode)
{
    for (;;) {
        int rc = take_byte(c, opcode);
        if (rc)
            return rc;
        if (one_byte[*opcode] == 'x' && legacy_prefix(i, *opcode, mode)) {
            i->rex = 0;   /* a REX that does not stand right before the opcode is void */
            continue;
        }
        if (mode != INSN_64 || (*opcode & 0xf0) != 0x40)
            return 0;
        i->rex = *opcode;
    }
}

/* C4 and C5: VEX in 64-bit mode; elsewhere if what follows cannot be LES' or LDS' memory operand. */
static int take_vex(struct cursor *c, struct insn *i, enum insn_mode mode, u8 first, bool *is_vex)
{
    u8 b1, b2 = 0;

    *is_vex = false;
    if (first != 0xc4 && first != 0xc5)
        return 0;
    if (c->at >= c->available || c->at >= INSN_MAX)
        return c->at >= INSN_MAX ? -E2BIG : -ENODATA;
    if (mode != INSN_64 && (c->bytes[c->at] & 0xc0) != 0xc0)
        return 0;
    *is_vex = true;
    int rc = take_byte(c, &b1);
    if (!rc && first == 0xc4)
        rc = take_byte(c, &b2);
    if (rc)
        return rc;
    if (i->prefix_66 || i->prefix_rep || i->prefix_repne || i->prefix_lock || i->rex)
        return -EINVAL;
    u8 tail = first == 0xc5 ? b1 : b2;
    u8 map = first == 0xc5 ? 1 : b1 & 31;
    if (map < 1 || map > 3)
        return -EINVAL;
    i->opcode_map = 0x10 | map;
    i->vex_w = first == 0xc4 ? b2 >> 7 : 0;
    i->vex_vvvv = (~tail >> 3) & 15;
    i->vex_l = (tail >> 2) & 1;
    i->vex_pp = tail & 3;
    if (mode == INSN_64)   /* R, X, B stand inverted */
        i->rex = 0x40 | (i->vex_w << 3) | (!(b1 & 0x80) << 2) |
                 (first == 0xc4 ? !(b1 & 0x40) << 1 | !(b1 & 0x20) : 0);
    return take_byte(c, &i->opcode);
}

/* 62: EVEX in 64-bit mode; elsewhere if what follows cannot be BOUND's memory operand. Taken apart for its length. */
static int take_evex(struct cursor *c, struct insn *i, enum insn_mode mode, u8 first, bool *is_evex)
{
    u8 p[3];

    *is_evex = false;
    if (first != 0x62)
        return 0;
    if (c->at >= c->available || c->at >= INSN_MAX)
        return c->at >= INSN_MAX ? -E2BIG : -ENODATA;
    if (mode != INSN_64 && (c->bytes[c->at] & 0xc0) != 0xc0)
        return 0;
    *is_evex = true;
    for (unsigned int n = 0; n < sizeof(p); n++) {
        int rc = take_byte(c, &p[n]);
        if (rc)
            return rc;
    }
    if (i->prefix_66 || i->prefix_rep || i->prefix_repne || i->prefix_lock || i->rex)
        return -EINVAL;
    if ((p[0] & 8) || (p[0] & 3) == 0 || (p[0] & 7) == 7 || !(p[1] & 4))
        return -EINVAL;
    i->opcode_map = 0x20 | (p[0] & 7);
    if (mode == INSN_64)
        i->rex = 0x40 | (p[1] >> 7) << 3 | !(p[0] & 0x80) << 2 | !(p[0] & 0x40) << 1 | !(p[0] & 0x20);
    return take_byte(c, &i->opcode);
}

static int take_opcode(struct cursor *c, struct insn *i, enum insn_mode mode)
{
    u8 byte;
    bool is_vex = false, is_evex = false;
    int rc = take_prefixes(c, i, mode, &byte);

    if (!rc)
        rc = take_vex(c, i, mode, byte, &is_vex);
    if (!rc && !is_vex)
        rc = take_evex(c, i, mode, byte, &is_evex);
    if (rc || is_vex || is_evex)
        return rc;
    i->opcode = byte;
    if (byte != 0x0f)
        return 0;
    i->opcode_map = 1;
    rc = take_byte(c, &i->opcode);
    if (rc || (i->opcode != 0x38 && i->opcode != 0x3a))
        return rc;
    i->opcode_map = i->opcode == 0x38 ? 2 : 3;
    return take_byte(c, &i->opcode);
}

static char opcode_format(const struct insn *i, enum insn_mode mode)
{
    u8 o = i->opcode;

    switch (i->opcode_map) {
    case 0: return mode == INSN_64 && invalid_in_64(o) ? 'x' : one_byte[o];
    case 1: return two_byte[o];
    case 2: case 0x12: case 0x22: case 0x25: case 0x26: return 'm';
    case 3: case 0x13: case 0x23: return 'B';
    case 0x21: return two_byte[o] == 'B' ? 'B' : 'm';
    case 0x11: return o == 0x77 || two_byte[o] == 'B' || two_byte[o] == 'm' ? two_byte[o] : 'x';
    }
    return 'x';
}

static u8 default_operand_size(const struct insn *i, enum insn_mode mode)
{
    u8 o = i->opcode;
    bool stack;

    if (mode != INSN_64)
        return (mode == INSN_32) != i->prefix_66 ? 4 : 2;
    if (i->rex & 8)
        return 8;
    /* Stack operations and near branches have 64 bits by default (APM vol. 3, B.5); MOV to control registers always. */
    if (i->opcode_map == 1 && (o & 0xfc) == 0x20)
        return 8;
    stack = i->opcode_map == 0 ? (o & 0xf0) == 0x50 || (o & 0xf0) == 0x70 || o == 0x68 || o == 0x6a || o == 0x8f ||
            o == 0x9c || o == 0x9d || o == 0xc2 || o == 0xc3 || o == 0xc8 || o == 0xc9 || (o >= 0xe0 && o <= 0xe3) ||
            o == 0xe8 || o == 0xe9 || o == 0xeb : i->opcode_map == 1 && ((o & 0xf0) == 0x80 || (o & 0xf6) == 0xa0);
    return i->prefix_66 ? 2 : stack ? 8 : 4;
}

/* Registers of a 16-bit address by rm: base, index (APM vol. 3, A.2.1). */
static const u8 address16[8][2] = {
    { 3, 6 }, { 3, 7 }, { 5, 6 }, { 5, 7 }, { 6, 0xff }, { 7, 0xff }, { 5, 0xff }, { 3, 0xff },
};

static int take_address16(struct cursor *c, struct insn *i)
{
    unsigned int rm = i->modrm & 7, bytes = i->mod == 1 ? 1 : i->mod == 2 ? 2 : 0;

    if (i->mod == 0 && rm == 6) {
        bytes = 2;
    } else {
        i->base = address16[rm][0];
        i->index = address16[rm][1];
    }
    return take(c, bytes, &i->displacement);
}

static int take_address(struct cursor *c, struct insn *i, enum insn_mode mode)
{
    unsigned int bytes = i->mod == 1 ? 1 : i->mod == 2 ? 4 : 0;
    u8 rm = i->modrm & 7, sib;

    if (i->mod == 3)
        return 0;
    if (i->address_size == 2)
        return take_address16(c, i);
    if (rm == 4) {
        int rc = take_byte(c, &sib);
        if (rc)
            return rc;
        i->has_sib = 1;
        i->scale = sib >> 6;
        i->index = ((sib >> 3) & 7) | (i->rex & 2) << 2;
        if (i->index == 4)
            i->index = 0xff;
        rm = sib & 7;
    } else if (rm == 5 && i->mod == 0) {
        i->rip_relative = mode == INSN_64;
        return take(c, 4, &i->displacement);
    }
    if (rm == 5 && i->mod == 0)
        bytes = 4;
    else
        i->base = rm | (i->rex & 1) << 3;
    return take(c, bytes, &i->displacement);
}

static int take_modrm(struct cursor *c, struct insn *i, enum insn_mode mode)
{
    int rc = take_byte(c, &i->modrm);

    if (rc)
        return rc;
    i->has_modrm = 1;
    i->mod = i->modrm >> 6;
    i->reg = ((i->modrm >> 3) & 7) | (i->rex & 4) << 1;
    i->rm = (i->modrm & 7) | (i->rex & 1) << 3;
    if (i->opcode_map == 1 && (i->opcode & 0xfc) == 0x20)
        i->mod = 3;   /* control and debug registers: the mod field is not looked at */
    return take_address(c, i, mode);
}

/* Encodings of a group that are no instruction. */
static bool bad_group(const struct insn *i)
{
    u8 group = (i->modrm >> 3) & 7;

    if (i->opcode_map == 1 && (i->opcode & 0xfe) == 0x78 && (i->prefix_66 || i->prefix_repne))
        return i->mod != 3;   /* EXTRQ, INSERTQ: registers only */
    if (i->opcode_map != 0)
        return false;
    switch (i->opcode) {
    case 0x62: case 0x8d: return i->mod == 3;
    case 0x8f: return group != 0;   /* XOP is not had here */
    case 0x8c: case 0x8e: return group > 5 || (i->opcode == 0x8e && group == 1);
    case 0xc4: case 0xc5: return i->mod == 3;
    case 0xc6: case 0xc7: return group != 0 && i->modrm != 0xf8;
    case 0xfe: return group > 1;
    case 0xff: return group == 7 || (i->mod == 3 && (group == 3 || group == 5));
    }
    return false;
}

static int take_immediates(struct cursor *c, struct insn *i, char format)
{
    unsigned int z = i->operand_size == 2 ? 2 : 4, group = (i->modrm >> 3) & 7;
    s64 value = 0, second = 0;
    unsigned int n = 0, n2 = 0;

    switch (format) {
    case 'b': case 'B': n = 1; break;
    case 'w': n = 2; break;
    case 'z': case 'Z': n = z; break;
    case 'v': n = i->operand_size; break;
    case 'o': n = i->address_size; break;
    case 'j': n = 4; break;
    case 'f': n = z; n2 = 2; break;
    case 'e': n = 2; n2 = 1; break;
    case 'T': n = group < 2 ? 1 : 0; break;
    case 'U': n = group < 2 ? z : 0; break;
    }
    if (i->opcode_map == 1 && i->opcode == 0x78 && (i->prefix_66 || i->prefix_repne))
        n = n2 = 1;   /* EXTRQ, INSERTQ */
    int rc = take(c, n, &value);
    if (!rc)
        rc = take(c, n2, &second);
    if (rc)
        return rc;
    i->immediate_size = n;
    i->immediate = format == 'w' || format == 'e' ? (u16)value :
                   format == 'o' && n < 8 ? (u64)value & ((1UL << 8 * n) - 1) : (u64)value;
    i->immediate2 = (u16)second;
    return 0;
}

/* 0F and one byte more, which has no operands: CLTS, INVD, WBINVD, WRMSR, RDTSC, RDMSR, RDPMC, CPUID. Most of what a PV
 * kernel has emulated is one of these. */
static bool is_bare(const u8 *bytes, size_t available)
{
    if (available < 2 || bytes[0] != 0x0f)
        return false;
    switch (bytes[1]) {
    case 0x06: case 0x08: case 0x09: case 0x30: case 0x31: case 0x32: case 0x33: case 0xa2:
        return true;
    default:
        return false;
    }
}

static void decode_bare(const u8 *bytes, enum insn_mode mode, struct insn *out)
{
    *out = (struct insn){ .mode = mode, .segment = INSN_DS, .base = 0xff, .index = 0xff, .opcode_map = 1, .opcode = bytes[1],
                          .operand_size = mode == INSN_16 ? 2 : 4, .length = 2,
                          .address_size = mode == INSN_64 ? 8 : mode == INSN_32 ? 4 : 2 };
}

int insn_decode(const u8 *bytes, size_t available, enum insn_mode mode, struct insn *out)
{
    struct cursor c = { bytes, available, 0 };
    struct insn i;
    int rc;

    if (is_bare(bytes, available)) {
        decode_bare(bytes, mode, out);
        return 0;
    }
    i = (struct insn){ .mode = mode, .segment = INSN_NO_SEGMENT, .base = 0xff, .index = 0xff };
    rc = take_opcode(&c, &i, mode);
    if (rc)
        return rc;
    char format = opcode_format(&i, mode);
    if (format == 'x')
        return -EINVAL;
    i.operand_size = default_operand_size(&i, mode);
    i.address_size = mode == INSN_64 ? (i.prefix_67 ? 4 : 8) : (mode == INSN_32) != i.prefix_67 ? 4 : 2;
    if (format == 'm' || format == 'B' || format == 'Z' || format == 'T' || format == 'U') {
        rc = take_modrm(&c, &i, mode);
        if (rc)
            return rc;
        if (bad_group(&i))
            return -EINVAL;
        if (mode == INSN_64 && i.opcode_map == 0 && i.opcode == 0xff && !i.prefix_66 && (i.reg & 7) >= 2 &&
            (i.reg & 1) == 0)
            i.operand_size = 8;   /* CALL, JMP, PUSH */
    }
    /* In 32-bit code a branch offset has the operand size; 64-bit code has 32 bits whatever the prefix (Intel SDM,
     * JMP). */
    if (format == 'j' && mode != INSN_64 && i.operand_size == 2)
        format = 'z';
    rc = take_immediates(&c, &i, format);
    if (rc)
        return rc;
    if (i.segment == INSN_NO_SEGMENT)
        i.segment = i.base == 4 || i.base == 5 ? INSN_SS : INSN_DS;
    i.length = c.at;
    *out = i;
    return 0;
}
