# SPDX-License-Identifier: MIT
"""Which lines of the hypervisor's source were reached: by machines, of which the emulator has written down the blocks of
instructions that it translated."""
from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable

from harness import line_table
from harness.line_table import Build, Function, Line
from harness.machine import Blocks, Machine

INSTRUCTION = re.compile(r"0x([0-9a-f]+):  ((?:[0-9a-f]{2} )*)")


def executed(build: Build, log: Iterable[str]) -> set[int]:
    """The addresses of a build's instructions that are in the emulator's log (-d in_asm)."""
    found = set()
    for text in log:
        said = INSTRUCTION.match(text)
        if said:
            address = build.executed(int(said.group(1), 16), bytes.fromhex(said.group(2)))
            if address is not None:
                found.add(address)
    return found


@dataclass
class Reached:
    """Of one run of tests; called from several threads."""
    builds: dict[Path, Build] = field(default_factory=dict)
    machines: int = 0
    lines: set[Line] = field(default_factory=set)             # that there is code for, in any of these builds
    times: Counter[Line] = field(default_factory=Counter)     # machines that came to a line
    functions: dict[str, list[Function]] = field(default_factory=dict)    # by file
    _lock: threading.Lock = field(default_factory=threading.Lock)         # guards all of these

    def watch(self, machine: Machine, tested: Path) -> None:
        """Asks a machine that has not begun yet. tested: Prism, where the machine boots from an image that has it. Machines whose
        hypervisor has no file with its symbols beside it (Debian's Xen) are not asked."""
        hypervisor = machine.hypervisor or (tested if machine.cdrom else None)
        symbols = hypervisor.parent / "prism64.elf" if hypervisor else None
        if symbols and hypervisor.name == "prism.elf" and symbols.exists() and machine.accel == "tcg":
            build = self.build(symbols)
            machine.blocks = Blocks(build.ranges(), lambda log: self.read(build, log))

    def build(self, symbols: Path) -> Build:
        with self._lock:
            if symbols not in self.builds:
                self.add(symbols, line_table.read(symbols))
            return self.builds[symbols]

    def add(self, symbols: Path, build: Build) -> None:
        """A build, and its source as it is now."""
        self.builds[symbols] = build
        self.lines |= build.lines()
        for name in {name for name, _ in build.lines()} - self.functions.keys():
            path = line_table.ROOT / name
            self.functions[name] = line_table.functions_in(path) if path.exists() else []

    def read(self, build: Build, log: Path) -> None:
        """What a machine of this build has written down."""
        with log.open(errors="replace") as stream:
            lines = build.of(executed(build, stream))
        with self._lock:
            self.machines += 1
            self.times.update(lines)
