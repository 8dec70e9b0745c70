# SPDX-License-Identifier: MIT
"""make coverage: a made-up log against a made-up line table, what is made of it, and a real machine."""
from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from harness import coverage, host_coverage, line_table
from harness.common import BUILD, ROOT
from harness.coverage import Counted
from harness.line_table import Build, Line
from harness.machine import Machine
from harness.reached import Reached, executed
from harness.test import run_guest
from harness.testing import Context, Skip, refuses, require, test

TEXT = 0xffff82d040000000

# As objdump says it: a line without code (8), a piece of a header in the middle, the end of a sequence; then the unit's first
# file again, which is not said, and is a header the second time.
TABLE = """
CU: xen/dom/a.c:
File name                            Line number    Starting address    View    Stmt
a.c                                            7  0xffff82d040000000               x
a.c                                            8  0xffff82d040000004               x
a.c                                            9  0xffff82d040000004       1       x

./xen/dom/b.h:
b.h                                            3  0xffff82d040000010        

xen/dom/a.c:
a.c                                           10  0xffff82d040000014               x
a.c                                            -  0xffff82d040000018

a.c                                           20  0xffff82d040000040               x
a.c                                            -  0xffff82d040000048

CU: modes/pv/c.c:
File name                            Line number    Starting address    View    Stmt
d.h                                            5  0xffff82d040000050               x

modes/pv/c.c:
c.c                                            0  0xffff82d040000054               x
c.c                                            6  0xffff82d040000058               x
c.c                                            -  0xffff82d04000005c
"""
A, B, C, D = "xen/dom/a.c", "xen/dom/b.h", "modes/pv/c.c", "modes/pv/d.h"
LINES = {(A, 7), (A, 9), (A, 10), (A, 20), (B, 3), (C, 6), (D, 5)}

LOG = """----------------
IN: 
0x00200020:  fa                       cli      
0x00200021:  0f 01                    lgdtl    0x1234
0x00200023:  90                       nop      
0x00300000:  fa                       cli      

----------------
IN: a line of noise
0xffff82d040000000:  48 89 e5                 movq     %rsp, %rbp
0xffff82d040000006:  48 b8 00 00 00 00 00 00  movabsq  $0, %rax
0xffff82d04000000e:  00 00
0xffff82d040000046:  c3                       retq     
0xffff82d040000018:  c3                       retq     
0xffff81d040000050:  c3                       retq     
0xffff82d0400000"""

SOURCE = """/* a comment: int none(void) { } */
#define MACRO(x) { \\
    x }
struct thing { int a; };
static const int table[] = { 1, 2 };
static int first(int (*how)(int), int x)
{
    if (x == '{')
        return how("}");
    return 0;
}
MACRO(odd)

int second(void) { return 2; }

/* Two lines. */
static void third(int a,
                  int b)
{
}
"""


def build() -> Build:
    made = line_table.arrange(line_table.parse(TABLE))
    made.first, made.end = TEXT, TEXT + 0x60
    made.early, made.early_runs, made.early_bytes = TEXT + 0x50, 0x200020, b"\xfa\x0f\x02\x90"
    return made


@test("coverage-lines")
def lines(_: Context) -> None:
    made = build()
    require(made.lines() == LINES, f"lines: {sorted(made.lines() ^ LINES)}")
    for address, wanted in ((0, (A, 7)), (3, (A, 7)), (4, (A, 9)), (0x13, (B, 3)), (0x14, (A, 10)), (0x18, None), (0x3f, None),
                            (0x40, (A, 20)), (0x48, None), (0x50, (D, 5)), (0x54, None), (0x5b, (C, 6))):
        found = made.of([TEXT + address])
        require(found == ({wanted} if wanted else set()), f"{address:#x} is of {found}")
    require(not made.of([0, TEXT - 1]), "what is before all code is of a line")
    require(made.ranges() == "0xffff82d040000000..0xffff82d04000005f,0x200020+0x4", f"ranges {made.ranges()}")


@test("coverage-log")
def log(_: Context) -> None:
    """Early code is known by its bytes; what is left of a long instruction, and of a line that is torn, does no harm."""
    found = executed(build(), LOG.splitlines())
    wanted = {TEXT + at for at in (0, 6, 0xe, 0x46, 0x18, 0x50, 0x53)}
    require(found == wanted, f"executed: {sorted(map(hex, found ^ wanted))}")
    require(build().of(found) == {(A, 7), (A, 9), (A, 20), (D, 5)}, f"lines: {build().of(found)}")


@test("coverage-functions")
def functions(_: Context) -> None:
    found = line_table.functions_in_c(SOURCE)
    require(found == [("first", 6, 11), ("second", 14, 14), ("third", 17, 20)], f"in C: {found}")
    found = line_table.functions_in_assembly("# 1\n/* a:\n */\none: nop\n1:  jmp 1b\n.Llocal:\n    ret\ntwo:\n    ret\n")
    require(found == [("one", 4, 7), ("two", 8, 9)], f"in assembly: {found}")


def counted() -> Counted:
    """Two machines of a build, and one of another that has a line more."""
    reached = Reached()
    other = replace(build(), starts=[TEXT], owners=[(A, 11)])
    reached.add(Path("one"), build())
    reached.add(Path("other"), other)
    reached.functions = {A: [("f", 6, 12), ("g", 19, 21)], B: [("h", 1, 4)], C: [("i", 6, 6)], D: []}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "log"
        for which, said in ((build(), (4, 0x40)), (build(), (4, 0x50)), (other, (0,))):
            path.write_text("".join(f"0x{TEXT + at:x}:  90   nop\n" for at in said))
            reached.read(which, path)
    require(reached.machines == 3, f"{reached.machines} machines")
    return Counted(reached.lines, reached.times, reached.functions)


@test("coverage-results")
def results(_: Context) -> None:
    made = counted()
    require(made.lines == LINES | {(A, 11)}, "lines of two builds")
    require(made.times == Counter({(A, 9): 2, (A, 11): 1, (A, 20): 1, (D, 5): 1}), f"times {made.times}")
    missed = [(one.name, one.file, one.line, one.lines) for one in coverage.missed_functions(made)]
    require(missed == [("i", C, 6, 1), ("h", B, 1, 1)], f"missed {missed}")
    require(coverage.missed_ranges(made, A) == [(7, 7), (10, 10)], f"ranges {coverage.missed_ranges(made, A)}")
    sheet = [" ".join(line.split()) for line in coverage.table(made)]
    for line in ("xen/dom/ 6 3 50.0%", "a.c 5 3 60.0%", "modes/pv/ 2 1 50.0%", "all of xen/ and modes/ 8 4 50.0%",
                 "all of devmodel/ 0 0 -"):
        require(line in sheet, f"no {line!r} in {sheet}")
    made.host = {(C, 6): 1, (A, 9): 1}
    require("all of xen/ and modes/ 8 4 50.0% 5 62.5%" in [" ".join(line.split()) for line in coverage.table(made)], "host")
    text = coverage.text_of(made, ["heading"])
    require(f"{C}:6  (host tests do)" in text and f"\n{A}: 7, 10\n" in text, f"text {text}")
    require(coverage.percent(9999, 10000) == "99.9%", "rounded up to all")


@test("coverage-info")
def info(_: Context) -> None:
    """In the form of lcov's tracefiles: sums hold, every line once."""
    made = counted()
    text = coverage.info_of(made, "machine", made.times)
    found: set[Line] = set()
    for record in text.split("end_of_record\n")[:-1]:
        name = next(line for line in record.splitlines() if line.startswith("SF:"))[len(f"SF:{ROOT}/"):]
        data = {(name, int(number)): int(times) for number, times in re.findall(r"^DA:(\d+),(\d+)$", record, re.MULTILINE)}
        require(all(made.times.get(line, 0) == times for line, times in data.items()), f"times of {name}")
        require(f"LF:{len(data)}\nLH:{sum(1 for times in data.values() if times)}\n" in record, f"sums of {name}")
        found |= data.keys()
    require(found == made.lines, "lines")
    require("FN:6,f\nFN:19,g\nFNDA:2,f\nFNDA:1,g\nFNF:2\nFNH:2\n" in text, f"functions: {text}")


@test("coverage-host")
def host(_: Context) -> None:
    said = [{"files": [{"file": "xen/lib/x.c", "lines": [{"line_number": 3, "count": 1}, {"line_number": 4, "count": 0}]},
                       {"file": f"{ROOT}/modes/y.h", "lines": [{"line_number": 5, "count": 2}]},
                       {"file": "tests/unit/z.c", "lines": [{"line_number": 6, "count": 2}]}]}]
    require(host_coverage.lines_of(said) == {("xen/lib/x.c", 3), ("modes/y.h", 5)}, f"{host_coverage.lines_of(said)}")


@test("coverage-words")
def words(_: Context) -> None:
    done = subprocess.run(["make", "-n", "--no-print-directory", "coverage", "ONLY=a b", "OUT=results/x", "DEBUG=1"], cwd=ROOT,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    for wanted in ("-m harness.coverage", '--only "a b"', '--out "results/x"', "--build debug"):
        require(wanted in done, f"make coverage: no {wanted} in {done}")
    done = subprocess.run([sys.executable, "-m", "harness.coverage", "--help"], cwd=ROOT, text=True, stdout=subprocess.PIPE).stdout
    require("ONLY=" in done and "OUT=" in done, "no help")
    refuses("no test of 'source' has a machine", "a run without machines", lambda: coverage.entry(["--only", "source"]))
    reached = Reached()
    for machine in (Machine(), Machine(hypervisor=Path("/nowhere/xen.elf"))):
        reached.watch(machine, Path("/nowhere/prism.elf"))
        require(machine.blocks is None, "a machine is asked that has no Prism, or one that is not known")


# In a process of its own, as it prints: the first of many tests is interrupted.
INTERRUPTED = """
import sys, time
from collections import Counter
from pathlib import Path
from harness import coverage, test
from harness.line_table import Build
from harness.testing import Test

def first(t):
    t.reached.add(Path("one"), Build(starts=[0, 4], owners=[("xen/a.c", 1), ("xen/a.c", 2)]))
    t.reached.machines, t.reached.times = 1, Counter({("xen/a.c", 1): 1})
    raise KeyboardInterrupt

test.images.build = test.build_prism = test.build_kernels = test.make = coverage.packages.install = lambda *_, **__: None
coverage.discover = lambda: [Test("one", first), *(Test(f"other{number}", lambda _: time.sleep(0.1)) for number in range(50))]
sys.exit(coverage.entry(["--jobs", "1", "--out", sys.argv[1]]))
"""


@test("coverage-interrupted")
def interrupted(_: Context) -> None:
    """No test begins after an interrupt, and what was reached before is shown."""
    with tempfile.TemporaryDirectory() as name:
        done = subprocess.run([sys.executable, "-c", INTERRUPTED, name], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120)
        said = " ".join(done.stdout.split())
        require(done.returncode == 130, f"status {done.returncode}: {said[-300:]}")
        require("other49" not in said and "all of xen/ and modes/ 2 1 50.0%" in said, f"it goes on, or shows nothing: {said[-300:]}")
        require("interrupted" in (Path(name) / "coverage.txt").read_text(), "what is left does not say so")


@test("coverage")
def real(t: Context) -> None:
    """A kernel in the control domain's place: what it must have come to, what it cannot have, and no more."""
    if not t.on_prism:
        raise Skip("Debian's Xen has no symbols here")
    reached = Reached()
    run_guest(replace(t, reached=reached), BUILD / "guests/pv64/test_descriptors.elf")
    require(reached.machines == 1, f"{reached.machines} machines")
    made = Counted(reached.lines, reached.times, reached.functions)
    missed = {(one.file, one.name) for one in coverage.missed_functions(made)}
    known = {(file, name) for file, every in reached.functions.items() for name, _, _ in every}
    come_to = {("xen/boot/head.S", "image_entry"), ("xen/boot/head.S", "high_address"), ("xen/boot/main.c", "prism_start"),
               ("xen/boot/multiboot.c", "parse_mb1"), ("modes/pv/descriptor.c", "pv_check_descriptor")}
    away_from = {("xen/boot/head.S", "unfit"), ("xen/lib/panic.c", "panic"), ("modes/pvh/hw_exit.c", "hw_exit")}
    require(come_to | away_from <= known, f"no such functions: {(come_to | away_from) - known}")
    require(not come_to & missed, f"not reached: {come_to & missed}")
    require(away_from <= missed, f"reached: {away_from - missed}")
    share = len(made.times.keys() & made.lines) / len(made.lines)
    require(0.1 < share < 0.6, f"{share:.0%} of all lines")
