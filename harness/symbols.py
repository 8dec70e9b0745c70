# SPDX-License-Identifier: MIT
"""A program's functions, and which of its instructions call or return; by binutils. Of Prism also where in it the ledger is
told what for."""
from __future__ import annotations

import bisect
import filecmp
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

from harness.common import BUILD, BUILDS, ROOT, fail, run

PLAIN, CALL, RETURN, SYSCALL = range(4)
KINDS = {"call": CALL, "ret": RETURN, "retq": RETURN, "iretq": RETURN, "syscall": SYSCALL}
NAMED, COUNTED, SETTLED = range(3)    # enum ledger_site
Event = tuple[str, str]               # column, name
PARTS = ("prism.elf", "prism64.elf", "offsets.h")    # of a build: booted; with symbols; what assembly was told


@dataclass
class Program:
    starts: list[int] = field(default_factory=list)      # of functions, ascending
    names: list[str] = field(default_factory=list)
    at: dict[str, int] = field(default_factory=dict)
    kinds: dict[int, int] = field(default_factory=dict)  # of instructions that are not PLAIN
    sites: dict[int, tuple[int, Event]] = field(default_factory=dict)    # kind of site, event
    numbers: dict[str, int] = field(default_factory=dict)     # of its structures' layout
    known: dict[int, tuple[str, int]] = field(default_factory=dict)

    def look(self, address: int) -> tuple[str, int]:
        """The function's name, or "", and the instruction's kind."""
        found = self.known.get(address)
        if found is None:
            place = bisect.bisect_right(self.starts, address) - 1
            name = self.names[place] if place >= 0 else ""
            found = self.known[address] = (name, self.kinds.get(address, PLAIN))
        return found


def read(path: Path) -> Program:
    """From an ELF file with symbols; without any, functions have no names."""
    program = Program()
    for line in sorted(run("nm", path).splitlines()):
        words = line.split()
        if len(words) == 3:
            program.at[words[2]] = int(words[0], 16)
            if words[1] in "tT" and not words[2].startswith("."):
                program.starts.append(int(words[0], 16))
                program.names.append(re.sub(r"\.(isra|part|constprop|cold)\b.*", "", words[2]))
    for line in run("objdump", "-d", "--no-show-raw-insn", path).splitlines():
        address, _, words = line.partition(":\t")
        if words:
            kind = KINDS.get(words.split(None, 1)[0])
            if kind:
                program.kinds[int(address, 16)] = kind
    return program


def events(header: Path) -> list[Event]:
    """The ledger's, in its order."""
    return [(column.lower(), name) for column, name in re.findall(r'X\(([A-Z]+), \w+, "([\w-]+)"\)', header.read_text())]


def add_sites(program: Program, path: Path, known: list[Event]) -> None:
    """From the section .ledger_sites: address, kind, event, eight bytes each."""
    found = re.search(r"\.ledger_sites +PROGBITS +\w+ (\w+) (\w+)", run("readelf", "-SW", path))
    if not found:
        fail(f"{path.name} has no section .ledger_sites: run make")
    start, size = (int(word, 16) for word in found.groups())
    for address, kind, event in struct.iter_unpack("<QQQ", path.read_bytes()[start:start + size]):
        program.sites[address] = (kind, known[event])


def built_in(hypervisor: Path) -> Path:
    """The folder with this prism.elf and what it was made from: its own, or of the build that it is a copy of."""
    folders = (hypervisor.parent, *(BUILD / build for build in BUILDS)) if hypervisor.exists() else ()
    for folder in folders:
        if all((folder / name).exists() for name in PARTS) and filecmp.cmp(folder / "prism.elf", hypervisor, shallow=False):
            return folder
    fail(f"the functions of {hypervisor} are not known: run make")


def prism(hypervisor: Path) -> Program:
    """Of this prism.elf."""
    folder = built_in(hypervisor)
    path = folder / "prism64.elf"
    program = read(path)
    add_sites(program, path, events(ROOT / "xen/dom/ledger.h"))
    program.numbers = constants(folder / "offsets.h")
    return program


def constants(header: Path) -> dict[str, int]:
    """The numbers of a build's offsets.h."""
    return {name: int(value) for name, value in re.findall(r"#define (\w+) (-?\d+)", header.read_text())}
