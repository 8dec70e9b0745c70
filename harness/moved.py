# SPDX-License-Identifier: MIT
"""What is not as it was: two results of make bench, cell by cell, within a bound (docs/regress.md).

A number may differ by `bound`, as share of what it was. Where that is not 0 the two ran other code, in which a timer interrupt
falls elsewhere: so one interrupt more or less in a round is no difference, and an operation whose rounds have not come to agree
may be anywhere within them. With 0 every count is the same."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Iterator

from harness import accounts, ledger, results
from harness.common import printable
from harness.rows import ALONE, IDENTITY

BOUND = 0.005                      # what has no exit differs by less from one build to another
DISK_BOUND = 0.01                  # the machine's own disk answers when the host does
DISK_OPERATIONS = ("read_4k", "write_4k", "read_64k", "write_64k", "fsync", "read_4k_q32", "write_4k_q32", "boot_read")
# Of an event in one round: what an interrupt brings with it, and what work in the background does in the time between two.
ROUND_EVENTS, TICK_EVENTS = 4, 0.3
TICK = 4_000_000                   # ticks between two timer interrupts of Debian's kernel
WIDEST = 60                        # of a cell's text on the terminal
NOTHING = "-"


@dataclass(frozen=True)
class Moved:
    """One difference. column: cost, outcome, identity, a column of the ledger, or a section of what the guest sees."""
    row: str
    column: str
    cell: str
    before: str
    after: str

    @property
    def where(self) -> tuple[str, str, str]:
        return self.row, self.column, self.cell


def number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.9g}"


# ---- Whether two results ran the same

def same_parts(a: results.Content, b: results.Content) -> bool:
    """All that both had to run was the same to the last byte: hypervisor, kernel, ramdisks, emulators, toolstack."""
    one, two = (content["versions"]["files"] for content in (a, b))
    return all(one[name] == two[name] for name in one.keys() & two.keys() if not name.endswith((".toml", "xen.elf")))


def same_run(a: results.Row, b: results.Row) -> bool:
    """The same bytes under the same words on the same machine; then it is the same run. Where its files lie is no matter."""
    one, two = ([re.sub(r"[^\s=,]*/", "", word) for word in row["arguments"]] for row in (a, b))
    return one == two and a["identity"] == b["identity"] and a.get("hypervisor_sha256") == b.get("hypervisor_sha256")


# ---- One row

@dataclass(frozen=True)
class Pair:
    """A row, before and after. bound: of its numbers; rounds: how many operations each operation's round has."""
    a: results.Row
    b: results.Row
    bound: float
    rounds: dict[str, int]

    def moved(self, column: str, cell: str, before: str, after: str) -> Moved:
        return Moved(self.a["name"], column, cell, before, after)

    def bound_of(self, operation: str) -> float:
        disk = self.a["mode"] in ALONE and operation in DISK_OPERATIONS
        return max(self.bound, DISK_BOUND) if disk else self.bound

    def untold(self, operation: str) -> bool:
        """The host's own latency is in it."""
        steady = self.a.get("steady", True) and self.b.get("steady", True)
        return self.a["mode"] in ALONE and operation in DISK_OPERATIONS and not steady


def outcomes(pair: Pair, operations: list[str]) -> Iterator[Moved]:
    """A row that has failed as a whole is one difference; else each operation that came out otherwise is one."""
    whole = [printable(f"failed: {row['reason']}") if row["reason"] else "ok" for row in (pair.a, pair.b)]
    if whole != ["ok", "ok"]:
        if whole[0] != whole[1]:
            yield pair.moved("outcome", "all", *whole)
        return
    for name in operations:
        before, after = (results.state(row, name) for row in (pair.a, pair.b))
        if before != after:
            yield pair.moved("outcome", name, before, after)


def allowed(pair: Pair, operation: str, before: float) -> float:
    """Instructions by which one operation's cost may differ."""
    bound = pair.bound_of(operation)
    if not bound:
        return 0
    interrupt = results.cost(pair.a, "timer_interrupt") or 0
    room = bound * before + (interrupt / pair.rounds[operation] if operation in pair.rounds else 0)
    spans = [span for row in (pair.a, pair.b) if (span := results.span(row, operation))]
    return max([room, *(highest - lowest for lowest, highest in spans)])


def costs(pair: Pair, operations: list[str]) -> Iterator[Moved]:
    for name in operations:
        before, after = results.cost(pair.a, name), results.cost(pair.b, name)
        if before is None or after is None or pair.untold(name):
            continue
        if abs(after - before) > allowed(pair, name, before):
            yield pair.moved("cost", name, number(before), number(after))


def counts(account: accounts.Account) -> dict[tuple[str, str, str], float]:
    """How often each event was in one operation, by owner, column and name."""
    return {(one.owner, one.column, one.name): one.count for one in ledger.events(account)}


def events(pair: Pair, operations: list[str]) -> Iterator[Moved]:
    for name in operations:
        one, two = pair.a["accounts"].get(name), pair.b["accounts"].get(name)
        if not one or not two or pair.untold(name):
            continue
        before, after, bound = counts(one), counts(two), pair.bound_of(name)
        in_round = one["operations"] / one["rounds"]
        room = (ROUND_EVENTS + TICK_EVENTS * one["ticks"] / one["rounds"] / TICK) / in_round if bound else 0
        for key in sorted(before.keys() | after.keys()):
            a, b = before.get(key, 0.0), after.get(key, 0.0)
            if abs(a - b) > bound * max(a, b) + room:
                yield pair.moved(key[1], f"{name} {key[2]}, {ledger.OWNERS[key[0]]}", number(a), number(b))


def sights(pair: Pair, _: list[str]) -> Iterator[Moved]:
    """What the guest sees. Not of a row whose guest was never asked, before or after a failure."""
    for what in ("memory", "vcpus"):
        before, after = (row["identity"].get(what) for row in (pair.a, pair.b))
        if before and after and before != after:
            yield pair.moved("identity", what, before, after)
    one, two = pair.a.get("sees", {}), pair.b.get("sees", {})
    if not one or pair.b["reason"]:
        return
    if not two:
        yield pair.moved("sees", "all", f"{sum(map(len, one.values()))} lines", NOTHING)
        return
    for section in sorted(one.keys() | two.keys()):
        before, after = one.get(section, {}), two.get(section, {})
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                yield pair.moved(section, key, before.get(key, NOTHING), after.get(key, NOTHING))


LOOKS: tuple[Callable[[Pair, list[str]], Iterator[Moved]], ...] = (outcomes, costs, events, sights)


# ---- The whole

def round_sizes(*contents: results.Content) -> dict[str, int]:
    """Operations in a round, which is the guest's program's choice, so that any account tells."""
    return {name: account["operations"] // account["rounds"] for content in contents for row in content["rows"]
            for name, account in row["accounts"].items() if account["rounds"]}


def pairs(a: results.Content, b: results.Content, bound: float | None) -> list[Pair]:
    """Of the rows that b has. bound: of all of them; None: nothing where both ran the same, else BOUND."""
    sizes, same = round_sizes(a, b), same_parts(a, b)
    found = []
    for row in b["rows"]:
        before = results.row_of(a, row["name"])
        if before:
            exact = same and same_run(before, row)
            found.append(Pair(before, row, bound if bound is not None else 0 if exact else BOUND, sizes))
    return found


def differences(a: results.Content, b: results.Content, bound: float | None = None) -> list[Moved]:
    """All that moved from a to b, of the rows and operations that b has measured."""
    names = [name for name in b["operations"] if name in a["operations"]]
    return [moved for pair in pairs(a, b, bound) for look in LOOKS for moved in look(pair, names)]


def within(a: results.Content, b: results.Content, bound: float | None) -> str:
    """By what bound they were compared, in words."""
    most = max((pair.bound for pair in pairs(a, b, bound)), default=0)
    return f"within {100 * most:g}%" if most else "to the last count"


def blind(content: results.Content, names: list[str]) -> list[str]:
    """The rows, of these, of which the result does not say what their guests see, though they ran."""
    return [row["name"] for row in content["rows"] if row["name"] in names and not row.get("sees") and not row["reason"]]


def remarks(a: results.Content, b: results.Content, bound: float | None) -> list[str]:
    """What a reader of the differences has to know."""
    lines = []
    every = pairs(a, b, bound)
    for what in (name for name in IDENTITY if name not in ("memory", "vcpus")):
        rows = [pair.a["name"] for pair in every if pair.a["identity"].get(what) != pair.b["identity"].get(what)
                and not pair.a["reason"] and not pair.b["reason"]]
        if rows and (what != "words" or a["operations"] == b["operations"]):
            lines.append(f"not the same {what}, and what it costs with it: {', '.join(rows)}")
    if untold := sorted({pair.a["name"] for pair in every for name in b["operations"] if pair.untold(name)}):
        lines.append(f"the host's latency is in the disk's operations, which are not compared: {', '.join(untold)}; "
                     "as root it is kept out")
    return lines


def table(found: list[Moved]) -> str:
    """A line each: row, column, cell, before, after. Empty, if nothing moved."""
    if not found:
        return ""
    lines: list[tuple[str, ...]] = [("row", "column", "cell", "before", "after")]
    lines += [tuple(printable(text, WIDEST) for text in (*one.where, one.before, one.after)) for one in found]
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    return "".join("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() + "\n" for line in lines)
