# SPDX-License-Identifier: MIT
"""How a benchmark's outcome is shown: progress, the table, the picture, the file."""
from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Sequence

from harness import accounts, results
from harness.common import Problem, run, say

if TYPE_CHECKING:
    from harness.rows import Row

RED, PLAIN = "\033[31m", "\033[0m"
CELL = 16
WIDTH = 128    # columns of the terminal; wider tables are broken


class Progress:
    """What runs now: on one line of the terminal that changes, for all rows under way together; or, where there is no
    terminal, a line for each when it ends."""
    lock = threading.Lock()                    # guards shown, and the terminal
    shown: "dict[Progress, str]" = {}

    def __init__(self, title: str) -> None:
        self.title, self.start = title, time.monotonic()
        self.live = sys.stderr.isatty()

    def say(self, what: str) -> None:
        with self.lock:
            self.shown[self] = what
            self.draw()

    def draw(self) -> None:
        if self.live:
            now = time.monotonic()
            text = " | ".join(f"{one.title}: {what} ({now - one.start:.0f} s)" for one, what in self.shown.items())
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def end(self, number: str, reason: str) -> None:
        with self.lock:
            self.shown.pop(self, None)
            if self.live:
                print("\r\033[K", end="", file=sys.stderr)
            say(f"{number}{self.title}: {'FAILED: ' + reason if reason else 'done'}, {time.monotonic() - self.start:.0f} s")
            self.draw()


def red(text: str) -> str:
    return f"{RED}{text}{PLAIN}" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def number(value: float) -> str:
    return f"{value:,.0f}"


def ratio(value: float | None, base: float | None) -> str:
    return f"{value / base:.2f}x" if value and base else "-"


def peer_of(row: "Row", rows: Sequence["Row"]) -> "Row | None":
    """The same mode on Xen, beside a row on Prism."""
    return next((other for other in rows if other.peer and not row.peer and (other.mode, other.cpus) == (row.mode, row.cpus)),
                None)


def prism_of(row: "Row", rows: Sequence["Row"]) -> "Row | None":
    return next((other for other in rows if row.peer and not other.peer and (other.mode, other.cpus) == (row.mode, row.cpus)),
                None)


def base_of(row: "Row", rows: Sequence["Row"]) -> "Row | None":
    """The bare machine with as many CPUs."""
    return next((other for other in rows if other.mode == "native" and other.cpus == row.cpus), None)


def heads_of(row: "Row", rows: Sequence["Row"]) -> list[tuple[str, str, int]]:
    """What stands in a row's columns: two lines of heading, and a width. A row is its cost, and what that is compared with:
    Prism's to Xen's where both are there, else to the bare machine's."""
    heads = [(row.title, "", max(CELL, len(row.title) + 2))]
    if prism_of(row, rows):
        heads.append(("Prism to", "Xen", 10))
    elif base_of(row, rows) and row.mode != "native" and not peer_of(row, rows):
        heads.append(("to bare", "machine", 9))
    return heads


def pieces(rows: Sequence["Row"]) -> list[list["Row"]]:
    """The rows in tables that fit side by side on a terminal; what is compared stays together."""
    out: list[list[Row]] = []
    room = 0
    for row in rows:
        pair = [other for other in (row, peer_of(row, rows)) if other]
        if row.peer and prism_of(row, rows):
            continue
        width = sum(width for one in pair for _, _, width in heads_of(one, rows))
        if not out or width > room:
            out.append([])
            room = WIDTH - CELL
        out[-1] += pair
        room -= width
    return out


def compared(row: "Row", rows: Sequence["Row"], operation: str) -> tuple[float | None, float | None] | None:
    """The two costs whose ratio stands beside a row's cost; None: no ratio does."""
    prism, base = prism_of(row, rows), base_of(row, rows)
    if prism:
        return prism.cost(operation), row.cost(operation)
    if base and row is not base and not peer_of(row, rows):
        return row.cost(operation), base.cost(operation)
    return None


def cell(row: "Row", operation: str, width: int) -> str:
    cost = row.cost(operation)
    if row.why(operation):
        return red("FAILED".rjust(width))
    return ("-" if cost is None else number(cost)).rjust(width)


def costs(shown: Sequence["Row"], rows: Sequence["Row"], operations: Sequence[str]) -> list[str]:
    """One table: some of the rows side by side."""
    heads = [head for row in shown for head in heads_of(row, rows)]
    lines = ["", f"{results.UNITS[rows[0].accel]} per".ljust(CELL) + "".join(head.rjust(width) for head, _, width in heads),
             ("operation".ljust(CELL) + "".join(second.rjust(width) for _, second, width in heads)).rstrip()]
    for operation in operations:
        cells = [operation.ljust(CELL)]
        place = iter(heads)
        for row in shown:
            cells.append(cell(row, operation, next(place)[2]))
            pair = compared(row, rows, operation)
            if pair:
                text = ratio(*pair).rjust(next(place)[2])
                above = row.peer and None not in pair and pair[0] > pair[1]    # type: ignore[operator]
                cells.append(red(text) if above else text)
        lines.append("".join(cells))
    return lines


def table(rows: Sequence["Row"], operations: Sequence[str], complete: bool) -> str:
    """Instructions per operation by row, with ratios, then how long it took to get there, then what went wrong."""
    lines = [line for shown in pieces(rows) for line in costs(shown, rows, operations)]
    lines += time_lines(rows, "power-on to the first process", ("wall", lambda row: row.boot_wall_seconds),
                        ("CPU", lambda row: row.boot_cpu_seconds))
    lines += time_lines(rows, "xl create to the guest's first process", ("wall", lambda row: row.create_wall_seconds),
                        ("CPU", lambda row: row.create_cpu_seconds),
                        ("virtual", lambda row: row.create_ticks / 1e9 if row.create_ticks else None))
    return "\n".join(lines + remarks(rows, operations, complete)).rstrip() + "\n"


def remarks(rows: Sequence["Row"], operations: Sequence[str], complete: bool) -> list[str]:
    lines = [""] + [red(f"{row.title}: {row.reason}") for row in rows if row.reason]
    lines += [red(f"{row.title}, {operation}: {row.why(operation)}") for row in rows for operation in operations
              if not row.reason and row.why(operation)]
    lines += [f"{row.title}, {name}: {why}" for row in rows for name, why in row.absent.items()]
    lines += [f"{row.title}: rounds do not agree within 1%: {', '.join(row.unsteady)}" for row in rows if row.unsteady]
    lines += [f"{row.title}: the guest's kernel is told {row.peer_word}, since Xen leaves this row to the guest." for row in rows
              if row.peer_word]
    lines += [f"{row.title}: the kernel is told {row.late_word}, and brings up its other CPUs when it has booted." for row in rows
              if row.late_word]
    loose = [row for row in rows if not row.steady and not row.reason and row.accel == "tcg"]
    if any(not row.guest for row in loose):
        lines.append("Not run as root: the host's own disk latency is part of read_4k and write_4k of the bare machine.")
    if any(row.cpus > 1 for row in loose):
        lines.append("Not run as root: the turns of several CPUs may depend on the host, and numbers differ from run to run.")
    return lines if complete else lines + [red("INCOMPLETE: interrupted")]


def time_lines(rows: Sequence["Row"], title: str, *kinds: tuple[str, Callable[["Row"], float | None]]) -> list[str]:
    """How long each row took for something, by several clocks, each beside Xen's."""
    lines = ["", title]
    for row in rows:
        peer, texts = peer_of(row, rows), []
        for unit, seconds in kinds:
            taken, other = seconds(row), seconds(peer) if peer else None
            if taken is not None:
                texts.append(f"{taken:6.2f} s {unit}" + (f" ({taken / other:.2f} of Xen's)" if other else ""))
        if texts:
            lines.append(f"  {row.title.ljust(max(CELL, *(len(one.title) for one in rows)) + 2)}" + ", ".join(texts))
    return lines if len(lines) > 2 else []


def payers(content: results.Content) -> str:
    """Operations down, rows across: what pays most beside the guest itself, and its share. Empty where nobody has counted."""
    rows = [row for row in content["rows"] if row["accounts"]]
    if not rows:
        return ""
    width = max(CELL + 2, *(len(row["title"]) for row in rows)) + 2
    lines = ["who pays most".ljust(CELL) + "".join(row["title"].rjust(width) for row in rows)]
    for operation in content["operations"]:
        found = [accounts.payer(row["accounts"][operation]) if operation in row["accounts"] else None for row in rows]
        lines.append(operation.ljust(CELL) + "".join((f"{one[0]} {100 * one[1]:.0f}%" if one else "-").rjust(width)
                                                     for one in found))
    return "\n".join(lines) + "\n"


PLOT = """set terminal pngcairo size %d,600 font "sans,11"
set output "bench.png"
set title "%s per operation (fewer is better)"
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set logscale y
set format y "%%'.0f"
set grid ytics
set key outside top center horizontal
set decimal locale
set datafile missing "-"
set boxwidth 0.9
set xtics rotate by -40
plot """


def picture(rows: Sequence["Row"], operations: Sequence[str], out: Path) -> Path | None:
    """Draws bench.png from bench.dat; None, with a line on the terminal, where gnuplot cannot."""
    lines = ["operation " + " ".join(f'"{row.title}"' for row in rows)]
    for operation in operations:
        costs = [row.cost(operation) for row in rows]
        cells = ["-" if cost is None else f"{cost:.1f}" for cost in costs]
        label = operation.replace("_", " ")   # gnuplot would lower the letter behind an underscore
        lines.append(f'"{label}" ' + " ".join(cells))
    (out / "bench.dat").write_text("\n".join(lines) + "\n")
    curves = ", ".join(f'"bench.dat" using {column}:xtic(1) title columnheader' for column in range(2, len(rows) + 2))
    width, unit = max(1100, (30 + 8 * len(rows)) * len(operations)), results.UNITS[rows[0].accel]
    (out / "bench.gnuplot").write_text(PLOT % (width, unit[:1].upper() + unit[1:]) + curves + "\n")
    try:
        run("gnuplot", "bench.gnuplot", cwd=out)
    except Problem as problem:
        say(f"prism: no picture: {problem}")
        return None
    return out / "bench.png"
