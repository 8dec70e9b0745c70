# SPDX-License-Identifier: MIT
"""make regress: what has moved since the reference run: outcomes, what guests see, instructions and events of each operation.

  make regress                 measures all rows, as make bench does, and compares them with results/reference
  make regress BASE=COMMIT     compares with that commit, which is built under build/regress and measured first
  make regress MODES=...       only these rows of the reference       OPS=...  only these of its operations
  make regress BOUND=1         counts may differ by 1%; default: 0 where all parts are the same, else 0.5%
  make regress REFERENCE=DIR   another result of make bench           OUT=DIR  results there (build/regress)
  make regress RESULT=DIR      measures nothing: that result is what is compared
  make regress JOBS=1          one row at a time, not two             LIMIT=SECONDS  longest run of a row (300)
  make regress HELP=1          this text

Each difference is a line: row, column, cell, before, after. Where kernel, emulators or toolstack are not those of the
reference, it says so and runs the reference's commit beside this tree, as BASE= does. A row in which something moved is
measured once more, and what did not move then is only mentioned. The status is 0 if nothing moved, 1 if something did, 2 if
that could not be told.
"""
from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from harness import bench, beside, images, moved, packages, results, versions
from harness.common import BUILD, PRISM, ROOT, Parser, count, fail, locked, main, say, seconds

REFERENCE = Path("results/reference")
# Packages without a part in what is counted: pictures, the program that runs the compiler, the other hypervisor.
NO_PART = ("gnuplot-nox", "make", packages.PEER)
# Files that are made of this source: they differ as it does. And those that no machine here runs.
OWN_FILES = (".img", ".toml", "prism.elf", "xen.elf")


def percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage from 0")
    return value / 100


def options(words: list[str]) -> argparse.Namespace:
    parser = Parser("make regress", __doc__)
    parser.add_argument("--base", default="", help="a commit")
    parser.add_argument("--modes", default="", help="rows of the reference")
    parser.add_argument("--ops", default="", help="operations of the reference")
    parser.add_argument("--bound", type=percent, default=None, help="percent")
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="a result of make bench")
    parser.add_argument("--result", type=Path, default=None, help="a result of this tree: measure nothing")
    parser.add_argument("--out", type=Path, default=BUILD / "regress", help="folder for the results")
    parser.add_argument("--hypervisor", type=Path, default=PRISM, help="a multiboot file (default: prism.elf)")
    parser.add_argument("--jobs", type=count, default=None, help="rows at a time")
    parser.add_argument("--limit", type=seconds, default=None, help="longest run of a row, seconds")
    chosen = parser.parse_args(words)
    if chosen.result and chosen.base:
        fail("RESULT= is compared with a result: BASE= goes without it")
    return chosen


def usable(where: Path) -> results.Content:
    """A result that others can be compared with."""
    content = results.load(where)
    if not content["complete"]:
        fail(f"{where} is incomplete, it was interrupted: measure again (make bench OUT={where})")
    if results.accel(content) != "tcg":
        fail(f"{where} is in cycles, which do not repeat: a result of ACCEL=tcg can be compared")
    if not own(content):
        fail(f"{where} has no row of operations on Prism to compare with")
    return content


def own(content: results.Content) -> list[results.Row]:
    """The rows without Debian's Xen."""
    return [row for row in content["rows"] if not row["peer"]]


def some(word: str, there: list[str], what: str, where: Path) -> list[str]:
    """Those that are asked for, or all that there are, in that order."""
    names = word.replace(",", " ").split()
    for name in names:
        if name not in there:
            fail(f"{where} has no {what} {name} to compare with; it has {', '.join(there)}")
    return [name for name in there if not names or name in names]


def words_for(chosen: argparse.Namespace, reference: results.Content | None) -> list[str]:
    """What make bench is told: as the reference was measured; beside a named commit, what make bench does by itself."""
    modes, operations, more = chosen.modes, chosen.ops, []
    if reference:
        rows = own(reference)
        modes = " ".join(some(modes, list(dict.fromkeys(row["mode"] for row in rows)), "row", chosen.reference))
        operations = " ".join(some(operations, reference["operations"], "operation", chosen.reference))
        more = ["--cpus", ",".join(str(cpus) for cpus in sorted({results.cpus_of(row) for row in rows}))]
        more += ["--quick"] if reference["quick"] else []
    for name, value in (("--jobs", chosen.jobs), ("--limit", chosen.limit)):
        more += [name, str(value)] if value else []
    return ["--modes", modes, "--ops", operations, *more]


def foreign(before: dict[str, object], here: dict[str, object]) -> list[str]:
    """Parts that are not of this source and not what they were; both are `versions` of results. Empty: they are comparable."""
    found = []
    for kind, skipped in (("packages", NO_PART), ("files", OWN_FILES)):
        one, two = before[kind], here[kind]
        assert isinstance(one, dict) and isinstance(two, dict)
        for name in sorted(one.keys() & two.keys()):
            if not name.endswith(skipped) and one[name] != two[name]:
                versions_are = f" {one[name]}, here {two[name]}" if kind == "packages" else ""
                found.append(f"{name}{versions_are}")
    if before["build"] and here["build"] and before["build"] != here["build"]:
        found.append(f"a {before['build']} build, here {here['build']}")
    return found


def before_of(chosen: argparse.Namespace, reference: results.Content | None, here: dict[str, object],
              words: list[str]) -> tuple[results.Content, str]:
    """What to compare with, and what to call it: the reference, or another commit's run of today."""
    name = beside.commit(chosen.base) if chosen.base else ""
    if reference:
        others = foreign(reference["versions"], here)
        if not others:
            return reference, str(chosen.reference)
        shown = "; ".join(others[:4]) + ("; ..." if len(others) > 4 else "")
        if chosen.result:
            fail(f"{chosen.result} and {chosen.reference} are of different parts ({shown}): leave out RESULT=")
        name = beside.commit_of(reference, chosen.reference)
        say(f"prism: not of the reference's parts: {shown}; its commit {name[:12]} is run beside this tree")
    with locked(BUILD / "regress.lock", "comparing with another commit"):
        tree = beside.prepare(name, here["build"] != "release")
        say(f"prism: measuring {name[:12]}")
        return beside.measure(tree, (chosen.out / "before").absolute(), words), name[:12]


def again(chosen: argparse.Namespace, before: results.Content, found: list[moved.Moved], words: list[str]) -> list[moved.Moved]:
    """What moves a second time. A host that is busy can hold up the emulator's own threads, and then a count is off."""
    rows = {one.row for one in found}
    modes = [row["mode"] for row in own(before) if row["name"] in rows]
    say(f"prism: {len(found)} cells moved; measuring once more: {', '.join(dict.fromkeys(modes))}")
    second = beside.measure(ROOT, chosen.out / "again", ["--modes", " ".join(modes), *words[2:]])
    seen = {one.where for one in found}
    stays = [one for one in moved.differences(before, second, chosen.bound) if one.where in seen]
    if once := len(found) - len(stays):
        say(f"prism: {once} of them did not move again: this computer's doing, or the reference's")
    return stays


def conclude(chosen: argparse.Namespace, before: results.Content, name: str, after: results.Content,
             found: list[moved.Moved]) -> int:
    """Prints what is to be said; the exit status."""
    print(moved.table(found), end="", flush=True)
    for line in moved.remarks(before, after, chosen.bound):
        say(f"prism: {line}")
    rows = [row["name"] for row in after["rows"] if results.row_of(before, row["name"])]
    blind = moved.blind(before, rows)
    if blind:
        renew = f"renew it: make bench PEER=1 OUT={name}" if name == str(chosen.reference) else "choose a later commit"
        say(f"prism: {name} does not say what guests see in {', '.join(blind)}, so that was not compared; {renew}")
    bound = moved.within(before, after, chosen.bound)
    if found:
        say(f"prism: {len(found)} cells moved since {name}, {bound}")
        return 1
    say(f"prism: {'nothing else' if blind else 'nothing'} moved since {name}: {len(rows)} rows, {len(after['operations'])} "
        f"operations, {bound}")
    return 2 if blind else 0


def entry(words: list[str]) -> int:
    chosen = options(words)
    if chosen.base:
        beside.commit(chosen.base)
    reference = None if chosen.base else usable(chosen.reference)
    told = words_for(chosen, reference)
    if chosen.result:
        after = usable(chosen.result)
        before, name = before_of(chosen, reference, after["versions"], told)
    else:
        here = [*told, "--hypervisor", str(chosen.hypervisor)]
        plan = bench.plan_for(bench.options(here))
        packages.install("bench")
        images.build()
        before, name = before_of(chosen, reference, versions.of_run(plan.rows, [], plan.table.key), told)
        after = beside.measure(ROOT, chosen.out / "after", here)
    after = {**after, "rows": own(after)}
    missing = [row["name"] for row in after["rows"] if not results.row_of(before, row["name"])]
    if missing or not after["rows"] or not set(after["operations"]) & set(before["operations"]):
        fail(f"{name} has nothing to compare with {', '.join(missing) or 'this'}: another row or operation was measured there")
    found = moved.differences(before, after, chosen.bound)
    if found and not chosen.result:
        found = again(chosen, before, found, here)
    return conclude(chosen, before, name, after, found)


if __name__ == "__main__":
    main(entry, sys.argv[1:])
