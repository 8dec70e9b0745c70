# SPDX-License-Identifier: MIT
"""make explain: the story of a small log that is made up here, what it says of wrong words, and a real execution."""
from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from harness import explain, page, processes, results
from harness.rows import Row
from harness.common import BUILD, PRISM, ROOT
from harness.steps import Reader, Steps, Stretch
from harness.story import Entry, Teller, lines, sums
from harness.symbols import CALL, COUNTED, NAMED, RETURN, SETTLED, SYSCALL, Program
from harness.testing import Context, Skip, require, require_match, test

BEGIN, END = 0x70000010, 0x70000020
USER, GUEST, PRISM_TEXT = 0x400000, 0xffffffff81000000, 0xffff82d040000000
RING0, RING3, CONTAINER = 0x90, 0xb3, 1 << 21
EVENT = ("privileged", "page-fault")
CLOCK = 60    # instructions between the clock's readings that are not the operation


def program() -> Program:
    """entry calls handler at its second instruction and handler returns at its second; then entry is left."""
    found = Program(starts=[PRISM_TEXT, PRISM_TEXT + 16], names=["entry", "handler"])
    found.kinds = {PRISM_TEXT + 1: CALL, PRISM_TEXT + 17: RETURN}
    found.sites = {PRISM_TEXT: (NAMED, ("privileged", "exception")), PRISM_TEXT + 16: (NAMED, EVENT),
                   PRISM_TEXT + 17: (COUNTED, ("privileged", "cr3-load")), PRISM_TEXT + 30: (SETTLED, EVENT)}
    return found


def block(address: int, flags: int) -> str:
    return f"Trace 0: 0x7fc5d4000100 [0000000000000000/{address:016x}/{flags:08x}/ff020201] name/of/symbol\n"


def fault(vector: int) -> str:
    return f"check_exception\n   123: v={vector:02x} e=0004 i=0 cpl=3 IP=0033:0000000000400000 pc=0 SP=0 CR2=0\n"


def cr3(value: int) -> str:
    return f"CR3 update: CR3={value:016x}\n"


CROSSING = [block(PRISM_TEXT + place, RING0) for place in (0, 1, 16, 17, 2)]
LOG = "".join([
    block(USER, RING3), cr3(0x1000), block(BEGIN, RING3), block(USER, RING3), block(USER + 1, RING3), fault(14),
    *CROSSING, cr3(0x2000), block(PRISM_TEXT + 3, RING0), block(GUEST, RING3), block(GUEST + 1, RING3),
    "Stopped execution of TB chain before 0x7fc5d4000100 [ffffffff81000001] \n", block(GUEST + 1, RING3),
    "cpu_io_recompile: rewound execution of TB to ffffffff81000001\n", block(GUEST + 1, RING3), "a line of noise\n",
    block(PRISM_TEXT, RING0), cr3(0x3000), block(USER + 1, RING3), block(END, RING3), block(USER + 2, RING3)])


def stretches(text: str, hypervisor: Program | None) -> list[Stretch]:
    """As from the emulator: through a file, by lines."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "log"
        path.write_text(text)
        reader = Reader(path, Steps(hypervisor, BEGIN, END))
        reader.start()
        reader.join(60)
        return reader.steps.stretches


def outline(entries: list[Entry]) -> list[tuple[str, int, str]]:
    return [(entry.who, entry.count, entry.why) for entry in entries]


@test("explain-story")
def story(_: Context) -> None:
    entries = Teller({0x1000: 3, 0x2000: 3, 0x3000: 0}, "Prism").tell(stretches(LOG, program()))
    require(outline(entries) == [("guest program", 1, ""), ("Prism", 6, "page-fault (exception 14 #PF, cr3-load)"),
                                 ("guest kernel", 2, ""), ("Prism", 1, "exception"), ("control program", 1, "")],
            f"another story: {outline(entries)}")
    require(entries[1].way == ["entry", "handler"] and entries[3].way == ["entry"], f"by way of {entries[1].way}")
    require(entries[1].named == {EVENT: 1} and entries[1].column() == "privileged", f"charged to {entries[1].named}")
    require(sums(entries) == {"guest program": 1, "Prism": 7, "guest kernel": 2, "control program": 1, "all": 11}, "sums")
    nothing = LOG.replace(block(PRISM_TEXT, RING0) + cr3(0x3000), block(PRISM_TEXT, RING0) + cr3(0x3000) + fault(14)
                          + block(PRISM_TEXT + 16, RING0))
    entries = Teller({0x1000: 3, 0x2000: 3, 0x3000: 0}, "Prism").tell(stretches(nothing, program()))
    require(outline(entries)[3:] == [("Prism", 1, "exception"), ("control program", 0, ""),
                                     ("Prism", 1, "page-fault (exception 14 #PF)"), ("control program", 1, "")],
            f"a return to where nothing can be fetched: {outline(entries)}")
    inside = LOG.replace(f"{RING3:08x}", f"{CONTAINER | RING3:08x}").replace(f"{RING0:08x}", f"{CONTAINER | RING0:08x}")
    entries = Teller({}, "Prism").tell(stretches(inside, program()))
    require(outline(entries)[:3] == [("guest program", 1, ""), ("guest kernel", 6, "exception 14 #PF, no exit"),
                                     ("guest program", 2, "return, no exit")], f"in a container: {outline(entries)}")
    calls = block(BEGIN, RING3) + block(USER, RING3) + block(GUEST, RING0) + block(USER, RING3) + block(END, RING3)
    entries = Teller({}, "", Program(kinds={USER: SYSCALL})).tell(stretches(calls, None))
    require(outline(entries) == [("program", 1, ""), ("kernel", 1, "system call"), ("program", 1, "return")],
            f"on the bare machine: {outline(entries)}")
    switched = block(BEGIN, RING3) + block(USER, RING3) + block(PRISM_TEXT, RING0) + block(PRISM_TEXT + 30, RING0) \
        + block(PRISM_TEXT + 16, RING0) + block(USER, RING3) + block(END, RING3)
    require(stretches(switched, program())[1].named == {("privileged", "exception"): 1, EVENT: 1}, "a switch settles nothing")
    require(stretches(LOG[:LOG.index(cr3(0x1000))], program()) == [], "a story of what was not watched")


@test("explain-repeated")
def repeated(_: Context) -> None:
    pair = [Entry("guest kernel", 10), Entry("Prism", 5, "hypercall", ["a"], {EVENT: 1})]
    found = lines([Entry("guest program", 1), *pair * 3, Entry("guest program", 2)])
    require([line.number for line in found] == [1, 2, 2, 3, 8], f"numbers {[line.number for line in found]}")
    require_match("3 times these 2, 6 in all", found[1].text, "the remark")
    require([line.entry.count for line in found if line.entry] == [1, 30, 15, 2], "sums of what is repeated")
    require(found[3].entry is not None and found[3].entry.named == {EVENT: 3}, "charges of what is repeated")
    told = explain.Told(Row("pv", hypervisor=PRISM), [entry for entry in pair * 40], ticks=609, mean=600.0)
    for width in (explain.WIDE, explain.HALF):
        text = explain.sheet(told, "getppid", width)
        require(max(map(len, text)) <= width, f"{max(map(len, text))} columns, not {width}")


class Memory:
    """Tables that map one large page and one small one, and what is in them."""
    words = {0x1000: 0x2001, 0x2000: 0x3001, 0x3000: 0x4001, 0x3008: 0x40000000 | 0x81, 0x4008: 0x5000 | 0x8000000000000001}

    def ask(self, _: str) -> str:
        return "OK"

    def number(self, address: int, size: int = 8) -> int:
        return self.words.get(address, 0)

    def memory(self, address: int, size: int) -> bytes | None:
        return bytes(range(size)) if address == 0x5678 else None


@test("explain-processes")
def names(_: Context) -> None:
    memory: Any = Memory()
    for address, place in ((0x1678, 0x5678), (0x200000 + 0x12345, 0x40012345), (0x2000, None), (1 << 40, None)):
        found = processes.physical(memory, 0x1000, address)
        require(found == place, f"{address:#x} is at {found}, not {place}")
    content = bytes(0x77) + bytes(range(24)) + bytes(0x2678 - 0x77 - 24) + bytes(range(24))
    require(processes.holds(content, bytes(range(24)), 0x1678), "a page is not found")
    require(not processes.holds(content, bytes(range(24)), 0x1679), "a page is found at another place")
    require(processes.names(memory, {0x1000: {2: 0x2000}}) == {}, "what is not there has a name")


def run(*words: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", "harness.explain", *words], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


@test("explain-bad-words")
def bad_words(_: Context) -> None:
    for words, pattern in ((("--op", "getppd"), "^prism: there is no operation getppd; operations: getppid, "),
                           ((), "^prism: say which operation: OP="),
                           (("--op", "boot_read"), "^prism: boot_read is a moment of the boot"),
                           (("--op", "getppid", "--mode", "pw"), "^prism: there is no mode pw; modes: native, "),
                           (("--op", "getppid", "--mode", "pv,pvh,hvm"), "^prism: say one mode or two")):
        status, text = run(*words)
        require(status == 2 and text.count("\n") == 1, f"{words}: status {status}: {text}")
        require_match(pattern, text, "the answer")


@test("explain")
def real(t: Context) -> None:
    """A system call in PV: its crossings, and as many instructions as the guest's own clock has counted."""
    if not t.on_prism:
        raise Skip("the story is Prism's")
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        status, text = run("--op", "getppid", "--mode", "pv", "--out", name, "--hypervisor", str(t.hypervisor))
        t.log = BUILD / "explain" / "pv-getppid.log"
        require(status == 0, f"status {status}: {' | '.join(text.splitlines()[-2:])}")
        require_match(r"^ +\d+ +guest program +\d+$", text, "the story")
        require_match(r"^ +\d+ +Prism +\d+ +syscall -> privileged\n +pv_syscall_(plain|smap)", text, "the story")
        require_match(r"^ +\d+ +Prism +\d+ +iret -> privileged$", text, "the story")
        counts = {who: int(count.replace(",", "")) for who, count in re.findall(r"^  (\S.*?) +([\d,]+)$", text, re.MULTILINE)}
        require(counts["guest program"] + counts["guest kernel"] + counts["Prism"] == counts["all"], f"not a sum: {counts}")
        clock = int(require_match(r"clock ([\d,]+) instructions", text, "the clock").group(1).replace(",", ""))
        require(0 <= clock - counts["all"] <= CLOCK, f"{counts['all']} instructions, and by the guest's clock {clock}")
        mean = int(require_match(r"round before ([\d,]+)\.", text, "the mean").group(1).replace(",", ""))
        require(abs(counts["all"] - mean) <= CLOCK, f"{counts['all']} instructions, and in a round {mean}")
        file = out / "explain-pv-getppid.txt"
        require(file.read_text() in text, "the file says something else")


@test("explain-page")
def linked(_: Context) -> None:
    """A number of the report leads to its story, or to how to get it."""
    row: results.Row = {"mode": "pv", "name": "pv", "peer": False}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = f"make explain OP=stat MODE=pv OUT={folder}"
        require(page.story(row, "stat", folder) == ("#explain-pv-stat", command), "no note")
        (folder / "explain-pv-stat.txt").write_text("")
        require(page.story(row, "stat", folder) == ("explain-pv-stat.txt", command), "no story")
    require('id="explain"' in page.EXPLAIN, "the note cannot be found")
