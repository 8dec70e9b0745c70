# SPDX-License-Identifier: MIT
"""Cycles of an operation, modelled from its instructions and from the events that the ledger has counted, with published
prices (harness/costs/*.toml). The result is a band, from all that is low to all that is high; never a measurement."""
from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping

from harness import accounts
from harness.common import Problem, fail

FOLDER = Path(__file__).with_name("costs")
DEFAULT = "amd-2020"
# An assumption, not a figure from anywhere: kernel code at its best retires two instructions a cycle, and takes two cycles
# for one where caches and predictors miss. An instruction that is priced below is also one of these.
CPI_NAME, CPI = "kernel code", (0.5, 2.0)

# Kinds of hardware events that have a price of their own.
KINDS = {"exit": "VM exit and entry", "syscall": "SYSCALL and SYSRET", "gate": "interrupt gate and IRETQ", "cr3": "CR3 load",
         "tlb-page": "one-page TLB flush", "tlb-flush": "TLB flush"}
# Events of the ledger that are no crossing: parts of others, counted alone.
COUNTED = {"cr3-load": "cr3", "tlb-flush": "tlb-flush", "tlb-page-flush": "tlb-page"}
NO_EVENT_OF_HARDWARE = {"upcall", "vcpu-switch", "device-model-request", "mark"}
# How a guest in ring 3 crosses to Prism: its kernel's and its processes' SYSCALL instructions; all else is an interrupt gate.
BY_SYSCALL = {"syscall", "iret", "hypercall", "page-table-hypercall", "platform-hypercall", "event-channel", "timer",
              "schedule", "grant", "console"}
BY_GATE = {"page-fault", "page-table-write", "exception", "emulated-instruction", "fpu", "cpuid", "msr", "port",
           "physical-interrupt"}
Range = tuple[float, float]


@dataclass
class Price:
    cycles: Range
    source: str
    processor: str


@dataclass
class Table:
    """One file: its own prices, and those that it borrows."""
    key: str
    name: str
    processor: str
    prices: dict[str, Price] = field(default_factory=dict)
    borrowed: dict[str, Price] = field(default_factory=dict)

    def price(self, kind: str) -> Price | None:
        return self.prices.get(kind) or self.borrowed.get(kind)


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def price_of(entry: Mapping[str, Any], processor: str, path: Path) -> Price | None:
    """One price; None: it is not in cycles."""
    if entry.get("kind") not in KINDS or not isinstance(entry.get("source"), str):
        fail(f"{path}: a price without a source, or of a kind that is none of {', '.join(KINDS)}")
    if "cycles" not in entry:
        return None
    try:
        low, high = map(float, entry["cycles"])
    except (TypeError, ValueError):
        fail(f"{path}: the cycles of {entry['kind']} are not two numbers, lowest and highest")
    if not 0 <= low <= high:
        fail(f"{path}: the cycles of {entry['kind']} go from {low:g} to {high:g}")
    return Price((low, high), entry["source"], processor)


def read_table(key: str, folder: Path = FOLDER) -> tuple[Table, list[str]]:
    """A file's own prices, and the names of the files it borrows from. Problem: there is no such file, or it is wrong."""
    path = folder / f"{key}.toml"
    try:
        content = tomllib.loads(path.read_text())
        table = Table(key, str(content["name"]), str(content["processor"]))
        entries = [(entry, price_of(entry, table.processor, path)) for entry in content.get("price", [])]
    except OSError:
        fail(f"there is no cost table {key}; tables: {', '.join(names())}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, AttributeError) as problem:
        raise Problem(f"{path}: {problem}") from problem
    table.prices = {entry["kind"]: price for entry, price in entries if price}
    return table, list(content.get("otherwise", []))


def load(key: str = DEFAULT, folder: Path = FOLDER) -> Table:
    """A table with all prices that it or those it borrows from have; its own first, then in the order it names them."""
    table, others = read_table(key, folder)
    for other in others:
        for kind, price in read_table(other, folder)[0].prices.items():
            if kind not in table.prices:
                table.borrowed.setdefault(kind, price)
    return table


def add(events: dict[str, Range], kind: str, low: float, high: float) -> None:
    before = events.get(kind, (0.0, 0.0))
    events[kind] = (before[0] + low, before[1] + high)


def hardware_events(counts: Mapping[str, int], container: bool) -> dict[str, Range]:
    """What a domain's crossings and counted events are to the hardware, by kind: at least, at most. Names that are not known
    here keep their own: nobody can price them."""
    events: dict[str, Range] = {}
    # A vCPU that is given a CPU returns to its guest once more than it has left it.
    again = counts.get("vcpu-switch", 0)
    for name, count in counts.items():
        if name in COUNTED:
            add(events, COUNTED[name], count, count)
        elif name not in NO_EVENT_OF_HARDWARE:
            crossing = max(0, count - again) if name == "schedule" else count
            known = name in BY_SYSCALL or name in BY_GATE or container
            kind = "exit" if container else "syscall" if name in BY_SYSCALL else "gate" if known else name
            add(events, kind, crossing, crossing)
    add(events, "cr3", again, again)
    if not container:   # a system call and its return change tables; an iret within the guest's kernel does not
        add(events, "cr3", counts.get("syscall", 0), counts.get("syscall", 0) + counts.get("iret", 0))
    return {kind: pair for kind, pair in events.items() if pair[1]}


def events_of(account: accounts.Account, container: bool) -> dict[str, Range]:
    """Of one operation: the measured guest's and the control domain's, which is in ring 3 in every row."""
    events: dict[str, Range] = {}
    for owner, boxed in (("domain", container), ("control", False)):
        for kind, (low, high) in hardware_events(accounts.counts(account[owner]), boxed).items():
            add(events, kind, low / account["operations"], high / account["operations"])
    return events


def model(table: Table, instructions: float, events: Mapping[str, Range]) -> dict[str, Any]:
    """The band of an operation's cycles, what it is made of, and what it leaves out."""
    low, high = instructions * CPI[0], instructions * CPI[1]
    unpriced = {}
    for kind, (least, most) in events.items():
        price = table.price(kind)
        if price:
            low, high = low + least * price.cycles[0], high + most * price.cycles[1]
        else:
            unpriced[kind] = [least, most]
    return {"low": round(low, 1), "high": round(high, 1), "instructions": round(instructions, 3),
            "events": {kind: [round(number, 4) for number in pair] for kind, pair in events.items()}, "unpriced": unpriced}


def modelled(table: Table, mode: str, cost: float, account: accounts.Account | None, cpus: int = 1) -> dict[str, Any] | None:
    """One cell: cost is what the benchmark has read off its clock, all there is of the bare machine, where no hypervisor's
    events are. Elsewhere the account tells instructions from time when no CPU had work; with several CPUs it is of all their time,
    but each tick of the clock is an instruction of one of them. None: nobody has counted."""
    if mode == "native":
        return model(table, cost, {})
    if not account:
        return None
    paid = accounts.each(account)
    busy = sum(paid.values()) - paid["idle"] - paid["mark"]
    return model(table, busy if cpus == 1 else min(busy, cost), events_of(account, mode not in ("pv", "control")))


def describe(table: Table) -> dict[str, Any]:
    """What a result says of the table that it was modelled with."""
    return {"table": table.key, "name": table.name, "processor": table.processor, "cpi": list(CPI), "cpi_name": CPI_NAME,
            "prices": {kind: {"cycles": list(price.cycles), "source": price.source, "processor": price.processor}
                       for kind in KINDS if (price := table.price(kind))},
            "unpriced": [kind for kind in KINDS if not table.price(kind)]}
