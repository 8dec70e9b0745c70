# SPDX-License-Identifier: MIT
"""make test: everything that can be checked, with one line for each test and one line of counts at the end.

  make test                 all of it        make test ONLY=boot     those with "boot" in their names
  make test MODE=pvh        those of a row, or of a mode of test kernels (control pv pvh64 pvh32 ...); with ONLY=hostile_events
                            MODE=pvh64: one kernel in one mode
  make list                 names, and what each is about; ONLY=, MODE= as above; PAGES=1: all of it
  make test PEER=1          machines run Debian's Xen: do the tests hold there?
  make test JOBS=1          one at a time (default: two)             what machines said is kept in build/logs/
  make test DEBUG=1         all on Prism's debug build; DEBUG=0 all on the release build. Without either, what measures and what
                            shows what users see (bench, macro, regress, explain, budgets, boot-, run-mode-) is on the release
                            build, all else on the debug build
  make soak                 the tests of guests with many more rounds, all parts in all rows; ONLY=, MODE=, DEBUG= as above
  make peer-test            the tests of guests on Debian's Xen; ONLY=, MODE=, JOBS= as above

Only what the chosen tests need is built. docs/testing.md says how to write one.
"""
from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from harness import images, packages
from harness.common import BUILD, BUILDS, ROOT, Parser, Problem, count, fail, main, printable, say, write_atomically
from harness.machine import Expired
from harness.reached import Reached
from harness.symbols import PARTS
from harness.testing import (ENDS, VERDICT, Context, Ended, Failure, Result, Skip, Test, kernel_modes, page_of_source,
                             registered)

BROKEN = r"^\(PRISM\) (?:Panic|BUG|A fault in Prism).*\n|^\(XEN\) Panic on CPU .*\n"
TAIL = 20
TESTED = BUILD / "tests"      # in a folder for each build
UNIT = "unit/"                # how names of host tests begin
GUEST = "guest/"              # of test kernels in the control domain's place
WRONG = r"error:|undefined reference|cannot find|No rule to make|FAILED|ERROR|runtime error|BUG|panic:|SUMMARY: "
# How names of tests begin that are about the release build.
RELEASE = ("release", "bench", "macro", "regress", "explain", "budgets", "boot-", "run-mode-")


class Report:
    """Collects results and prints each as it comes."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._lock = threading.Lock()

    def add(self, result: Result) -> None:
        with self._lock:
            self.results.append(result)
            reason = f": {result.reason}" if result.reason else ""
            print(f"{result.verdict.ljust(4)} {result.seconds:7.1f} s  {result.name}{reason}", flush=True)
            if result.verdict == "FAIL" and result.log and result.log.exists():
                lines = result.log.read_bytes().decode(errors="replace").replace("\r", "").splitlines()
                print(f"     the end of {result.log.relative_to(ROOT)}:", flush=True)
                for line in lines[-TAIL:]:
                    print(f"     | {printable(line)}", flush=True)

    def count(self, verdict: str) -> int:
        return sum(result.verdict == verdict for result in self.results)


def build_for(one: Test, chosen: str) -> str:
    """Of which build of Prism this test is, unless one is chosen for all."""
    return chosen or ("release" if one.name.startswith(RELEASE) else "debug")


def perform(one: Test, report: Report, build: str, peer: bool, soak: bool, reached: Reached | None) -> None:
    """Runs one test and reports it as a whole, unless a check inside it has failed and said so already."""
    hypervisor = images.PEER if peer else TESTED / build / "prism.elf"
    context, start = Context(one.name, report.add, hypervisor, build, soak=soak, reached=reached,
                             parts=frozenset(one.parts)), time.monotonic()
    verdict, reason = "ok", ""
    try:
        one.function(context)
    except Ended:
        return
    except Skip as skip:
        verdict, reason = "skip", str(skip)
    except (Failure, Expired, Problem) as failure:
        verdict, reason = "FAIL", str(failure)
    except Exception as broken:   # the test itself is broken: that counts as a failure too, and must not end the others
        place = traceback.extract_tb(broken.__traceback__)[-1]
        verdict, reason = "FAIL", f"error in the test, {Path(place.filename).name}:{place.lineno}: {broken!r}"
    if verdict != "ok" or not context.failed:
        report.add(Result(one.name, verdict, time.monotonic() - start, reason, context.log))


def make(*targets: str, keep_going: bool = False) -> subprocess.CompletedProcess[str]:
    words = ["make", "--no-print-directory", "-s", "-j2"] + (["-k"] if keep_going else []) + list(targets)
    return subprocess.run(words, cwd=ROOT, text=True, errors="replace", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def build_prism(build: str, report: Report) -> None:
    """And copies it: whoever builds meanwhile does not change what is tested."""
    start = time.monotonic()
    built = make(BUILDS[build], f"build/{build}/prism.elf")
    report.add(Result(f"build/{build}", "FAIL" if built.returncode else "ok", time.monotonic() - start,
                      what_is_wrong(built.stdout) if built.returncode else ""))
    (TESTED / build).mkdir(parents=True, exist_ok=True)
    for name in PARTS:
        if (BUILD / build / name).exists():
            write_atomically(TESTED / build / name, (BUILD / build / name).read_bytes())


def build_kernels(report: Report) -> None:
    """Test kernels for xl. One that does not build is a failure, even if it stands there as it was built before."""
    start, built = time.monotonic(), make("guests", keep_going=True)
    if built.returncode:
        report.add(Result("build/guests", "FAIL", time.monotonic() - start, what_is_wrong(built.stdout)))


def what_is_wrong(text: str) -> str:
    """Of what a compiler, make or a host test has said: what and where, not what was said around it. Else its end."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wrong = [line for line in lines if re.search(WRONG, line)]
    return " | ".join(wrong[:3] or lines[-3:])


def program_of(name: str) -> str:
    """What make calls the program of a host test, or of a test kernel in the control domain's place; "" for other tests."""
    if name.startswith(UNIT):
        return f"build/unit/test_{name.removeprefix(UNIT)}"
    return f"build/guests/pv64/test_{name.removeprefix(GUEST)}.elf" if name.startswith(GUEST) else ""


def unit_test(name: str) -> Test:
    """A host test: hypervisor code compiled for this computer, under sanitizers."""
    full = f"{UNIT}{name.removeprefix('test_')}"
    target = program_of(full)

    def function(_: Context) -> None:
        built = make(target)
        if built.returncode:
            raise Failure(f"does not build: {what_is_wrong(built.stdout)}")
        done = subprocess.run([str(ROOT / target)], cwd=ROOT, text=True, errors="replace", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        (BUILD / "logs").mkdir(parents=True, exist_ok=True)
        (BUILD / "logs" / f"unit-{name}.log").write_text(done.stdout)
        if done.returncode:
            raise Failure(f"status {done.returncode}: {what_is_wrong(done.stdout)}")
    return Test(full, function, page=page_of_source(ROOT / f"tests/unit/{name}.c"))


def guest_test(source: Path) -> Test:
    """A test kernel in the control domain's place; its verdict stands on the serial port."""
    name = f"{GUEST}{source.stem.removeprefix('test_')}"
    kernel = program_of(name)

    def function(context: Context) -> None:
        built = make(kernel)
        if built.returncode:
            raise Failure(f"does not build: {what_is_wrong(built.stdout)}")
        run_guest(context, ROOT / kernel)
    return Test(name, function, page=page_of_source(source))


def run_guest(context: Context, kernel: Path) -> None:
    """The verdict crash-expected announces that the test now does what must end it: the hypervisor has to crash the
    domain, or shut it down for its watchdog, say so, and live on, which here means restart the machine."""
    together = kernel.stem.startswith("test_smp_")   # two vCPUs, on host CPUs at the same time
    machine = context.machine(modules=[str(kernel)], ramdisk=None, dom0_memory=256, memory=1024,
                              cpus=2 if together else 1, icount=not together)
    with context.run(machine, limit=120, suffix=f"-{kernel.parent.name}") as run:
        found = run.expect(f"{VERDICT}|{BROKEN}", 100)
        verdict, detail = found.group(1), f"{found.group(2)} {found.group(3)}".strip()
        if verdict is None:
            raise Failure(printable(found.group(0)))
        if verdict == "crash-expected":
            wanted = rf"^\((?:PRISM|XEN)\) (?:{ENDS[found.group(3)]}).*\n"
            end = run.expect(f"{wanted}|{BROKEN}|VERDICT .*\n", 30).group(0)
            if not re.match(wanted, end):
                raise Failure(f"no {found.group(3)} of the domain but: {printable(end)}")
            if context.on_prism:            # Xen spins for five seconds before it restarts: minutes in an emulator
                run.wait(30)
            return
    if verdict == "skip":
        raise Skip(detail or "the test kernel gave no reason")
    if verdict != "success":
        raise Failure(f"{verdict}: {detail}")


def discover() -> list[Test]:
    """Every test there is: system tests first, as they take longest."""
    for path in sorted((ROOT / "tests/system").glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
    tests = list(registered)
    tests += [guest_test(path) for path in sorted((ROOT / "tests/guests").glob("test_*.c"))
              if "control" in kernel_modes(path)]
    tests += [unit_test(path.stem) for path in sorted((ROOT / "tests/unit").glob("test_*.c"))]
    return tests


def of_mode(name: str, modes: set[str]) -> bool:
    """Whether a name has one of these modes or rows as a word of its own."""
    words = set(re.split("[-/]", name)) | ({"control"} if name.startswith(GUEST) else set())
    return not modes or bool(words & modes)


def matching(tests: list[Test], only: str, mode: str = "") -> list[Test]:
    """Those with one of only's words in their names, and with one of mode's as a word of their names; each test with those of
    its parts that match. All, without a word."""
    wanted, modes = only.split(), set(mode.split())
    found = []
    for one in tests:
        whole = not wanted or any(word in one.name for word in wanted)
        parts = {part: page for part, page in one.parts.items() if of_mode(f"{one.name}/{part}", modes) and
                 (whole or any(word in f"{one.name}/{part}" for word in wanted))}
        if parts or whole and not one.parts and of_mode(one.name, modes):
            found.append(replace(one, parts=parts))
    return found


def listed(tests: list[Test], pages: bool) -> None:
    """A line for each test and each part: its name and how its page begins; or whole pages."""
    for one in tests:
        for name, page in {one.name: one.page, **{f"{one.name}/{part}": text for part, text in one.parts.items()}}.items():
            text = " ".join(page.split())
            if pages:
                print(f"{name}\n{textwrap.indent(textwrap.fill(text, 100), '    ')}\n")
            else:
                print(f"{name:40} {textwrap.shorten(re.split(r'(?<=[.:;]) ', text)[0].rstrip('.:;'), 100)}".rstrip())


def carry_out(tests: list[Test], report: Report, jobs: int, chosen: str = "", peer: bool = False, soak: bool = False,
              reached: Reached | None = None) -> None:
    """Builds what they need, runs them and reports each. chosen: the build of Prism for all; reached: takes in what of Prism
    they come to."""
    own = [program for one in tests if (program := program_of(one.name))]
    machines = [one for one in tests if not one.name.startswith(UNIT)]
    if machines:
        images.build(peer=peer)
    say("prism: building what is tested")
    if not peer:
        for build in sorted({build_for(one, chosen) for one in machines}):
            build_prism(build, report)
    if own:
        make(*own, keep_going=True)   # each one's own failure is reported under its own name
    if len(own) < len(tests):
        build_kernels(report)
    for many, group in ((max(1, min(2, jobs)), [one for one in tests if not one.alone]),
                        (1, [one for one in tests if one.alone])):
        with ThreadPoolExecutor(many) as pool:
            running = [pool.submit(perform, one, report, build_for(one, chosen), peer, soak, reached) for one in group]
            try:
                for done in running:
                    done.result()
            except KeyboardInterrupt:    # those that have begun end, no other begins
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def conclude(report: Report, start: float) -> int:
    """The last line, and the status. start: by time.monotonic()."""
    minutes = (time.monotonic() - start) / 60
    failed = [result.name for result in report.results if result.verdict == "FAIL"]
    say(f"prism: {len(report.results)} results in {minutes:.1f} minutes" + (f"; failed: {' '.join(failed)}" if failed else ""))
    print(f"{report.count('ok')} passed, {len(failed)} failed, {report.count('skip')} skipped", flush=True)
    return 1 if failed or not report.count("ok") else 0


def entry(words: list[str]) -> int:
    parser = Parser("make test", __doc__)
    parser.add_argument("--only", default="", help="part of a test's name, or several separated by spaces")
    parser.add_argument("--mode", default="", help="of test kernels (control, pv, pvh64 ...) or a row of guests (pv, pvh, pvhvm ...)")
    parser.add_argument("--list", action="store_true", help="names, and what each test is about")
    parser.add_argument("--pages", action="store_true", help="with --list: all that their sources say about them")
    parser.add_argument("--peer", action="store_true", help="machines run Debian's Xen")
    parser.add_argument("--soak", action="store_true", help="many more rounds, all parts in all rows: hours")
    parser.add_argument("--jobs", type=count, default=2, help="tests at a time, 1 or 2")
    parser.add_argument("--build", choices=[*BUILDS], default="", help="of Prism, for all tests")
    chosen = parser.parse_args(words)
    tests = matching(discover(), chosen.only, chosen.mode)
    if not tests:
        fail(f"no test is called {chosen.only or 'anything'}{chosen.mode and f' in mode {chosen.mode}'} (make list: what there is)")
    if chosen.list:
        listed(tests, chosen.pages)
        return 0
    packages.install("test")
    report, start = Report(), time.monotonic()
    carry_out(tests, report, chosen.jobs, chosen.build, chosen.peer, chosen.soak)
    return conclude(report, start)


if __name__ == "__main__":
    main(entry, sys.argv[1:])
