# SPDX-License-Identifier: MIT
"""make explain: one execution of an operation of the benchmark, as a numbered story.

  make explain OP=getppid MODE=pv    each crossing between the guest's program, its kernel, Prism and the control domain:
                                     why, the functions in Prism that handled it, instructions, the column charged
  make explain ... MODE=pv,pvh       two modes, one beside the other; also native and control
  make explain ... PEER=1            on Debian's Xen in Prism's place, of which no functions and no charges are known
  make explain ... OUT=DIR           leaves explain-MODE-OP.txt in DIR, and the report.html of a result there leads to it
  make explain ... LIMIT=SECONDS     longest run of a machine (300)
  make explain HELP=1                this text

docs/explain.md says how each number comes about. Operations and modes are those of make bench.
"""
from __future__ import annotations

import argparse
import re
import sys
import textwrap
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from harness import images, packages, page as result_page, results, story, symbols
from harness.common import BUILD, PRISM, ROOT, UNPACKED_KERNEL, Parser, fail, main, say, seconds, write_atomically
from harness.machine import Expired, make_disk
from harness.progress import Progress
from harness.rows import MODES, OPERATIONS, Row, machine_for
from harness.story import Entry, Line
from harness.terms import UNEXPLAINED
from harness.watch import watch

WIDE, HALF = 128, 62
PATH = 5    # functions shown of a way
FAILED = r"BENCH-(?:FAIL|ABSENT) name=\w+ reason=.*\n|PRISM-INIT bench-status="


@dataclass
class Told:
    """A mode's story, or why there is none."""
    row: Row
    entries: list[Entry]
    ticks: int = 0             # of this execution by the guest's own clock
    mean: float | None = None  # of one in the round before
    reason: str | None = None


def words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def rows_for(modes: str, peer: bool, hypervisor: Path) -> list[Row]:
    names = words(modes)
    for name in names:
        if name not in MODES:
            fail(f"there is no mode {name}; modes: {', '.join(MODES)}")
    if not 1 <= len(names) <= 2:
        fail("say one mode or two: MODE=pv, or MODE=pv,pvh")
    return [Row(name) if name == "native" else Row(name, peer=peer, hypervisor=images.PEER if peer else hypervisor)
            for name in names]


def operation_for(name: str) -> str:
    if name in UNEXPLAINED:
        fail(f"{name} is a moment of the boot, which no program can be watched at; explain another operation")
    if name not in OPERATIONS or len(words(name)) != 1:
        known = ", ".join(one for one in OPERATIONS if one not in UNEXPLAINED)
        fail(f"there is no operation {name}; operations: {known}" if name else f"say which operation: OP=, of {known}")
    return name


def explain(row: Row, operation: str, limit: float) -> Told:
    ours = bool(row.hypervisor) and not row.peer
    program = symbols.Program() if row.peer else symbols.prism(row.hypervisor) if row.hypervisor else None
    disk = None if row.guest else make_disk(BUILD / "explain" / f"{row.name}.img")
    machine = machine_for(row, disk, True, [operation])
    machine.kernel_words = machine.kernel_words.replace("prism.bench=quick", "prism.bench=explain")
    if row.guest:
        machine.kernel = UNPACKED_KERNEL    # the control domain's, of which no number is told, is there sooner
    told, progress = Told(row, []), Progress(f"explain {operation}, {row.title}")
    log = BUILD / "explain" / f"{row.name}-{operation}.log"
    said = ""
    try:
        watched = watch(machine, program, log, limit, FAILED, progress.say)
        said = watched.said
        bench = symbols.read(BUILD / "guest" / "bench") if (BUILD / "guest" / "bench").exists() else None
        told.entries = story.Teller(watched.owners, "Prism" if ours else "Xen", bench, watched.programs).tell(watched.stretches)
    except Expired as expired:
        said = log.read_text(errors="replace") if log.exists() else ""
        told.reason = str(expired)
    why = re.search(rf"BENCH-(?:FAIL|ABSENT) name={operation} reason=(.*)", said)
    ticks = re.search(rf"BENCH-EXPLAIN name={operation} ticks=(\d+)", said)
    mean = re.search(rf"BENCH name={operation} round=0 operations=(\d+) ticks=(\d+)", said)
    if why:
        told.reason = f"{operation} cannot be had in this row: {why.group(1).strip()}"
    elif not ticks and not told.reason:
        told.reason = "the operation did not end"
    if told.reason and not why:
        told.reason += f"; see {log.relative_to(ROOT)}"
    told.ticks = int(ticks.group(1)) if ticks else 0
    told.mean = int(mean.group(2)) / int(mean.group(1)) if mean else None
    progress.end("", told.reason or "")
    return told


def shown(line: Line, width: int) -> list[str]:
    """A line of the story on lines of the terminal: the last column is as wide as there is room."""
    if not line.entry:
        return [f"{'':6}{line.text}"]
    entry = line.entry
    head = f"{line.number:4} {'|' if line.inside else ' '}{entry.who:<18}{entry.count:>10,}  "
    texts = [f"{entry.why} -> {entry.column()}" if entry.named else entry.why]
    if entry.way:
        texts.append(" > ".join(entry.way[:1] + [".."] * (len(entry.way) > PATH) + entry.way[1:][-PATH + 1:]))
    pieces = [piece for text in texts for piece in textwrap.wrap(text, width - len(head))] or [""]
    return [(f"{head if not number else ' ' * len(head)}{piece}").rstrip() for number, piece in enumerate(pieces)]


def sheet(told: Told, operation: str, width: int) -> list[str]:
    title = f"{operation}, {told.row.title}"
    if told.reason:
        return [title, f"FAILED: {told.reason}"]
    entries = told.entries
    crossings = sum(1 for entry in entries if entry.who in ("Prism", "Xen"))
    out = [title, "", "  no  who               instructions  why -> column charged", f"{'':36}by which functions"]
    out += [text for line in story.lines(entries) for text in shown(line, width)]
    out += ["", "instructions"]
    out += [f"  {who:<20}{count:>10,}" for who, count in story.sums(entries).items()]
    for title, many in (("charged to", [one.named for one in entries]), ("part of these", [one.counted for one in entries])):
        found = story.together(many)
        out += ["", f"{title:<36}{'times':>7}"] if found else []
        out += [f"  {column + '/' + event:<34}{times:>7,}" for (column, event), times in found.items()]
    out += ["", f"{crossings} times in the hypervisor. Between two readings of the"]
    out += [f"guest's clock {told.ticks:,} instructions;"]
    out[-1] += f" mean of the round before {told.mean:,.0f}." if told.mean else ""
    return out


def beside(left: list[str], right: list[str], width: int) -> list[str]:
    return [f"{one:<{width}} | {other}".rstrip() for one, other in zip_longest(left, right, fillvalue="")]


def options(arguments: list[str]) -> argparse.Namespace:
    parser = Parser("make explain", __doc__)
    parser.add_argument("--op", default="", help="an operation of make bench")
    parser.add_argument("--mode", default="pv", help=f"one or two of {', '.join(MODES)}")
    parser.add_argument("--peer", action="store_true", help="Debian's Xen in Prism's place")
    parser.add_argument("--hypervisor", type=Path, default=PRISM, help="a multiboot file (default: prism.elf)")
    parser.add_argument("--out", type=Path, default=None, help="a folder for explain-MODE-OP.txt")
    parser.add_argument("--limit", type=seconds, default=300, help="longest run of a machine, seconds")
    return parser.parse_args(arguments)


def entry(arguments: list[str]) -> int:
    chosen = options(arguments)
    operation, rows = operation_for(chosen.op), rows_for(chosen.mode, chosen.peer, chosen.hypervisor)
    packages.install("bench")
    images.build(peer=any(row.peer for row in rows))
    stories = [explain(row, operation, chosen.limit) for row in rows]
    pages = [sheet(told, operation, HALF if len(rows) == 2 else WIDE) for told in stories]
    print(*(pages[0] if len(pages) == 1 else beside(*pages, HALF)), sep="\n", flush=True)
    if chosen.out:
        chosen.out.mkdir(parents=True, exist_ok=True)
        for told in stories:
            if not told.reason:
                path = chosen.out / f"explain-{told.row.name}-{operation}.txt"
                write_atomically(path, ("\n".join(sheet(told, operation, WIDE)) + "\n").encode())
                say(f"prism: {path}")
        if (chosen.out / "results.json").exists():
            say(f"prism: {result_page.write(results.load(chosen.out), chosen.out)} leads to it")
    return 1 if any(told.reason for told in stories) else 0


if __name__ == "__main__":
    main(entry)
