# SPDX-License-Identifier: MIT
"""What the emulator says of each instruction it executes (-d exec,int,mmu, one instruction a block), cut into stretches: who
ran, how long, and in a hypervisor's stretch which functions, and what the ledger was told. Nothing is asked of the machine
meanwhile: a machine that is stopped finds its timers late when it goes on, and would tell another story."""
from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from pathlib import Path

from harness.symbols import CALL, COUNTED, NAMED, RETURN, Event, Program

# Of the emulator's own flags of a block, which stand in each line.
CPL, CONTAINER = 3, 1 << 21
HYPERVISOR, KERNEL, USER = "hypervisor", "kernel", "program"
UPPER_HALF = 1 << 63
VECTOR = re.compile(rb" *\d+: v=([0-9a-f]{2}) e=\w+ i=\d cpl=(\d) IP=\w+:([0-9a-f]+) ")
TRAPS = (1, 3, 4)      # exceptions that come after their instruction; all others come in place of it


@dataclass
class Node:
    """A function under the one that called it, and the instructions it has executed there itself."""
    name: str
    own: int = 0
    called: dict[str, "Node"] = field(default_factory=dict)

    def all(self) -> int:
        return self.own + sum(node.all() for node in self.called.values())


@dataclass
class Stretch:
    """Instructions of one party, one after the other. cr3: in force at its beginning; vector: of the exception or interrupt
    that led here. Of a hypervisor: functions, and events of the ledger: those that name a crossing, those in it."""
    place: str
    container: bool
    first: int
    cr3: int | None
    vector: int | None
    last: int = 0
    count: int = 0
    root: Node = field(default_factory=lambda: Node(""))
    named: dict[Event, int] = field(default_factory=dict)
    counted: dict[Event, int] = field(default_factory=dict)


class Steps:
    """Takes the lines as they come, keeps what is between two addresses. hypervisor: its functions; None: there is no
    hypervisor, ring 0 is the kernel."""

    def __init__(self, hypervisor: Program | None, begin: int, end: int) -> None:
        self.hypervisor, self.begin, self.stop = hypervisor, begin, end
        self.within = False
        self.stretches: list[Stretch] = []
        self.held: tuple[int, int] | None = None    # told of, but it may be taken back
        self.cr3: int | None = None
        self.seen: dict[int, dict[int, int]] = {}   # by CR3, of each page that a program has executed in, an address
        self.vector: int | None = None
        self.stack: list[Node] = []
        self.before = CALL                          # the kind of the hypervisor's instruction before
        self.name: Event | None = None              # of the crossing under way, so far

    def line(self, line: bytes) -> None:
        if line.startswith(b"Trace"):
            words = line.split(b"/", 3)
            if self.held:
                self.step(*self.held)
            self.held = int(words[1], 16), int(words[2], 16)
        elif line.startswith(b"CR3 update: CR3="):
            self.cr3 = int(line[16:], 16)
        elif line.startswith((b"Stopped execution", b"cpu_io_recompile")):    # of the block told of last: it will come again
            self.held = None
        elif found := VECTOR.match(line):
            self.taken(*(int(word, 16) for word in found.groups()))

    def taken(self, vector: int, ring: int, address: int) -> None:
        """An exception or interrupt is taken in that ring, at that address."""
        if ring and self.held and not self.held[1] & (CPL | CONTAINER) and self.hypervisor:
            self.step(*self.held)    # the hypervisor has returned to a guest, who comes to execute nothing
            self.held = None
            if self.within:
                self.enter(KERNEL if address >= UPPER_HALF else USER, False, address)
        elif vector < 32 and vector not in TRAPS:
            self.abandon()
        self.vector = vector

    def abandon(self) -> None:
        """The last instruction was begun and not carried out. It is no instruction, but where it stood is worth knowing."""
        if self.held and self.within:
            self.step(*self.held)
            self.stretches[-1].count -= 1
            if self.stretches[-1].place == HYPERVISOR:
                self.stack[-1].own -= 1
        self.held = None

    def end(self) -> None:
        if self.held:
            self.step(*self.held)
        self.held = None
        self.settle()

    def step(self, address: int, flags: int) -> None:
        if not self.within:
            self.within = address == self.begin
            return
        if address == self.stop:
            self.within = False
            return
        container = bool(flags & CONTAINER)
        if not container and not flags & CPL:
            place = HYPERVISOR if self.hypervisor else KERNEL
        elif container or not self.hypervisor:
            place = USER if flags & CPL else KERNEL
        else:
            place = KERNEL if address >= UPPER_HALF else USER
        stretch = self.stretches[-1] if self.stretches else None
        if not stretch or stretch.place != place or stretch.container != container:
            stretch = self.enter(place, container, address)
        self.vector = None
        stretch.count += 1
        stretch.last = address
        if place == HYPERVISOR:
            self.inside(stretch, address)
        elif place == USER and self.cr3 is not None and not container:
            self.seen.setdefault(self.cr3, {}).setdefault(address >> 12, address)

    def enter(self, place: str, container: bool, address: int) -> Stretch:
        self.settle()
        stretch = Stretch(place, container, address, self.cr3, self.vector, address)
        self.stretches.append(stretch)
        self.stack, self.before = [stretch.root], CALL
        return stretch

    def inside(self, stretch: Stretch, address: int) -> None:
        """A function is under another if it was called; if it was jumped to, or has interrupted, it is beside it."""
        assert self.hypervisor
        name, kind = self.hypervisor.look(address)
        stack = self.stack
        if self.before == RETURN and len(stack) > 1:
            stack.pop()
        if self.before == CALL:
            stack.append(stack[-1].called.setdefault(name, Node(name)))
        elif stack[-1].name != name:
            while len(stack) > 1 and stack[-1].name != name and any(node.name == name for node in stack):
                stack.pop()
            if stack[-1].name != name:
                if len(stack) > 1:
                    stack.pop()
                stack.append(stack[-1].called.setdefault(name, Node(name)))
        stack[-1].own += 1
        self.before = kind
        site = self.hypervisor.sites.get(address)
        if not site:
            return
        if site[0] == NAMED:
            self.name = site[1]
        elif site[0] == COUNTED:
            stretch.counted[site[1]] = stretch.counted.get(site[1], 0) + 1
        else:
            self.settle()

    def settle(self) -> None:
        """The crossing is charged to the name it has last been given."""
        if self.name and self.stretches:
            named = self.stretches[-1].named
            named[self.name] = named.get(self.name, 0) + 1
        self.name = None


class Reader(threading.Thread):
    """Reads the emulator's log from a named pipe until the emulator closes it. `steps` is this thread's until join()."""

    def __init__(self, pipe: Path, steps: Steps) -> None:
        super().__init__(daemon=True)
        self.pipe, self.steps = pipe, steps
        self.lines = 0    # so far; others only read it

    def run(self) -> None:
        with self.pipe.open("rb", buffering=1 << 20) as stream:
            for line in stream:
                self.steps.line(line)
                self.lines += 1
        self.steps.end()
