# SPDX-License-Identifier: MIT
"""One execution of an operation, watched: the machine is stopped shortly before it, runs on an instruction at a time while the
emulator writes down each, and is stopped behind it, to be asked whose page tables those were."""
from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from harness import processes
from harness.gdb import Debugger
from harness.images import EXPLAIN
from harness.machine import Expired, Machine, Run, doubled
from harness.steps import Reader, Steps, Stretch
from harness.symbols import Program

READY, BEGIN, END, OVER = (EXPLAIN + 16 * number for number in range(4))    # harness/guest/bench_explain.c
PAGE_SHIFT = 12


@dataclass
class Watched:
    """An execution. By what CR3 held, as far as they are known, owners: domains, programs: names. said: by the machine, on its
    serial port."""
    stretches: list[Stretch]
    owners: dict[int, int]
    programs: dict[int, str]
    said: str


def owners_of(debugger: Debugger, program: Program, stretches: list[Stretch]) -> dict[int, int]:
    """Who owns the frames that were page tables, by Prism's table of frames."""
    numbers = program.numbers
    table = debugger.number(program.at["frame_table"])
    return {cr3: debugger.number(table + (cr3 >> PAGE_SHIFT) * numbers["FRAME_SIZE"] + numbers["FRAME_OWNER"], 2)
            for cr3 in {one.cr3 for one in stretches} if cr3 is not None}


def follow(debugger: Debugger, pipe: Path, steps: Steps, end: float, say: Callable[[str], None]) -> None:
    """From READY to OVER."""
    reader = Reader(pipe, steps)
    debugger.watching = lambda: say(f"watching, {reader.lines:,} lines")
    reader.start()
    debugger.monitor("singlestep on")
    debugger.monitor(f"logfile {pipe}")
    debugger.monitor("log exec,int,mmu")
    debugger.place(OVER, True)
    debugger.go(end - time.monotonic())
    debugger.monitor("log none")
    debugger.monitor("logfile /dev/null")    # which closes the pipe
    reader.join(60)
    debugger.monitor("singlestep off")
    debugger.place(OVER, False)


def watch(machine: Machine, program: Program | None, log: Path, limit: float, failed: str,
          say: Callable[[str], None]) -> Watched:
    """program: the hypervisor's functions, if there is one. failed: a pattern in what the machine says that means there will be
    nothing to watch. Raises Expired."""
    with tempfile.TemporaryDirectory(prefix="prism-") as name:
        port, pipe = Path(name) / "gdb", Path(name) / "steps"
        os.mkfifo(pipe)
        machine.extra += ["-S", "-gdb", f"unix:{doubled(port)},server=on,wait=off"]
        end = time.monotonic() + limit
        with Run(machine, log, limit) as running:
            if machine.disk:
                running.steady()
            running.begun()
            debugger = Debugger(port, lambda: running.listen(failed))
            try:
                say("booting, and the rounds before")
                debugger.place(READY, True)
                debugger.go(limit)
                debugger.place(READY, False)
                steps = Steps(program, BEGIN, END)
                follow(debugger, pipe, steps, end, say)
                owners = owners_of(debugger, program, steps.stretches) if program and "frame_table" in program.at else {}
                foreign = {cr3: pages for cr3, pages in steps.seen.items() if owners.get(cr3) == 0}
                programs = processes.names(debugger, foreign)
                debugger.leave()
                say("ending")
                running.expect(r"BENCH-(OK|FAIL) .*\n", 60)
            finally:
                debugger.close()
            if not steps.stretches:
                raise Expired("the emulator has written down nothing")
            return Watched(steps.stretches, owners, programs, running.text)
