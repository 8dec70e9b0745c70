# SPDX-License-Identifier: MIT
"""make coverage: which lines of the hypervisor the tests reach on the emulated machine, and which functions they never do.

  make coverage               all tests with machines that are counted: most of an hour on two cores
  make coverage ONLY=boot     tests with "boot" in their names, as make test; JOBS=, DEBUG= as there
  make coverage SOAK=1        with the rounds and parts of make soak: hours
  make coverage HOST=1        one more column: lines that the machine or a host test (tests/unit) reaches
  make coverage OUT=DIR       where results go (build/coverage): coverage.txt, and coverage.info for genhtml
  make coverage HELP=1        this text

docs/coverage.md says how it is known, and what is not counted. The status is that of the tests. An interrupt lets the test
that runs end, and shows what was reached until then.
"""
from __future__ import annotations

import argparse
import bisect
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Mapping

from harness import host_coverage, packages
from harness.common import BUILD, BUILDS, ROOT, Parser, count, fail, main, say, write_atomically
from harness.line_table import Function, Line
from harness.reached import Reached
from harness.test import UNIT, Report, carry_out, conclude, discover, matching

# How names of tests begin that have no machine, or one of their own making, which is not counted.
WITHOUT = (UNIT, "bench", "compare", "coverage", "explain", "macro", "patience", "qmp", "regress", "report", "results", "source")
GOAL = ("xen/", "modes/")


@dataclass
class Counted:
    """What there is code for, and what of it was reached. host: by tests on this computer, if they were asked."""
    lines: set[Line]
    times: Mapping[Line, int]
    functions: Mapping[str, list[Function]]
    host: Mapping[Line, int] | None = None

    def files(self) -> list[str]:
        return sorted({name for name, _ in self.lines})

    def of(self, name: str) -> list[int]:
        """The lines of a file that there is code for."""
        return sorted(number for file, number in self.lines if file == name)


@dataclass
class Missed:
    """A function that was never reached."""
    name: str
    file: str
    line: int
    lines: int       # that there is code for
    by_host: bool


def in_functions(counted: Counted, name: str) -> list[tuple[Function, list[int]]]:
    """A file's functions that there is code for, with its lines."""
    functions = counted.functions.get(name, [])
    starts, found = [first for _, first, _ in functions], {}
    for number in counted.of(name):
        place = bisect.bisect_right(starts, number) - 1
        if place >= 0 and number <= functions[place][2]:
            found.setdefault(functions[place], []).append(number)
    return list(found.items())


def missed_functions(counted: Counted) -> list[Missed]:
    """The largest first."""
    found = []
    for name in counted.files():
        for (function, first, _), numbers in in_functions(counted, name):
            if not any(counted.times.get((name, number)) for number in numbers):
                by_host = any((counted.host or {}).get((name, number)) for number in numbers)
                found.append(Missed(function, name, first, len(numbers), by_host))
    return sorted(found, key=lambda one: (-one.lines, one.file, one.line))


def missed_ranges(counted: Counted, name: str) -> list[tuple[int, int]]:
    """Of a file: from a line that was not reached to the last one before one that was."""
    ranges: list[tuple[int, int]] = []
    going = False
    for number in counted.of(name):
        missed = not counted.times.get((name, number))
        if missed:
            first = ranges.pop()[0] if going else number
            ranges.append((first, number))
        going = missed
    return ranges


def row(title: str, lines: Iterable[Line], counted: Counted) -> str:
    every = list(lines)
    reached = sum(1 for line in every if counted.times.get(line))
    text = f"{title:<44}{len(every):>7,}{reached:>9,}{percent(reached, len(every)):>8}"
    if counted.host is not None:
        either = sum(1 for line in every if counted.times.get(line) or counted.host.get(line))
        text += f"{either:>15,}{percent(either, len(every)):>8}"
    return text


def percent(part: int, whole: int) -> str:
    """Rounded down: 100 is all."""
    return f"{part * 1000 // whole / 10:.1f}%" if whole else "-"


def table(counted: Counted) -> list[str]:
    """Folders, each with its files, and the sums."""
    out = [f"{'':<44}{'lines':>7}{'reached':>9}" + ("" if counted.host is None else f"{'':8}{'or on the host':>15}")]
    by_file: dict[str, list[Line]] = {}
    for line in counted.lines:
        by_file.setdefault(line[0], []).append(line)
    for folder in sorted({name.rpartition("/")[0] for name in by_file}):
        names = sorted(name for name in by_file if name.rpartition("/")[0] == folder)
        out.append(row(f"{folder}/", [line for name in names for line in by_file[name]], counted))
        out += [row(f"  {name.rpartition('/')[2]}", by_file[name], counted) for name in names]
    for title, parts in (("xen/", GOAL[:1]), ("modes/", GOAL[1:]), ("devmodel/", ("devmodel/",)), ("xen/ and modes/", GOAL)):
        out.append(row(f"all of {title}", [line for line in counted.lines if line[0].startswith(parts)], counted))
    return out


def text_of(counted: Counted, heading: list[str]) -> str:
    """coverage.txt."""
    missed = missed_functions(counted)
    out = [*heading, "", *table(counted), "", f"Functions never reached: {len(missed)}, lines with code, the largest first", ""]
    out += [f"{one.lines:>5}  {one.name:<44} {one.file}:{one.line}{'  (host tests do)' if one.by_host else ''}" for one in missed]
    out += ["", "Lines never reached", ""]
    for name in counted.files():
        ranges = missed_ranges(counted, name)
        if ranges:
            out.append(f"{name}: " + ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in ranges))
    return "\n".join(out) + "\n"


def info_of(counted: Counted, test: str, times: Mapping[Line, int]) -> str:
    """coverage.info, in the form of geninfo(1). How often is how many machines, or host tests."""
    out = []
    for name in counted.files():
        numbers = counted.of(name)
        out += [f"TN:{test}", f"SF:{ROOT / name}"]
        functions = [(function, first, max(times.get((name, number), 0) for number in inside))
                     for (function, first, _), inside in in_functions(counted, name)]
        out += [f"FN:{first},{function}" for function, first, _ in functions]
        out += [f"FNDA:{often},{function}" for function, _, often in functions]
        out += [f"FNF:{len(functions)}", f"FNH:{sum(1 for one in functions if one[2])}"]
        out += [f"DA:{number},{times.get((name, number), 0)}" for number in numbers]
        out += [f"LF:{len(numbers)}", f"LH:{sum(1 for number in numbers if times.get((name, number)))}", "end_of_record"]
    return "\n".join(out) + "\n"


def options(words: list[str]) -> argparse.Namespace:
    parser = Parser("make coverage", __doc__)
    parser.add_argument("--only", default="", help="part of a test's name, or several separated by spaces")
    parser.add_argument("--jobs", type=count, default=2)
    parser.add_argument("--build", choices=[*BUILDS], default="", help="of Prism, for all tests")
    parser.add_argument("--soak", action="store_true", help="many more rounds, all parts in all rows: hours")
    parser.add_argument("--host", action="store_true", help="run host tests too, for a column of their own")
    parser.add_argument("--out", type=Path, default=BUILD / "coverage")
    return parser.parse_args(words)


def entry(words: list[str]) -> int:
    chosen = options(words)
    tests = [one for one in matching(discover(), chosen.only) if not one.name.startswith(WITHOUT)]
    if not tests:
        fail(f"no test of {chosen.only!r} has a machine that is counted (make list: the names)")
    chosen.out.mkdir(parents=True, exist_ok=True)    # refused now rather than in an hour
    packages.install("test")
    report, start, reached = Report(), time.monotonic(), Reached()
    broken = False
    try:
        carry_out(tests, report, chosen.jobs, chosen.build, soak=chosen.soak, reached=reached)
    except KeyboardInterrupt:
        say("prism: interrupted; what was reached until now:")
        broken = True
    if not reached.machines:
        conclude(report, start)
        fail("no machine has come to anything in Prism")
    counted = Counted(reached.lines, reached.times, reached.functions)
    if chosen.host and not broken:
        say("prism: host tests")
        counted.host = host_coverage.measure(report)
    heading = [f"Lines of Prism reached by {reached.machines} machines; tests: {chosen.only or 'all'}"
               + (", interrupted" if broken else "")]
    write_atomically(chosen.out / "coverage.txt", text_of(counted, heading).encode())
    parts = [info_of(counted, "machine", counted.times)] + ([info_of(counted, "host", counted.host)] if counted.host else [])
    write_atomically(chosen.out / "coverage.info", "".join(parts).encode())
    print(*table(counted), sep="\n", flush=True)
    missed = missed_functions(counted)
    say(f"prism: {len(missed)} functions were never reached: {chosen.out / 'coverage.txt'}")
    status = conclude(report, start)
    return 130 if broken else status


if __name__ == "__main__":
    main(entry, sys.argv[1:])
