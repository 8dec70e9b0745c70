# SPDX-License-Identifier: MIT
"""What tests are made of: a test is a function with a name; it passes, fails with a reason, or skips with a reason."""
from __future__ import annotations

import contextlib
import re
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Callable, Iterator, Mapping, Sequence

from harness.common import PRISM, UNPACKED_KERNEL, Problem
from harness.images import PEER
from harness.machine import KERNEL_WORDS, Expired, Machine, Run, log_path
from harness.reached import Reached
from harness.warnings import unexpected

# how a test kernel says what came of it: what, its name, why
VERDICT = r"VERDICT (success|skip|error|failure|crash-expected|crash)\b[ \t]*(\S*)[ \t]*(.*)\n"
# how the hypervisor ends a test kernel that wants it to, as Prism says it and as Xen does
ENDS = {"crash": r"d\d+ crashed: |Domain \d+ \(vcpu#\d+\) crashed |d\d+v\d+ Triple fault - invoking HVM shutdown action",
        "watchdog": r"d\d+: its watchdog expired|Watchdog timer fired for domain \d+"}
# of results that are made up
VERSIONS = {"date": "2026-01-02T03:04:05Z", "build": "release", "seconds": 90.5, "packages": {"seabios": "1.16"},
            "files": {"prism.elf": "5ba1"}}
TESTS_WORDS = f"{KERNEL_WORDS} prism.do=tests"

PATIENCE = 3   # limits of whole runs are for a computer that does nothing else; this many times as long are still no failure


class Failure(Exception):
    """The thing tested is wrong."""


class Skip(Exception):
    """The test cannot be done here, for the reason given."""


class Ended(Exception):
    """The machine went away under a check, which has reported it: the rest of the test cannot be done."""


@dataclass
class Result:
    name: str
    verdict: str          # ok, FAIL, skip
    seconds: float
    reason: str = ""
    log: Path | None = None


def kernel_modes(source: Path) -> list[str]:
    """Where a test kernel runs (tests/guests/guests.mk says how): what its second line says, or the control domain's place."""
    found = re.match(r"// modes: (.*)", source.read_text().splitlines()[1])
    return found.group(1).split() if found else ["control"]


def page_of_source(source: Path) -> str:
    """What the comment at the top of a test in C says."""
    found = re.search(r"^/\*(?! SPDX)(.*?)\*/", source.read_text(), re.MULTILINE | re.DOTALL)
    return re.sub(r"^ \* ?", "", found.group(1), flags=re.MULTILINE).strip() if found else ""


@dataclass
class Context:
    """What a running test is given: where to report, and how to get a machine."""
    name: str
    report: Callable[[Result], None]
    hypervisor: Path = PRISM
    build: str = "release"    # of Prism
    log: Path | None = None
    failed: int = 0       # checks
    soak: bool = False    # hours are there
    reached: Reached | None = None    # asked which of Prism's lines machines come to
    parts: frozenset[str] | None = None    # of the test, if not all: those that were asked for by name or mode

    @contextlib.contextmanager
    def check(self, name: str) -> Iterator[None]:
        """One named part of a test: its failure is reported and the test goes on. A machine that has ended or hangs
        ends the test (Expired), since nothing after it can be told."""
        start, full = time.monotonic(), f"{self.name}/{name}"
        try:
            yield
        except Skip as skip:
            self.report(Result(full, "skip", time.monotonic() - start, str(skip)))
        except Failure as failure:
            self.failed += 1
            self.report(Result(full, "FAIL", time.monotonic() - start, str(failure), self.log))
        except Expired as expired:
            self.failed += 1
            self.report(Result(full, "FAIL", time.monotonic() - start, str(expired), self.log))
            raise Ended from expired
        else:
            self.report(Result(full, "ok", time.monotonic() - start))

    def long_only(self) -> None:
        """The rest takes too long for every run of the tests."""
        if not self.soak:
            raise Skip("part of make soak")

    def run(self, machine: Machine, limit: float = 240, suffix: str = "") -> Run:
        self.log = log_path(self.name.replace("/", "-") + suffix)
        if self.reached:
            self.reached.watch(machine, self.hypervisor)
        return Run(machine, self.log, PATIENCE * limit)

    def machine(self, **options: object) -> Machine:
        """The hypervisor under test with the control domain's image, set for commands from the console. The kernel need not
        be unpacked, which is a third of what a boot takes."""
        return Machine(**{"hypervisor": self.hypervisor, "kernel": UNPACKED_KERNEL, "kernel_words": TESTS_WORDS,
                          **options})  # type: ignore[arg-type]

    def rounds(self, few: int, many: int) -> int:
        """How often something is repeated: in every run of the tests, and in a long one (make soak)."""
        return many if self.soak else few

    def some(self, kinds: Sequence[str], number: int) -> Sequence[str]:
        """The rows to do a test's part in: in a long run all of them, else one, each in its turn."""
        return kinds if self.soak else kinds[number % len(kinds):][:1]

    def wants(self, part: str) -> bool:
        """Whether this part, one of Test.parts, is to be done."""
        return self.parts is None or part in self.parts

    @property
    def on_prism(self) -> bool:
        return self.hypervisor != PEER


@dataclass
class Test:
    name: str
    function: Callable[[Context], None]
    alone: bool = False   # needs the computer for itself: run after the others, one at a time
    page: str = ""        # what it is about, as its source says
    parts: Mapping[str, str] = field(default_factory=dict)    # those that can be done by themselves, with a page each


registered: list[Test] = []


def test(name: str, alone: bool = False, parts: Mapping[str, str] | None = None) \
        -> Callable[[Callable[[Context], None]], Callable[[Context], None]]:
    """Names a function as a test: tests/system/test_*.py are full of these."""
    def register(function: Callable[[Context], None]) -> Callable[[Context], None]:
        own = function.func if isinstance(function, partial) else function
        page = own.__doc__ or sys.modules[own.__module__].__doc__ or ""
        registered.append(Test(name, function, alone, page, parts or {}))
        return function
    return register


def require(condition: object, reason: str) -> None:
    if not condition:
        raise Failure(reason)


def require_match(pattern: str, text: str, what: str) -> re.Match[str]:
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        shown = " | ".join(text.strip().splitlines()[-4:]) or "nothing"
        raise Failure(f"{what}: no /{pattern}/ in: {shown}")
    return found


def refuses(pattern: str, what: str, action: Callable[[], object]) -> None:
    """A Problem of one line."""
    try:
        action()
    except Problem as problem:
        require("\n" not in str(problem), f"{what}: more than a line: {problem}")
        require_match(pattern, str(problem), what)
        return
    raise Failure(f"{what} is taken")


def ready(run: Run, timeout: float = 200) -> None:
    """Waits for the control domain to take commands."""
    found = run.expect(r"PRISM-TESTS ready control=(\w+)\s|Kernel panic - .*|PRISM-INIT \S+ failed", timeout)
    require(found.group(1) == "yes", f"the control domain is not one: {found.group(0)}")


def succeed(run: Run, command: str, timeout: float = 60) -> str:
    """A command's output; its failure is the test's."""
    status, text = run.command(command, timeout)
    require(status == 0, f"{command}: status {status}: {' | '.join(text.strip().splitlines()[-3:])}")
    return text


def check_warnings(t: Context, run: Run) -> None:
    """A check of its own: the kernel warns of nothing that it does not warn of on Debian's Xen too."""
    with t.check("no-warnings"):
        found = unexpected(succeed(run, "kernel_warnings"))
        require(not found, f"the kernel warns, and does not on Xen: {' | '.join(found[:5])}")


def power_off(run: Run) -> None:
    """The control domain powers the machine off, and the emulator ends because of it."""
    run.send("poweroff -f\n")
    run.wait(60)
    require(run.process.returncode == 0, f"the emulator ended with {run.process.returncode}: {run.emulator_errors()}")
