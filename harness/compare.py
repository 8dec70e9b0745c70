# SPDX-License-Identifier: MIT
"""make compare A=... B=...: two results of make bench side by side, B's instructions to A's.

A and B are folders in results/, or their results.json. Rows are compared by name, operations and known loads alike. What only
one of them has is said. The status is 0 if both could be read and have something in common; whether a ratio is good is the
reader's to say.
"""
from __future__ import annotations

import sys
from pathlib import Path

from harness import results
from harness.common import Parser, fail, main

WIDTH, CELL = 16, 34


def short(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def cell(a: results.Row, b: results.Row, operation: str) -> str:
    ratio = results.ratio(b, a, operation)
    text = f"{short(results.cost(a, operation))} -> {short(results.cost(b, operation))}"
    return (text if ratio is None else f"{text} {ratio:.3f}x").rjust(CELL)


def different(a: results.Row, b: results.Row) -> list[str]:
    """What they ran that was not the same: such costs differ by more than the hypervisor. Earlier results say less."""
    first, second = ({"vcpus": str(results.cpus_of(row)), **row["identity"]} for row in (a, b))
    return sorted(name for name in first.keys() & second.keys() if first[name] != second[name])


def common(a: results.Content, b: results.Content) -> list[str]:
    """Names of the rows that both have; empty also where they have no operation in common."""
    both = any(name in b["operations"] for name in a["operations"])
    return [row["name"] for row in a["rows"] if results.row_of(b, row["name"])] if both else []


def notes(a: results.Content, b: results.Content) -> list[str]:
    """What rows and operations, or loads, did not match in."""
    lines = []
    for name in common(a, b):
        rows = results.row_of(a, name), results.row_of(b, name)
        assert rows[0] and rows[1]
        if what := different(*rows):
            lines.append(f"{name}: not the same {', '.join(what)}")
    for which, content, other in (("A", a, b), ("B", b, a)):
        if alone := [row["name"] for row in content["rows"] if not results.row_of(other, row["name"])]:
            lines.append(f"only in {which}: {', '.join(alone)}")
        if alone := [name for name in content["operations"] if name not in other["operations"]]:
            lines.append(f"only in {which}: {', '.join(alone)}")
    return lines


def surroundings(a: results.Content, b: results.Content) -> list[str]:
    lines = [f"{which} is incomplete: it was interrupted" for which, content in (("A", a), ("B", b)) if not content["complete"]]
    return lines + [f"{what}: {a[what]} in A, {b[what]} in B" for what in ("emulator", "quick") if a[what] != b[what]]


def section(a: results.Content, b: results.Content, what: str) -> list[str]:
    """Operations, or loads, down, rows across."""
    names = common(a, b)
    lines = [f"{results.unit(a)} per".ljust(WIDTH) + "".join(name.rjust(CELL) for name in names),
             what.ljust(WIDTH) + "".join("A -> B".rjust(CELL) for _ in names)]
    for operation in (name for name in a["operations"] if name in b["operations"]):
        pairs = [(results.row_of(a, name), results.row_of(b, name)) for name in names]
        lines.append(operation.ljust(WIDTH) + "".join(cell(one, two, operation) for one, two in pairs if one and two))
    return [*lines, "", *notes(a, b)]


def table(a: results.Content, b: results.Content) -> str:
    """Operations, then known loads where either has any; Problem: they have nothing in common."""
    if results.accel(a) != results.accel(b):
        fail(f"A counts {results.unit(a)}, B {results.unit(b)}: they cannot be compared")
    parts = [(a, b, "operation"), (results.loads(a), results.loads(b), "known load")]
    if not any(common(one, two) for one, two, _ in parts):
        fail("these two have no row, or no operation, in common")
    lines: list[str] = []
    for one, two, what in parts:
        lines += [*section(one, two, what), ""] if common(one, two) else notes(one, two)
    return "\n".join([*lines, *surroundings(a, b)]).rstrip() + "\n"


def entry(words: list[str]) -> int:
    parser = Parser("make compare", __doc__)
    parser.add_argument("a", metavar="A", type=Path, nargs="?", help="the older result")
    parser.add_argument("b", metavar="B", type=Path, nargs="?", help="the newer result")
    chosen = parser.parse_args(words)
    if not chosen.a or not chosen.b:
        fail("say which two results: make compare A=results/... B=results/...")
    a, b = results.load(chosen.a), results.load(chosen.b)
    print(f"A: {chosen.a}, {a['commit']}\nB: {chosen.b}, {b['commit']}\n\n{table(a, b)}", end="", flush=True)
    return 0


if __name__ == "__main__":
    main(entry, sys.argv[1:])
