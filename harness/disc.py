# SPDX-License-Identifier: MIT
"""The beginning of a CD that boots Debian's kernel by a PC's firmware, with the very words that other guests get from xl. A
kernel that xl hands to the firmware is delivered by QEMU in bytes, each a request's work of its own; a disk of the PC's own
controller in words. A CD behind an adapter with DMA is read at once.

The rest of the CD is put behind it in the control domain (boot_disc in /init): the command line, kernel, ramdisk."""
from __future__ import annotations

import struct
from pathlib import Path

from harness.common import BUILD, ROOT, run

BLOCK = 2048
CHUNK = 16 * BLOCK        # kernel and ramdisk are padded to whole ones; loader.S reads so much at a time
BOOT_RECORD, CATALOG, LOADER, WORDS, FIRST = 17, 18, 19, 20, 21    # blocks; the first is where El Torito wants it
SECTOR = 512              # in which the catalogue counts


def boot_record() -> bytes:
    return struct.pack("<B5sB32s32xI", 0, b"CD001", 1, b"EL TORITO SPECIFICATION", CATALOG)


def catalog() -> bytes:
    """Its first entry says that it is one; the words of that entry add up to zero. The second is the default: the loader
    and the block behind it, no emulation of another drive."""
    def validation(checksum: int) -> bytes:
        return struct.pack("<BBxx24sHBB", 1, 0, b"Prism", checksum, 0x55, 0xaa)
    total = sum(struct.unpack("<16H", validation(0)))
    return validation(-total % 0x10000) + struct.pack("<BBHBxHI", 0x88, 0, 0, 0, 2 * BLOCK // SECTOR, LOADER)


def loader(kernel: int, ramdisk: int) -> bytes:
    """The program, made for a kernel and a ramdisk of so many bytes."""
    program = BUILD / "guest" / "loader"
    program.parent.mkdir(parents=True, exist_ok=True)
    numbers = {"KERNEL_CHUNKS": -(-kernel // CHUNK), "RAMDISK_CHUNKS": -(-ramdisk // CHUNK), "RAMDISK_BYTES": ramdisk,
               "FIRST_BLOCK": FIRST}
    run("gcc", "-m32", "-nostdlib", "-no-pie", *(f"-D{name}={value}" for name, value in numbers.items()),
        "-Wl,--oformat=binary,-Ttext=0x7c00,--build-id=none,-e,start", ROOT / "harness/guest/loader.S", "-o", program)
    return program.read_bytes()


def head(kernel: Path, ramdisk: Path) -> bytes:
    """All that comes before the words."""
    blocks = {BOOT_RECORD: boot_record(), CATALOG: catalog(), LOADER: loader(kernel.stat().st_size, ramdisk.stat().st_size)}
    return b"".join(blocks.get(number, b"").ljust(BLOCK, b"\0") for number in range(WORDS))
