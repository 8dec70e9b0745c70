# SPDX-License-Identifier: MIT
"""Test kernels in the control domain's place where Prism has to take another way than with Debian's kernel on the usual
machine: a kernel that its build has packed with gzip; no HPET."""
from __future__ import annotations

import gzip
import struct
import tempfile
import zlib
from pathlib import Path

from harness.common import BUILD
from harness.testing import VERDICT, Context, require, test

KERNELS = BUILD / "guests/pv64"
SETUP_SECTORS = 1
# What packs a part of the kernel: level and strategy of each kind of block. Stored, with fixed codes, with codes of its own.
BLOCKS = ((0, zlib.Z_DEFAULT_STRATEGY), (6, zlib.Z_FIXED), (9, zlib.Z_DEFAULT_STRATEGY))


def packed(content: bytes) -> bytes:
    """A gzip file with a name and a comment, in as many parts as there are kinds of blocks."""
    size = -(-len(content) // len(BLOCKS))
    deflated = b""
    for number, (level, strategy) in enumerate(BLOCKS):
        one = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
        deflated += one.compress(content[number * size:(number + 1) * size])
        deflated += one.flush(zlib.Z_FINISH if number == len(BLOCKS) - 1 else zlib.Z_SYNC_FLUSH)
    whole = b"\x1f\x8b\x08\x18" + bytes(6) + b"vmlinux.bin\0a test kernel\0" + deflated
    whole += struct.pack("<II", zlib.crc32(content), len(content))
    require(gzip.decompress(whole) == content, "what the test has packed is something else")
    return whole


def bzimage(payload: bytes) -> bytes:
    """As much of Linux's image format as a loader looks at that wants the payload."""
    setup = bytearray(512 * (1 + SETUP_SECTORS))
    setup[0x1f1] = SETUP_SECTORS
    setup[0x202:0x208] = b"HdrS" + struct.pack("<H", 0x20f)
    struct.pack_into("<I", setup, 0x1f4, -(-len(payload) // 16))
    struct.pack_into("<H", setup, 0x1fe, 0xaa55)
    struct.pack_into("<II", setup, 0x248, 0, len(payload))
    return bytes(setup) + payload.ljust(-(-len(payload) // 16) * 16, b"\0")


def boot(t: Context, kernel: Path, timer: str, **options: object) -> None:
    """The kernel says that all is well, Prism by which timer it has measured the others."""
    machine = t.machine(modules=[str(kernel)], ramdisk=None, dom0_memory=256, memory=1024, **options)
    with t.run(machine, limit=120) as run:
        run.expect(rf"Platform timer is [\d.]+ MHz {timer}\s", 100)
        found = run.expect(VERDICT, 100)
        require(found.group(1) == "success", f"the kernel says {found.group(0).strip()}")


@test("kernel-gzip")
def gzipped(t: Context) -> None:
    """All kinds of deflate's blocks are unpacked."""
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        image = Path(folder) / "kernel"
        image.write_bytes(bzimage(packed((KERNELS / "test_descriptors.elf").read_bytes())))
        boot(t, image, "HPET")


@test("kernel-no-hpet")
def no_hpet(t: Context) -> None:
    """The ACPI timer serves, and the kernel's own timers go by it."""
    boot(t, KERNELS / "test_periodic_timer.elf", "ACPI PM timer", kind="q35,hpet=off")
