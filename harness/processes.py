# SPDX-License-Identifier: MIT
"""Which of the control domain's programs a page table was: its instructions in the machine's memory are looked for in the
programs that are in the control domain's image."""
from __future__ import annotations

from pathlib import Path
from typing import Mapping

from harness import images
from harness.common import BUILD
from harness.gdb import Debugger

PRESENT, LARGE = 1, 1 << 7
FRAME = 0x000ffffffffff000
SAMPLE = 24      # bytes; what is shorter is found anywhere
NAMES = {"xen-qemu-system-i386": "QEMU"}


def physical(debugger: Debugger, cr3: int, address: int) -> int | None:
    """The machine address behind a virtual one, by four levels of tables. The debugger reads machine memory."""
    table = cr3 & FRAME
    for shift in (39, 30, 21, 12):
        entry = debugger.number(table + 8 * (address >> shift & 511))
        if not entry & PRESENT:
            return None
        table = entry & FRAME
        if shift == 12 or entry & LARGE:
            below = (1 << shift) - 1
            return (table & ~below) | (address & below)
    return None


def candidates() -> dict[str, bytes]:
    """Files by the names that are shown."""
    paths = [*map(Path, images.PROGRAMS), *map(Path, images.PC_PROGRAMS), BUILD / "guest" / "bench", Path("/bin/busybox")]
    return {NAMES.get(path.name, path.name): path.read_bytes() for path in paths if path.exists()}


def holds(content: bytes, sample: bytes, address: int) -> bool:
    """Whether a file has these bytes at that place in a page."""
    at = content.find(sample)
    while at >= 0 and (at ^ address) & 0xfff:
        at = content.find(sample, at + 1)
    return at >= 0


def names(debugger: Debugger, seen: Mapping[int, Mapping[int, int]]) -> dict[int, str]:
    """seen: by what CR3 held, an address that was executed in each page. Names of those that are found in one file alone."""
    files, found = candidates() if seen else {}, {}
    debugger.ask("Qqemu.PhyMemMode:1")
    for cr3, pages in seen.items():
        for address in sorted(pages.values()):    # a program's own pages are below those of its libraries
            place = physical(debugger, cr3, address) if address & 0xfff <= 0x1000 - SAMPLE else None
            sample = debugger.memory(place, SAMPLE) if place is not None else None
            owners = [name for name, content in files.items() if sample and holds(content, sample, address)]
            if len(owners) == 1:
                found[cr3] = owners[0]
                break
    debugger.ask("Qqemu.PhyMemMode:0")
    return found
