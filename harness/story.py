# SPDX-License-Identifier: MIT
"""A watched execution as a numbered story: who ran, why that one came to run, how long, who is charged."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Sequence

from harness.steps import HYPERVISOR, KERNEL, USER, Node, Stretch
from harness.symbols import SYSCALL, Event, Program

MOST_REPEATED = 16    # entries, the longest sequence that is looked for as repeated


EXCEPTIONS = {0: "#DE", 1: "#DB", 2: "NMI", 3: "#BP", 6: "#UD", 7: "#NM", 8: "#DF", 13: "#GP", 14: "#PF"}


@dataclass
class Entry:
    """One stretch, or several that are alike. why: what led here; way: the hypervisor's functions that did most of it, from the
    outermost on; named, counted: events of the ledger that it was charged to, that were part of it."""
    who: str
    count: int
    why: str = ""
    way: list[str] = field(default_factory=list)
    named: dict[Event, int] = field(default_factory=dict)
    counted: dict[Event, int] = field(default_factory=dict)

    def alike(self, other: "Entry") -> bool:
        return (self.who, self.why, self.way[:2]) == (other.who, other.why, other.way[:2])

    def column(self) -> str:
        return ", ".join(dict.fromkeys(column for column, _ in self.named))


def way(root: Node) -> list[str]:
    """From the entry into the function that most instructions are in or under: the first that is called in any case, what that
    calls as long as it is more than half of all."""
    node, names, whole = root, [], root.all()
    while node.called:
        best = max(node.called.values(), key=Node.all)
        if len(names) > 1 and 2 * best.all() < whole:
            break
        node = best
        if node.name and node.name not in names:
            names.append(node.name)
    return names


def vector_name(vector: int) -> str:
    return f"exception {vector} {EXCEPTIONS.get(vector, '')}".rstrip() if vector < 32 else f"interrupt {vector:#x}"


def reason(stretch: Stretch) -> str:
    """The ledger's own names; in parentheses what is counted as part of it."""
    names = [name for _, name in stretch.named]
    parts = [name + (f" x{times}" if times > 1 else "") for (_, name), times in stretch.counted.items()]
    parts = ([vector_name(stretch.vector)] if stretch.vector is not None else []) + parts
    return " + ".join(names) + (f" ({', '.join(parts)})" if parts else "")


class Teller:
    """By what CR3 held, owners: domains, programs: names of the control domain's. program: the benchmark's own instructions."""

    def __init__(self, owners: Mapping[int, int], hypervisor: str, program: Program | None = None,
                 programs: Mapping[int, str] | None = None) -> None:
        self.owners, self.hypervisor, self.program, self.programs = owners, hypervisor, program, programs or {}

    def domain(self, stretch: Stretch) -> int | None:
        return self.owners.get(stretch.cr3) if stretch.cr3 is not None else None

    def who(self, stretch: Stretch, measured: Stretch) -> str:
        if stretch.place == HYPERVISOR:
            return self.hypervisor
        domain = self.domain(stretch)
        if stretch.container or (domain is not None and domain == self.domain(measured) != 0):
            return f"guest {stretch.place}"
        if measured.container or (domain == 0 and self.domain(measured) != 0):
            name = self.programs.get(stretch.cr3 or 0) if stretch.place == USER else None
            return f"control {name or stretch.place}"
        return stretch.place if domain in (0, None) else f"d{domain} {stretch.place}"

    def inner(self, before: Stretch, stretch: Stretch) -> str:
        """Why one of a guest's own two came to run after the other, with no hypervisor between."""
        if stretch.place == USER:
            why = "return"
        elif stretch.vector is not None:
            why = vector_name(stretch.vector)
        else:
            why = "system call" if self.program and self.program.look(before.last)[1] == SYSCALL else "unknown"
        return why + (", no exit" if stretch.container else "")

    def tell(self, stretches: Sequence[Stretch]) -> list[Entry]:
        entries = []
        for number, stretch in enumerate(stretches):
            before = stretches[number - 1] if number else None
            if stretch.place == HYPERVISOR:
                why = reason(stretch)
            else:
                why = self.inner(before, stretch) if before and before.place != HYPERVISOR else ""
            entries.append(Entry(self.who(stretch, stretches[0]), stretch.count, why, way(stretch.root), stretch.named,
                                 stretch.counted))
        return entries


def together(many: Sequence[Mapping[Event, int]]) -> dict[Event, int]:
    sums: dict[Event, int] = {}
    for one in many:
        for event, times in one.items():
            sums[event] = sums.get(event, 0) + times
    return sums


@dataclass
class Line:
    """One of the story's lines: an entry, or, with text, a remark. number: of the entry, from 1."""
    number: int
    entry: Entry | None = None
    text: str = ""
    inside: bool = False    # a repeated sequence


def repeated(entries: Sequence[Entry], start: int) -> tuple[int, int]:
    """How long a sequence begins there that comes again at once, and how often it comes: what covers most."""
    best = (1, 1)
    for length in range(1, MOST_REPEATED + 1):
        times, at = 1, start + length
        while at + length <= len(entries) and all(entries[at + i].alike(entries[start + i]) for i in range(length)):
            times, at = times + 1, at + length
        if times > 1 and length * times > best[0] * best[1]:
            best = (length, times)
    return best


def lines(entries: Sequence[Entry]) -> list[Line]:
    """The entries in order; a sequence that comes several times, once, with sums of its instructions."""
    out, at = [], 0
    while at < len(entries):
        length, times = repeated(entries, at)
        if times < 2 or length * times < 4:
            out.append(Line(at + 1, entries[at]))
            at += 1
            continue
        out.append(Line(at + 1, text=f"{times} times these {length}, {length * times} in all; instructions are sums:"))
        for place in range(length):
            same = entries[at + place:at + length * times:length]
            out.append(Line(at + place + 1, Entry(same[0].who, sum(one.count for one in same), same[0].why, same[0].way,
                                                  together([one.named for one in same]),
                                                  together([one.counted for one in same])), inside=True))
        at += length * times
    return out


def sums(entries: Sequence[Entry]) -> dict[str, int]:
    """Instructions by who executed them, and the whole."""
    out: dict[str, int] = {}
    for entry in entries:
        out[entry.who] = out.get(entry.who, 0) + entry.count
    return {**out, "all": sum(out.values())}
