# SPDX-License-Identifier: MIT
"""make bench: one kernel, one ramdisk, on the bare machine and as guests that xl creates, and what every operation costs.

  make bench            the bare machine, and a guest in each row on Prism: PV, PVH, PVHVM, PV I/O, HVM
  make bench PEER=1     and the same guests on Debian's Xen
  make bench MODES=...  only these of: native pv pvh pvhvm pvio hvm control (the control domain itself, with the machine's
                        own disk)
  make bench QUICK=1    fewer rounds
  make bench OPS=...    only these operations, or all; the default leaves out what takes long
  make bench MACRO=1    and the known loads: fio, hackbench, iperf3, stress-ng, unpacking and compiling of Linux's source;
                        or these of them: MACRO="fio hackbench"; OPS=none: nothing else
  make bench OUT=DIR    results there           LIMIT=SECONDS      longest run of a row (300)
  make bench CPUS=2     machine and guest have two CPUs, at most 4; CPUS=1,2: each row with one, and with two
  make bench ACCEL=kvm  measured TSC cycles, median and spread, where the computer has nested KVM on AMD (tcg: the default)
                        MODEL=DIR an earlier result of the same images, whose modelled cycles stand beside what is measured
  make bench COSTS=NAME the prices that cycles are modelled with: a file of harness/costs
  make bench JOBS=1     one row at a time, not two
  make bench HELP=1     this text

Under the emulator's instruction clock a TSC tick is an executed instruction. The result is a table on the terminal, and
report.html, results.json and results.csv in results/<time>/. A row that failed is shown as such, with its reason; the status
is then 1. Ctrl-C ends it with what was measured until then, marked incomplete.
"""
from __future__ import annotations

import argparse
import contextlib
import os
import platform
import re
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from harness import costs, images, macro, measured, packages, page, report, results, terms, versions
from harness.common import (BUILD, KERNEL, PRISM, ROOT, Parser, Problem, count, described, fail, main, printable, run, say,
                            seconds, sha256)
from harness.folder import Keeper, claimed
from harness.machine import EMULATOR, Expired, Run, make_disk
from harness.progress import Forecast, Progress, steps
from harness.rows import (DEFAULT_MODES, DEFAULT_OPERATIONS, IDENTITY, LOADS_KIT, MODES, OPERATIONS, OPERATIONS_KIT, Kit, Row,
                          as_json, check_identical, machine_for, parse)

# Seconds of the machine's own time that a step may take: ten times what the slowest row takes, on Prism or Xen. A machine that
# hangs while it is idle has used them up in a moment, on any computer.
BOOT_TIME, CREATE_TIME, OPERATION_TIME = 200, 120, 80
LOADS_LIMIT = 4                       # the loads take so many times as long as the operations
MOST_CPUS = 4
ACCELERATORS = ("tcg", "kvm")


def follow(row: Row, running: Run, operations: Sequence[str], limit: float, progress: Progress) -> None:
    """Waits for one thing after the other. Raises Expired."""
    def step(pattern: str, virtual: float) -> None:
        running.expect(pattern, limit, virtual if row.timed else None)

    progress.say("booting")
    step(r"PRISM-INIT uptime=", BOOT_TIME)
    row.boot_wall_seconds = round(time.monotonic() - running.started, 2)
    row.boot_cpu_seconds = round(running.cpu_seconds(), 2)
    if row.guest:
        step(r"BENCH-CREATE ", BOOT_TIME)
        progress.say("xl create")
        start, cpu = time.monotonic(), running.cpu_seconds()
        step(r"PRISM-INIT uptime=", CREATE_TIME)
        row.create_wall_seconds = round(time.monotonic() - start, 2)
        row.create_cpu_seconds = round(running.cpu_seconds() - cpu, 2)
    step(r"BENCH-START", CREATE_TIME)
    for operation in operations:
        progress.say(operation)
        step(rf"BENCH-(OK|FAIL|ABSENT) name={operation}\b", OPERATION_TIME)
    step(r"PRISM-INIT bench-status=\d+", OPERATION_TIME)
    progress.say("ending")
    running.wait(60)


def run_row(row: Row, out: Path, quick: bool, operations: Sequence[str], limit: float, progress: Progress,
            begin: Callable[[Run], None], kit: Kit = OPERATIONS_KIT) -> None:
    """Boots the machine for one row and reads what its benchmark says. Whatever goes wrong becomes row.reason. begin is
    told of the machine, which its caller may kill."""
    disk = None if row.guest else out / f"{row.name}{kit.kind}.img"
    try:
        measure(row, disk, out, quick, operations, limit, progress, begin, kit)
        check_ran(row)
    except (Expired, Problem) as problem:
        row.reason = str(problem)
    except OSError as error:
        row.reason = described(error)
    except Exception as broken:    # the harness itself: the other rows run all the same
        place = traceback.extract_tb(broken.__traceback__)[-1]
        row.reason = printable(f"error in the harness, {Path(place.filename).name}:{place.lineno}: {broken!r}")
    finally:
        if disk:
            with contextlib.suppress(OSError):
                disk.unlink()


def measure(row: Row, disk: Path | None, out: Path, quick: bool, operations: Sequence[str], limit: float, progress: Progress,
            begin: Callable[[Run], None], kit: Kit) -> None:
    """The machine's whole life. Raises what goes wrong; what was measured until then is in the row."""
    if row.hypervisor:
        if not row.hypervisor.exists():
            fail(f"{row.hypervisor.name} is missing: run make")
        row.hypervisor_sha256 = sha256(row.hypervisor)
    machine = machine_for(row, disk, quick, operations, kit)
    row.arguments = machine.arguments()
    if disk:    # a guest's row learns from the control domain what the guest was given
        row.identity = {"kernel": sha256(KERNEL), "ramdisk": sha256(kit.guest), "disk": sha256(make_disk(disk)),
                        "memory": f"{kit.memory} MiB"}
    log = out / kit.log(row)
    row.log = log.name
    with Run(machine, log, limit) as running:
        begin(running)
        if disk or row.cpus > 1:
            row.steady = row.accel == "tcg" and running.steady()
        try:
            follow(row, running, operations, limit, progress)
        finally:
            parse(row, running.text)


def check_ran(row: Row) -> None:
    """Problem: it has not measured what it was to measure, or does not say so."""
    if len(row.identity) < len(IDENTITY):
        fail("it did not say what it ran")
    if row.identity["vcpus"] != str(row.cpus):
        fail(f"its kernel has {row.identity['vcpus']} CPUs of {row.cpus}")
    if row.guest and not row.peer and row.ran_as != MODES[row.mode]:
        fail(f"it ran as {row.ran_as or 'nobody knows what'}")


def said(*command: str | Path) -> str:
    """The first line that a program prints; "unknown" where it cannot be run."""
    try:
        return next(iter(run(*command).splitlines()), "unknown").strip()
    except (Problem, OSError):
        return "unknown"


def surroundings() -> dict[str, str]:
    """What else a reader of the result will want to know. A source archive has no commit."""
    return {"commit": said("git", "-C", ROOT, "describe", "--always", "--dirty"), "emulator": said(EMULATOR, "--version"),
            "host": f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.release()}"}


def options(words: list[str]) -> argparse.Namespace:
    parser = Parser("make bench", __doc__, epilog=terms.help_text(OPERATIONS))
    parser.add_argument("--peer", action="store_true", help="Debian's Xen too")
    parser.add_argument("--only-peer", action="store_true", help="Debian's Xen in Prism's place")
    parser.add_argument("--hypervisor", type=Path, default=PRISM, help="a multiboot file (default: prism.elf)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--modes", default="", help=f"of {', '.join(MODES)}")
    parser.add_argument("--ops", default="", help="all, none, or of " + ", ".join(OPERATIONS))
    parser.add_argument("--macro", default="", help="the known loads: 1 (all), or of " + ", ".join(macro.LOADS))
    parser.add_argument("--out", type=Path, default=None, help="folder for the results")
    parser.add_argument("--costs", default=costs.DEFAULT, help=f"prices for the modelled cycles: {', '.join(costs.names())}")
    parser.add_argument("--cpus", default="1", help=f"of machine and guest, 1 to {MOST_CPUS}, or several of these")
    parser.add_argument("--accel", default="tcg", help=f"of {', '.join(ACCELERATORS)}")
    parser.add_argument("--model", type=Path, default=None, help="with kvm: a result of tcg, to compare modelled cycles with")
    parser.add_argument("--jobs", type=count, default=None, help="rows at a time")
    parser.add_argument("--limit", type=seconds, default=300, help="longest run of a row, seconds")
    return parser.parse_args(words)


def rows_for(chosen: argparse.Namespace) -> list[Row]:
    names = chosen.modes.replace(",", " ").split() or list(DEFAULT_MODES)
    for name in names:
        if name not in MODES:
            fail(f"there is no mode {name}; modes: {', '.join(MODES)}")
    rows = []
    for cpus in cpus_for(chosen):
        for name in dict.fromkeys(names):
            if name == "native":
                rows.append(Row(name, cpus=cpus, accel=chosen.accel))
                continue
            if not chosen.only_peer:
                rows.append(Row(name, hypervisor=chosen.hypervisor, cpus=cpus, accel=chosen.accel))
            if chosen.peer or chosen.only_peer:
                rows.append(Row(name, peer=True, hypervisor=images.PEER, cpus=cpus, accel=chosen.accel))
    return rows


def cpus_for(chosen: argparse.Namespace) -> list[int]:
    """Each number once, the least first."""
    words = chosen.cpus.replace(",", " ").split()
    wrong = [word for word in words if not re.fullmatch(r"[0-9]{1,9}", word) or not 1 <= int(word) <= MOST_CPUS]
    if wrong or not words:
        fail(f"CPUS={chosen.cpus} is no number of CPUs: 1 to {MOST_CPUS}, or several of these, as in CPUS=1,2")
    return sorted({int(word) for word in words})


def model_for(chosen: argparse.Namespace) -> results.Content | None:
    """The result whose modelled cycles are compared with what is measured. Problem: this computer cannot measure, or the words
    make no sense."""
    if chosen.accel not in ACCELERATORS:
        fail(f"there is no accelerator {chosen.accel}; ACCEL={' or ACCEL='.join(ACCELERATORS)}")
    if chosen.accel == "tcg":
        return fail("MODEL= is for ACCEL=kvm, which has measured cycles to compare with") if chosen.model else None
    if chosen.quick:
        fail("QUICK=1 is one round of each operation, of which ACCEL=kvm could tell no spread; leave out one of them")
    measured.check()
    model = results.load(chosen.model) if chosen.model else None
    if model and results.accel(model) != "tcg":
        fail(f"{chosen.model} is measured itself; MODEL= is a result of ACCEL=tcg")
    return model


def operations_for(chosen: argparse.Namespace) -> tuple[str, ...]:
    """In the guest's order, whatever order they are asked for in."""
    names = chosen.ops.replace(",", " ").split()
    for name in names:
        if name not in (*OPERATIONS, "all", "none"):
            fail(f"there is no operation {name}; operations: all, {', '.join(OPERATIONS)}")
    return tuple(name for name in OPERATIONS if "all" in names or name in (names or DEFAULT_OPERATIONS))


def jobs_for(chosen: argparse.Namespace) -> int:
    """Rows at a time. What is measured is measured alone, unless told otherwise."""
    return chosen.jobs or (1 if chosen.accel == "kvm" else min(2, os.cpu_count() or 1))


class Measurement:
    """All rows, several at a time. `lock` guards what is set by more than one thread: running, ended, stopped."""

    def __init__(self, rows: list[Row], out: Path, quick: bool, operations: Sequence[str], limit: float,
                 keeper: Keeper, forecast: Forecast, kit: Kit = OPERATIONS_KIT) -> None:
        self.rows, self.out, self.quick, self.operations, self.limit = rows, out, quick, operations, limit
        self.keeper, self.forecast, self.kit = keeper, forecast, kit
        self.lock = threading.Lock()
        self.running: dict[str, Run] = {}
        self.ended: set[str] = set()
        self.stopped = False

    def one(self, row: Row) -> None:
        if self.stopped:
            return
        progress = Progress(row.title, self.kit.log(row), self.operations, self.forecast)

        def begin(running: Run) -> None:
            with self.lock:
                self.running[row.name] = running
                if self.stopped:
                    running.kill()

        run_row(row, self.out, self.quick, self.operations, self.limit, progress, begin, self.kit)
        with self.lock:
            self.running.pop(row.name, None)
            if self.stopped:
                return
            self.ended.add(row.name)
            self.keeper.end(row)
            progress.end(f"[{len(self.ended)}/{len(self.rows)}] ",
                         row.reason or "; ".join(f"{name}: {why}" for name, why in row.reasons.items()), whole=not row.reason)

    def stop(self) -> None:
        with self.lock:
            self.stopped = True
            for running in self.running.values():
                running.kill()

    def all(self, jobs: int) -> bool:
        """False if the user has interrupted it: rows that had not ended say so. Problem: they cannot be compared."""
        complete = not self.operations or self.go(jobs)
        check_identical(self.rows)
        return complete

    def go(self, jobs: int) -> bool:
        with ThreadPoolExecutor(jobs) as pool:
            work = {pool.submit(self.one, row) for row in self.rows}
            try:
                while work:     # a wait without an end may miss an interrupt that comes just before it begins
                    done, work = wait(work, timeout=0.5)
                    for each in done:
                        each.result()
                return True
            except KeyboardInterrupt:
                self.stop()
                say("\nprism: interrupted")
        for row in self.rows:
            if row.name not in self.ended:
                row.reason = "interrupted"
        return False


@dataclass(frozen=True)
class Plan:
    """What a run measures. A mistake in the words for it is a Problem before anything has begun."""
    operations: tuple[str, ...]
    loads: tuple[str, ...]
    rows: list[Row]
    loads_rows: list[Row]
    table: costs.Table
    model: results.Content | None
    jobs: int

    @property
    def peer(self) -> bool:
        return any(row.peer for row in self.rows + self.loads_rows)


def plan_for(chosen: argparse.Namespace) -> Plan:
    model, operations, loads = model_for(chosen), operations_for(chosen), macro.chosen(chosen.macro)
    if not operations and not loads:
        fail("nothing to measure: OPS=none goes with MACRO=1")
    return Plan(operations, loads, rows_for(chosen) if operations else [], rows_for(chosen) if loads else [],
                costs.load(chosen.costs), model, jobs_for(chosen))


def keeper_for(chosen: argparse.Namespace, plan: Plan, out: Path) -> Keeper:
    of_run, began = versions.of_run(plan.rows, plan.loads_rows, plan.table.key), time.monotonic()
    around = {**surroundings(), "quick": chosen.quick, "operations": list(plan.operations), "accel": chosen.accel,
              "machine": measured.conditions() if chosen.accel == "kvm" else None}

    def finish(rows: list[results.Row], loads_rows: list[results.Row], complete: bool) -> results.Content:
        taken = {**of_run, "seconds": round(time.monotonic() - began, 1)}
        return results.finish({**around, "versions": taken, "complete": complete, "rows": rows}, plan.table,
                              plan.model, loads_rows, plan.loads)

    return Keeper(out, plan.rows, plan.loads_rows, finish)


def perform(chosen: argparse.Namespace, plan: Plan, out: Path) -> int:
    """The run, from the first machine to the last picture; the exit status."""
    keeper = keeper_for(chosen, plan, out)
    forecast = Forecast(BUILD / "bench" / "steps.json", "quick" if chosen.quick else chosen.accel, plan.jobs)
    kinds = ((plan.rows, plan.operations, chosen.limit, OPERATIONS_KIT),
             (plan.loads_rows, plan.loads, LOADS_LIMIT * chosen.limit, LOADS_KIT))
    for rows, operations, _, kit in kinds:
        for row in rows:
            forecast.expect(kit.log(row), steps(row.guest, operations))
    complete = True
    for rows, operations, limit, kit in kinds:
        if not complete:
            for row in rows:
                row.reason = "interrupted"
            continue
        complete = Measurement(rows, out, chosen.quick, operations, limit, keeper, forecast, kit).all(plan.jobs)
    content = keeper.all(complete)
    try:
        results.write(out, content)
    finally:    # what was measured is shown also where it cannot be kept
        print(report.whole(content), end="", flush=True)
    say(f"prism: {page.write(content, out)}, bench.png, results.json, results.csv, events.csv")
    if not complete:
        return 130
    return 1 if any(row.reason or row.why(name) for rows, names, *_ in kinds for row in rows for name in names) else 0


def entry(words: list[str]) -> int:
    chosen = options(words)
    plan = plan_for(chosen)
    with claimed(chosen.out) as out:
        packages.install("macro" if plan.loads else "bench")
        images.build(peer=plan.peer)
        if plan.loads:
            macro.build()
        return perform(chosen, plan, out)


if __name__ == "__main__":
    main(entry, sys.argv[1:])
