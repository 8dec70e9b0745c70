# SPDX-License-Identifier: MIT
"""How a benchmark's outcome is shown: progress, the table, the picture, the file."""
from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

from harness.common import Problem, run, say, write_atomically

if TYPE_CHECKING:
    from harness.bench import Row

RED, PLAIN = "\033[31m", "\033[0m"
CELL = 14


class Progress:
    """What runs now, on one line of the terminal that changes, or a line each where there is no terminal."""

    def __init__(self, title: str) -> None:
        self.title, self.start = title, time.monotonic()
        self.live = sys.stderr.isatty()

    def say(self, what: str) -> None:
        if self.live:
            print(f"\r\033[K{self.title}: {what} ({time.monotonic() - self.start:.0f} s)", end="", file=sys.stderr, flush=True)

    def end(self, reason: str) -> None:
        if self.live:
            print("\r\033[K", end="", file=sys.stderr)
        say(f"{self.title}: {'FAILED: ' + reason if reason else 'done'}, {time.monotonic() - self.start:.0f} s")


def red(text: str) -> str:
    return f"{RED}{text}{PLAIN}" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def number(value: float) -> str:
    return f"{value:,.0f}"


def ratio(value: float | None, base: float | None) -> str:
    return f"{value / base:.2f}x" if value and base else "-"


def table(rows: Sequence["Row"], operations: Sequence[str]) -> str:
    """Instructions per operation by row; beside each row but the first its ratio to the first, and Prism's to Xen's."""
    base = next((row for row in rows if row.name == "native"), None)
    prism = next((row for row in rows if row.name == "pv"), None)
    peer = next((row for row in rows if row.name == "xen-pv"), None)
    heads = ["instructions per".ljust(CELL + 2)]
    second = ["operation".ljust(CELL + 2)]
    for row in rows:
        heads.append(row.title.rjust(CELL))
        second.append("".rjust(CELL))
        if base and row is not base:
            heads.append("to bare".rjust(9))
            second.append("machine".rjust(9))
    if prism and peer:
        heads.append("Prism to".rjust(10))
        second.append("Xen".rjust(10))
    lines = ["", "".join(heads), "".join(second).rstrip()]
    notes: list[str] = []
    for operation in operations:
        cells = [operation.ljust(CELL + 2)]
        for row in rows:
            cost, why = row.cost(operation), row.why(operation)
            cells.append(number(cost).rjust(CELL) if cost is not None and not why else red("FAILED".rjust(CELL)))
            if why:
                notes.append(red(f"{row.title}, {operation}: {why}"))
            if base and row is not base:
                cells.append(ratio(cost, base.cost(operation)).rjust(9))
        if prism and peer:
            cells.append(ratio(prism.cost(operation), peer.cost(operation)).rjust(10))
        lines.append("".join(cells))
    lines += boot_lines(rows)
    failed_rows = {f"{row.title}: {row.reason}" for row in rows if row.reason}
    lines += [""] + sorted(red(text) for text in failed_rows)
    lines += [note for note in notes if not any(row.reason and note.endswith(row.reason) for row in rows)]
    if any(not row.steady and not row.reason for row in rows):
        lines.append("Not run as root: the host's own disk latency is part of read_4k and write_4k (docs/bench.md).")
    return "\n".join(lines).rstrip() + "\n"


def boot_lines(rows: Sequence["Row"]) -> list[str]:
    """How long each row's machine took from power-on to the first process."""
    lines = ["", "power-on to the first process"]
    reference = next((row for row in rows if row.name == "xen-pv"), None)
    for row in rows:
        if row.boot_wall_seconds is None:
            continue
        text = f"  {row.title.ljust(CELL)} {row.boot_wall_seconds:6.1f} s of wall time"
        if row.boot_kernel_seconds is not None:
            text += f", {row.boot_kernel_seconds:.2f} virtual seconds in the kernel"
        if reference and row.name == "pv" and reference.boot_wall_seconds:
            text += f", {row.boot_wall_seconds / reference.boot_wall_seconds:.2f} of Xen's wall time"
        lines.append(text)
    return lines if len(lines) > 2 else []


def write_json(path: Path, content: dict[str, Any]) -> None:
    write_atomically(path, (json.dumps(content, indent=2, sort_keys=True) + "\n").encode())


PLOT = """set terminal pngcairo size 1100,600 font "sans,11"
set output "bench.png"
set title "Instructions per operation (fewer is better)"
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set logscale y
set format y "%'.0f"
set grid ytics
set key top left
set decimal locale
set datafile missing "-"
set boxwidth 0.9
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
    (out / "bench.gnuplot").write_text(PLOT + curves + "\n")
    try:
        run("gnuplot", "bench.gnuplot", cwd=out)
    except Problem as problem:
        say(f"prism: no picture: {problem}")
        return None
    return out / "bench.png"
