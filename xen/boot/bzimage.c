/* SPDX-License-Identifier: MIT */
/* The payload of a bzImage: the kernel's ELF file, packed (Linux Documentation/x86/boot.rst, "payload_offset"). */
#include "boot/kernel.h"
#include "boot/unpack.h"
#include "lib/lib.h"

#define SETUP_SECTS 0x1f1
#define SYSSIZE 0x1f4
#define BOOT_FLAG 0x1fe
#define HEADER_MAGIC 0x202
#define PROTOCOL 0x206
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x250
#define UNPACKED_MAX (1UL << 30)

static u32 le16(const u8 *p) { return p[0] | p[1] << 8; }
static u32 le32(const u8 *p) { return le16(p) | le16(p + 2) << 16; }

/* What the build packed it with, by its first bytes. NULL: we can unpack it (or it needs no unpacking). */
static const char *recognize(struct kernel_payload *p)
{
    static const struct { u8 magic[6], n; const char *refusal; } others[] = {
        { { 0x5d, 0, 0 }, 3, "kernel is packed with lzma; Prism unpacks xz and gzip" },
        { { 'B', 'Z', 'h' }, 3, "kernel is packed with bzip2; Prism unpacks xz and gzip" },
        { { 0x89, 'L', 'Z', 'O' }, 4, "kernel is packed with lzo; Prism unpacks xz and gzip" },
        { { 2, 0x21, 0x4c, 0x18 }, 4, "kernel is packed with lz4; Prism unpacks xz and gzip" },
        { { 0x28, 0xb5, 0x2f, 0xfd }, 4, "kernel is packed with zstd; Prism unpacks xz and gzip" },
    };
    if (p->size < 16)
        return "bzImage has no payload";
    if (memcmp(p->data, "\177ELF", 4) == 0) {
        p->format = "ELF";
        p->unpacked_size = p->size;
        return NULL;
    }
    if (memcmp(p->data, "\3757zXZ", 6) == 0) {
        p->format = "xz";
        p->unpack = xz_unpack;
    } else if (memcmp(p->data, "\37\213\10", 3) == 0) {
        p->format = "gzip";
        p->unpack = gzip_unpack;
    } else {
        for (unsigned int i = 0; i < ARRAY_SIZE(others); i++)
            if (memcmp(p->data, others[i].magic, others[i].n) == 0)
                return others[i].refusal;
        return "kernel is packed in a way that Prism does not know";
    }
    /* Linux's build ends a payload with its unpacked size; gzip's own trailer happens to be the same four bytes. */
    p->unpacked_size = le32(p->data + p->size - 4);
    if (p->unpack == xz_unpack)
        p->size -= 4;
    if (p->unpacked_size < 64 || p->unpacked_size > UNPACKED_MAX)
        return "bzImage payload claims an impossible size";
    return NULL;
}

const char *kernel_payload_find(const u8 *file, size_t size, struct kernel_payload *payload)
{
    memset(payload, 0, sizeof(*payload));
    if (size >= 64 && memcmp(file, "\177ELF", 4) == 0) {
        payload->data = file;
        payload->size = size;
        return recognize(payload);
    }
    if (size < HEADER_END || le16(file + BOOT_FLAG) != 0xaa55 || memcmp(file + HEADER_MAGIC, "HdrS", 4) != 0)
        return "not a kernel (neither bzImage nor ELF)";
    if (le16(file + PROTOCOL) < 0x208)
        return "bzImage of a boot protocol before 2.08";
    u64 setup = ((file[SETUP_SECTS] ? file[SETUP_SECTS] : 4) + 1) * 512UL;
    u64 protected_mode = (u64)le32(file + SYSSIZE) * 16;
    u64 offset = le32(file + PAYLOAD_OFFSET), length = le32(file + PAYLOAD_LENGTH);
    if (offset + length > protected_mode)
        return "bzImage payload lies outside of the image";
    if (setup + offset + length > size)
        return "bzImage is truncated";
    payload->data = file + setup + offset;
    payload->size = length;
    return recognize(payload);
}
