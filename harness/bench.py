# SPDX-License-Identifier: MIT
"""make bench: one kernel, one ramdisk, one disk; on the bare machine and in each row; what every operation costs.

  make bench            the bare machine, and PV on Prism (as the control domain, with the machine's own disk)
  make bench PEER=1     and the same on Debian's Xen
  make bench QUICK=1    fewer rounds            ROWS="native pv"   only these rows
  make bench OUT=DIR    results there           LIMIT=SECONDS      longest run of a row (600)
  make bench HELP=1     this text

Under the emulator's instruction clock a TSC tick is an executed instruction. The result is a table on the terminal, and
results.json and bench.png in results/<time>/. A row that failed is shown as such, with its reason; the status is then 1.
"""
from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from harness import images, packages, report
from harness.common import BUILD, KERNEL, PRISM, RAMDISK, ROOT, Problem, fail, main, run, say, sha256
from harness.machine import EMULATOR, KERNEL_WORDS, Expired, Machine, Run, make_disk

OPERATIONS = ("getppid", "page_fault", "fork_exit", "pipe_trip", "read_4k", "write_4k")
GUEST_MEMORY = 1024       # MiB, of the bare machine and of the control domain
HOST_MEMORY = 2048        # MiB, where a hypervisor is beside it
TITLES = {"native": "bare machine", "pv": "PV, Prism", "xen-pv": "PV, Xen 4.17"}


@dataclass
class Row:
    """One row's outcome. costs: instructions per operation, one number a round."""
    name: str
    title: str
    hypervisor: str | None = None
    hypervisor_sha256: str | None = None
    identity: dict[str, str] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    marks: bool = False
    steady: bool = False
    costs: dict[str, list[float]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)      # of operations that failed
    reason: str | None = None                                  # of the whole row
    boot_wall_seconds: float | None = None                     # emulator's start to the first process
    boot_kernel_seconds: float | None = None                   # kernel's start to the first process, virtual
    boot_ticks: int | None = None                              # power-on to the benchmark's start
    log: str = ""

    def cost(self, operation: str) -> float | None:
        rounds = self.costs.get(operation)
        return statistics.median(rounds) if rounds and operation not in self.reasons else None

    def why(self, operation: str) -> str | None:
        return self.reasons.get(operation) or self.reason or (None if self.costs.get(operation) else "not measured")


def hypervisor_of(name: str) -> Path | None:
    return {"native": None, "pv": PRISM, "xen-pv": images.PEER}[name]


def machine_for(row: Row, disk: Path, quick: bool) -> Machine:
    """The same words, memory and devices for every row; only the hypervisor and room for it differ."""
    hypervisor = hypervisor_of(row.name)
    machine = Machine(hypervisor=hypervisor, memory=HOST_MEMORY if hypervisor else GUEST_MEMORY, disk=disk,
                      dom0_memory=GUEST_MEMORY)
    machine.hypervisor_words += " dom0_max_vcpus=1"
    machine.kernel_words = f"{KERNEL_WORDS} loglevel=4 prism.do=bench" + (" prism.bench=quick" if quick else "")
    return machine


def identity(disk: Path, words: str) -> dict[str, str]:
    return {"kernel": sha256(KERNEL), "ramdisk": sha256(RAMDISK), "disk": sha256(disk), "words": words}


def parse(row: Row, text: str) -> None:
    """Takes the benchmark guest's lines into the row."""
    for name, count, ticks in re.findall(r"BENCH name=(\w+) round=\d+ operations=(\d+) ticks=(\d+)", text):
        row.costs.setdefault(name, []).append(int(ticks) / int(count))
    for name, reason in re.findall(r"BENCH-FAIL name=(\w+) reason=(.*)", text):
        row.reasons[name] = reason.strip()
    finished = set(re.findall(r"BENCH-(?:OK|FAIL) name=(\w+)", text))
    for name in row.costs.keys() - finished:
        row.reasons[name] = "it did not finish"
    row.marks = "BENCH-MARKS yes" in text
    for pattern, attribute, kind in ((r"PRISM-INIT uptime=([\d.]+)", "boot_kernel_seconds", float),
                                     (r"BENCH-START tsc=(\d+)", "boot_ticks", int)):
        found = re.search(pattern, text)
        if found:
            setattr(row, attribute, kind(found.group(1)))


def run_row(row: Row, out: Path, quick: bool, limit: float, progress: "report.Progress") -> None:
    """Boots the machine for one row and reads what its benchmark says. Whatever goes wrong becomes row.reason."""
    hypervisor = hypervisor_of(row.name)
    disk = make_disk(BUILD / "bench" / f"{row.name}.img")
    machine = machine_for(row, disk, quick)
    row.identity = identity(disk, machine.kernel_words)
    row.arguments = machine.arguments()
    log = out / f"{row.name}.log"
    row.log = log.name
    if hypervisor:
        if not hypervisor.exists():
            row.reason = f"{hypervisor.name} is missing: run make"
            return
        row.hypervisor, row.hypervisor_sha256 = hypervisor.name, sha256(hypervisor)
    with Run(machine, log, limit) as running:
        row.steady = running.steady()
        try:
            progress.say("booting")
            running.expect(r"PRISM-INIT uptime=", limit)
            row.boot_wall_seconds = round(time.monotonic() - running.started, 2)
            running.expect(r"BENCH-START", limit)
            for operation in OPERATIONS:
                progress.say(operation)
                running.expect(rf"BENCH-(OK|FAIL) name={operation}\b", limit)
            running.expect(r"PRISM-INIT bench-status=\d+", limit)
            progress.say("ending")
            running.wait(60)
        except Expired as expired:
            row.reason = str(expired)
        parse(row, running.text)
    if row.identity["kernel"] != sha256(KERNEL) or row.identity["ramdisk"] != sha256(RAMDISK):
        row.reason = "kernel or ramdisk changed during the run"


def check_identical(rows: list[Row]) -> None:
    """Rows are compared only if they ran the same bytes under the same words."""
    for row in rows[1:]:
        for what, value in rows[0].identity.items():
            if row.identity.get(what) != value:
                raise Problem(f"{rows[0].name} and {row.name} did not run the same {what}; nothing is compared")


def surroundings() -> dict[str, str]:
    """What else a reader of the result will want to know."""
    commit = "unknown"
    try:
        commit = run("git", "-C", ROOT, "describe", "--always", "--dirty").strip()
    except Problem:
        pass   # not a git checkout: a source archive
    return {"commit": commit, "emulator": run(EMULATOR, "--version").splitlines()[0],
            "host": f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.release()}"}


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="store_true", help="Debian's Xen too")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--rows", default="", help=f"of {', '.join(TITLES)}")
    parser.add_argument("--out", type=Path, default=None, help="folder for the results")
    parser.add_argument("--limit", type=float, default=600, help="longest run of a row, seconds")
    return parser.parse_args(words)


def entry(words: list[str]) -> int:
    chosen = options(words)
    names = chosen.rows.replace(",", " ").split() or ["native", "pv"] + (["xen-pv"] if chosen.peer else [])
    for name in names:
        if name not in TITLES:
            fail(f"there is no row {name}; rows: {', '.join(TITLES)}")
    packages.install("bench")
    images.build(peer="xen-pv" in names)
    out = chosen.out or ROOT / "results" / time.strftime("%Y-%m-%dT%H-%M-%S", time.gmtime())
    out.mkdir(parents=True, exist_ok=True)
    rows = [Row(name, TITLES[name]) for name in names]
    for number, row in enumerate(rows, start=1):
        progress = report.Progress(f"[{number}/{len(rows)}] {row.title}")
        run_row(row, out, chosen.quick, chosen.limit, progress)
        progress.end(row.reason or "; ".join(f"{name}: {why}" for name, why in row.reasons.items()))
    check_identical(rows)
    report.write_json(out / "results.json", {**surroundings(), "quick": chosen.quick,
                                             "rows": [asdict(row) for row in rows]})
    print(report.table(rows, OPERATIONS), flush=True)
    picture = report.picture(rows, OPERATIONS, out)
    say(f"prism: {out}/results.json" + (f", {picture.name}" if picture else ""))
    return 1 if any(row.why(operation) for row in rows for operation in OPERATIONS) else 0


if __name__ == "__main__":
    main(entry, sys.argv[1:])
