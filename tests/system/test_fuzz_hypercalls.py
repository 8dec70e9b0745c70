# SPDX-License-Identifier: MIT
"""Hypercalls by a grammar (tests/guests/fuzz): guest after guest makes some thousand of them, from a seed each. Prism, the
control domain and a neighbour live on, all memory comes back, and no call is answered that must be denied. How a guest ends is
its own affair; one in four makes calls that end it. Row `tables` is page tables (tests/guests/tables), whose guests know what
must be accepted, and end well. `make fuzz-hypercalls SEED= CALLS= ROW=` does one life again, or many."""
from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from harness.common import TESTS_PC_RAMDISK, TESTS_RAMDISK, say
from harness.guests import BOOT, create, end, finish, inside, ramdisk_with_kernels, start
from harness.machine import Run
from harness.testing import VERDICT, Context, Failure, require, require_match, succeed, test

TABLES = "tables"
# kernels and types for xl; the last has QEMU beside it
ROWS = {"pv": ("pv64/fuzz_hypercalls.elf", "pv"), TABLES: ("pv64/fuzz_tables.elf", "pv"),
        "pvh64": ("pvh64/fuzz_hypercalls.elf", "pvh"),
        "pvh32": ("pvh32/fuzz_hypercalls.elf", "pvh"), "hvm": ("hvm32/fuzz_hypercalls.img", "hvm")}
FEW, MANY = 10_000, 1_000_000       # calls in a row
LIFE = 5_000                        # calls of a guest
LESS = 1_000                        # calls, on an average, are too few for a life
MORTAL = 4                          # every so many-th guest makes calls by which it may end
ENDS = [f'on_{end}="destroy"' for end in ("crash", "reboot", "poweroff")]
PC = ["memory=64", "maxmem=72", 'vga="none"', "vnc=0"]
ASKED_FOR = "FUZZ_ROWS" in os.environ       # by make fuzz-hypercalls: it says how far it is
LIVES_BETWEEN_WORDS = 10
SECONDS = 15                        # that a life has, by the clock of the emulated machine
SAID = re.compile(r"\(d\d+\) FUZZ seed (\d+) calls (\d+)(?: (over|trap \d+ at \w+))?")


@dataclass
class Life:
    """What became of a guest. calls: that it is known to have made; wrong: what Prism has answered that it must not."""
    calls: int
    over: bool
    wrong: bool
    detail: str


def live(run: Run, row: str, seed: int, calls: int, mortal: bool, more: str = "") -> Life:
    """Makes a guest and waits for its end, or ends it: it may do what it likes, and also nothing."""
    kernel, kind = ROWS[row]
    words = f"seed={seed} calls={calls} mortal={int(mortal)} {more}"
    succeed(run, "xl dmesg -c >/dev/null")
    mark = len(run.text)
    settings = ['name="f"', f'type="{kind}"', f'kernel="/guests/tests/{kernel}"', f'cmdline="{words}"', *ENDS,
                *(PC if kind == "hvm" else ["memory=32", "maxmem=40"]), *(["vcpus=2"] if row == TABLES else [])]
    succeed(run, f"xl create /dev/null {' '.join(map(shlex.quote, settings))}", BOOT)
    hangs, _ = run.command(f"domain_end f {SECONDS}", BOOT)
    if hangs:
        succeed(run, "xl destroy f; domain_end f 20", BOOT)
    text = run.text[mark:]
    said = [one for one in SAID.finditer(text) if int(one.group(1)) == seed]
    verdicts = re.findall(VERDICT, text)
    lines = [line for line in text.splitlines() if re.search(r"\(d\d+\)|crashed", line)]
    return Life(calls=int(said[-1].group(2)) if said else 0, over=bool(said) and said[-1].group(3) == "over",
                wrong=any(verdict == "failure" for verdict, _, _ in verdicts),
                detail=("it hangs: " if hangs else "") + " | ".join(lines[-4:]))


def row_of_lives(run: Run, row: str, first: int, wanted: int) -> str:
    """Guests of one row until so many calls are made."""
    done, seed, last = 0, first, ""
    ends: Counter[str] = Counter()
    neighbour = require_match(r"^\d+$", succeed(run, "xl domid n"), "xl domid").group(0)
    while done < wanted:
        mortal = row != TABLES and seed % MORTAL == 0
        life = live(run, row, seed, min(LIFE, wanted), mortal, f"neighbour={neighbour}")
        if life.wrong or row == TABLES and not life.over:
            raise Failure(f"ROW={row} SEED={seed}: after {life.calls} calls: {life.detail}")
        if not life.over:
            last = f"SEED={seed}: {life.detail}"
        ends["whole" if life.over else "cut short"] += 1
        done += life.calls
        seed += 1
        if ASKED_FOR and sum(ends.values()) % LIVES_BETWEEN_WORDS == 0:
            say(f"{row}: {done} of {wanted} calls, the next is SEED={seed}")
        require(ends["cut short"] < 20 + wanted // LESS, f"ROW={row}: {done} calls, guests {dict(ends)}; the last: {last}")
    return f"{done} calls; lives: {dict(ends)}; the last that was cut short: {last}"


def alive(run: Run) -> None:
    require_match("well", inside(run, "n", "echo well"), "the neighbour")
    require_match(r"^nr_cpus", succeed(run, "xl info"), "xl info")


def image(rows: Sequence[str], folder: Path) -> Path:
    return ramdisk_with_kernels(folder, TESTS_PC_RAMDISK if "hvm" in rows else TESTS_RAMDISK)


def fuzz(t: Context, rows: Sequence[str], seed: int, calls: int) -> None:
    """Two vCPUs that race want two CPUs. A guest that may hang wants one: where CPUs take turns it could keep its own."""
    several, one = [row for row in rows if row == TABLES], [row for row in rows if row != TABLES]
    for cpus, some in ((1, one), (2, several)):
        if some:
            fuzz_on(t, cpus, some, seed, calls)


def fuzz_on(t: Context, cpus: int, rows: Sequence[str], seed: int, calls: int) -> None:
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        with t.run(t.machine(cpus=cpus, ramdisk=image(rows, Path(folder))), limit=120 + len(rows) * calls / 200) as run:
            before = start(run)
            create(run, "n", "pv")
            for row in rows:
                with t.check(row):
                    said = row_of_lives(run, row, seed, calls)
                    if ASKED_FOR:
                        print(f"{row}: {said}", flush=True)
                    alive(run)
            end(run, "n")
            finish(t, run, before)


@test("fuzz-hypercalls")
def fuzz_hypercalls(t: Context) -> None:
    """What to do may be told by the environment: make fuzz-hypercalls."""
    rows = os.environ.get("FUZZ_ROWS", "").split() or list(ROWS)
    fuzz(t, rows, int(os.environ.get("FUZZ_SEED") or 1), int(os.environ.get("FUZZ_CALLS") or t.rounds(FEW, MANY)))
