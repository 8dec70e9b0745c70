# SPDX-License-Identifier: MIT
"""Which line of the source each piece of a build's machine code is of, by its debugging information and binutils; and which
function each line is in, by the source itself, so that a function that is inlined everywhere is one too."""
from __future__ import annotations

import bisect
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Iterator

from harness.common import ROOT, run

SOURCES = ("xen/", "modes/", "devmodel/")
LOAD_ADDRESS = r"#define IMAGE_LOAD_ADDRESS (0x[0-9a-f]+)"    # in xen/mem/layout.h
Line = tuple[str, int]          # file from the project's folder, line from 1
Function = tuple[str, int, int]   # name, first line, last line


@dataclass
class Build:
    """A build's code. starts: of ranges without a gap, ascending; owners: the line of each, or None."""
    first: int = 0
    end: int = 0
    starts: list[int] = field(default_factory=list)
    owners: list[Line | None] = field(default_factory=list)
    # Code that runs before paging: where it is linked, where it runs, its bytes. A guest may have code at the same addresses.
    early: int = 0
    early_runs: int = 0
    early_bytes: bytes = b""

    def lines(self) -> set[Line]:
        return {owner for owner in self.owners if owner}

    def of(self, addresses: Iterable[int]) -> set[Line]:
        """The lines of instructions."""
        places = {bisect.bisect_right(self.starts, address) - 1 for address in addresses}
        return {owner for place in places if place >= 0 and (owner := self.owners[place])}

    def ranges(self) -> str:
        """What the emulator is to write down, in the form of its option -dfilter."""
        text = f"{self.first:#x}..{self.end - 1:#x}"
        return text + (f",{self.early_runs:#x}+{len(self.early_bytes):#x}" if self.early_bytes else "")

    def executed(self, address: int, content: bytes) -> int | None:
        """Where the instruction at an address, or a part of it, is linked; None: it is not of this build."""
        if self.first <= address < self.end:
            return address
        at = address - self.early_runs
        return self.early + at if at >= 0 and content and self.early_bytes[at:at + len(content)] == content else None


def parse(decoded: str) -> list[tuple[int, int, Line]]:
    """From what objdump --dwarf=decodedline says: pieces of code, from and to which address, and whose they are. Where several
    lines are at one address, the code is the last one's."""
    return [piece for unit in re.split(r"^CU: ", decoded, flags=re.MULTILINE)[1:] for piece in parse_unit(unit)]


def parse_unit(decoded: str) -> Iterator[tuple[int, int, Line]]:
    """A file's path is said when another comes, but not where a sequence begins, which is in the unit's first file: that is
    told by its last name."""
    paths = [os.path.normpath(path).removeprefix(f"{ROOT}/") for path in re.findall(r"^(\S+):(?:\[\+\+\])?$", decoded,
                                                                                   re.MULTILINE)]
    unit, coming = paths[0], iter(paths)
    path, before = "", None
    for text in decoded.splitlines():
        row = re.match(r"(\S+) +(\d+|-) +0x([0-9a-f]+)\b", text)
        if not row:
            path = next(coming) if re.match(r"\S+:(?:\[\+\+\])?$", text) else path
            continue
        name, number, address = row.group(1), row.group(2), int(row.group(3), 16)
        if before and address > before[0]:
            yield before[0], address, before[1]
        if os.path.basename(path) != name:
            path = next((one for one in paths if os.path.basename(one) == name), f"{os.path.dirname(unit)}/{name}")
        before = (address, (path, int(number))) if number != "-" else None


def arrange(pieces: list[tuple[int, int, Line]]) -> Build:
    """What is not of the hypervisor's own sources, or the compiler's own, is nobody's."""
    build = Build()
    for start, end, line in sorted(pieces):
        if build.starts and start > build.end:
            build.starts.append(build.end)
            build.owners.append(None)
        build.starts.append(start)
        build.owners.append(line if line[0].startswith(SOURCES) and line[1] else None)
        build.end = end
    return build


def symbols_of(path: Path) -> dict[str, int]:
    found = {}
    for line in run("nm", path).splitlines():
        words = line.split()
        if len(words) == 3:
            found.setdefault(words[2], int(words[0], 16))
    return found


def read(path: Path) -> Build:
    """From a build's prism64.elf."""
    build = arrange(parse(run("objdump", "--dwarf=decodedline", "-w", path)))
    at = symbols_of(path)
    build.first, build.end = at["__image_start"], at["__init_text_end"]
    found = re.search(LOAD_ADDRESS, (ROOT / "xen/mem/layout.h").read_text())
    offset = re.search(r"\.text +PROGBITS +\w+ +(\w+)", run("readelf", "-SW", path))
    if found and offset:
        build.early, high = at["image_entry"], at["high_address"]
        build.early_runs = build.early - build.first + int(found.group(1), 16)
        place = int(offset.group(1), 16) + build.early - build.first
        build.early_bytes = path.read_bytes()[place:place + high - build.early]
    return build


# ---- Functions

def blank(text: str) -> str:
    """Without comments, strings and what the preprocessor reads; lines stay where they are."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#(?:\\\n|[^\n])*'
    return re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found.group(0)), text, flags=re.DOTALL | re.MULTILINE)


def name_of(header: str) -> str:
    """The function that is defined by what stands before its body; "" if it is something else."""
    header = header.rstrip()
    if not header.endswith(")") or "=" in header:
        return ""
    depth = 0
    for at in range(len(header) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(header[at], 0)
        if not depth:
            found = re.search(r"(\w+)\s*$", header[:at])
            return found.group(1) if found else ""
    return ""


def functions_in_c(text: str) -> list[Function]:
    text = blank(text)
    found: list[Function] = []
    depth = header = first = 0
    name = ""
    for mark in re.finditer(r"[{};]", text):
        if mark.group() == "{":
            if not depth:
                head = re.split(r"\n[ \t]*\n", text[header:mark.start()])[-1].lstrip()
                name = name_of(head)
                first = 1 + text.count("\n", 0, mark.start() - len(head))
            depth += 1
        elif mark.group() == "}":
            depth = max(0, depth - 1)
            if not depth and name:
                found.append((name, first, 1 + text.count("\n", 0, mark.start())))
                name = ""
        if not depth:
            header = mark.end()
    return found


def functions_in_assembly(text: str) -> list[Function]:
    """From a label to the next."""
    lines = blank(text).splitlines()
    labels = [(found.group(1), number) for number, line in enumerate(lines, start=1)
              if (found := re.match(r"([A-Za-z_]\w*):", line))]
    ends = [number - 1 for _, number in labels[1:]] + [len(lines)]
    return [(name, number, max(number, end)) for (name, number), end in zip(labels, ends)]


def functions_in(path: Path) -> list[Function]:
    """In the order of their lines."""
    text = path.read_text(errors="replace")
    return functions_in_assembly(text) if path.suffix == ".S" else functions_in_c(text)
