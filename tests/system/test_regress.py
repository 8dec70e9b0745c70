# SPDX-License-Identifier: MIT
"""make regress: with results that are made up, what it finds and what it says; on machines, that the tree moves nothing."""
from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable
from unittest import mock

from harness import beside, costs, moved, regress, results
from harness.common import BUILD, ROOT, Problem, run as run_program
from harness.machine import Machine, link_boot_files
from harness.rows import fingerprint
from harness.testing import VERSIONS, Context, refuses, require, require_match, test
from test_bench import start

Change = Callable[[results.Content], Any]
FILES = {"prism.elf": "5ba1", "vmlinuz": "6e1", "guest.img": "9e57", "qemu-system-x86_64": "e1", "xl": "71"}
PACKAGES = {"seabios": "1.16", "gnuplot-nox": "5.4", "xen-utils-4.17": "4.17.7"}
# Five rounds of 1000 operations, a system call that traps once, and some of what timers bring.
EVENTS = {"privileged/syscall": [5000, 400_000], "privileged/hypercall:iret": [5000, 0], "interrupts/timer": [2, 40_000]}
ACCOUNT = {"rounds": 5, "operations": 5000, "ticks": 2_000_000, "idle": 0, "other": 0,
           "domain": {"own": 1_500_000, "events": EVENTS},
           "control": {"own": 0, "events": {"interrupts/schedule": [3, 60_000]}}}
SEES = {"cpuid": {"plain:00000001": "800f12 800 fed83203 789c3f5", "plain:00000007.0": "0 880129 0 0"},
        "clocks": {"source/clocksource0": "xen"}, "interrupts": {"5": "xen-dyn -event xenbus"}}


def whole(**more: Any) -> results.Content:
    """The bare machine, and PV and HVM guests with accounts, all of which say what they see."""
    def one(mode: str, cost: float) -> results.Row:
        prism = None if mode == "native" else "prism.elf"
        return {"name": mode, "title": mode.upper(), "mode": mode, "peer": False, "hypervisor": prism,
                "hypervisor_sha256": prism and FILES[prism], "arguments": ["qemu"], "log": f"{mode}.log", "reason": None,
                "reasons": {}, "absent": {}, "identity": {"kernel": "1", "words": "w", "memory": "256 MiB", "vcpus": "1"},
                "costs": {"getppid": [cost] * 5, "timer_interrupt": [3000.0] * 5},
                "accounts": {"getppid": copy.deepcopy(ACCOUNT)} if prism else {}, "sees": copy.deepcopy(SEES)}
    return results.finish({"commit": "c", "emulator": "e", "host": "h", "quick": False, "complete": True,
                           "versions": {**VERSIONS, "build": "release", "files": FILES, "packages": PACKAGES},
                           "operations": ["getppid", "timer_interrupt"],
                           "rows": [one("native", 300), one("pv", 400), one("hvm", 310)], **more}, costs.load())


def changed(*changes: Change) -> results.Content:
    content = whole()
    for change in changes:
        change(content)
    return content


def other_prism(content: results.Content) -> None:
    """Of another build of Prism: counts need not be the same to the last one."""
    content["versions"] = {**content["versions"], "files": {**FILES, "prism.elf": "07e4"}}
    for one in content["rows"][1:]:
        one["hypervisor_sha256"] = "07e4"


def pv(content: results.Content) -> results.Row:
    return content["rows"][1]    # type: ignore[no-any-return]


def count(owner: str, event: str, number: int) -> Change:
    """Plants a number of an event in PV's getppid."""
    return lambda content: pv(content)["accounts"]["getppid"][owner]["events"].update({event: [number, 0]})


def getppid(cost: float) -> Change:
    return lambda content: pv(content)["costs"].update(getppid=[cost] * 5)


def finds(what: str, wanted: list[tuple[str, ...]], *changes: Change, bound: float | None = None) -> None:
    """That exactly these moved: row, column, cell, before, after of each."""
    found = moved.differences(whole(), changed(*changes), bound)
    shown = [(*one.where, one.before, one.after) for one in found]
    require(shown == wanted, f"{what}: {shown}, not {wanted}")


@test("regress-cells")
def cells(_: Context) -> None:
    """Equal parts: every count is the same. Other parts: within the bound, an interrupt more or less being none."""
    syscalls = ("pv", "privileged", "getppid syscall, guest", "1")
    finds("the same", [])
    finds("one event more in all", [(*syscalls, "1.0002")], count("domain", "privileged/syscall", 5001))
    finds("one instruction more", [("pv", "cost", "getppid", "400", "401")], getppid(401))
    finds("an event that was not there", [("pv", "io", "getppid exit:port, control domain", "0", "0.0002")],
          count("control", "io/exit:port", 1))
    finds("one that went", [("pv", "interrupts", "getppid timer, guest", "0.0004", "0")],
          lambda content: pv(content)["accounts"]["getppid"]["domain"]["events"].pop("interrupts/timer"))
    finds("another build", [], other_prism)
    finds("a timer interrupt more in each round", [], other_prism, getppid(403), count("domain", "interrupts/timer", 7))
    finds("more than that", [("pv", "cost", "getppid", "400", "406")], other_prism, getppid(406))
    finds("one event more in each operation", [("pv", "privileged", "getppid hypercall:iret, guest", "1", "2")], other_prism,
          count("domain", "privileged/hypercall:iret", 10000))
    finds("the same by a bound of nothing", [("pv", "cost", "getppid", "400", "400.5")], other_prism, getppid(400.5), bound=0)
    finds("the same by a wide bound", [], getppid(420), bound=0.1)
    finds("an instruction more on another machine", [], getppid(401),
          lambda content: pv(content).update(arguments=["qemu", "-x"]))
    finds("an instruction more from another place", [("pv", "cost", "getppid", "400", "401")], getppid(401),
          lambda content: pv(content).update(arguments=["/usr/bin/qemu"]))
    finds("rounds that do not agree", [], other_prism,
          lambda content: pv(content).update(unsteady=["getppid"]),
          lambda content: pv(content)["costs"].update(getppid=[395, 420, 430]))
    require(moved.within(whole(), whole(), None) == "to the last count", "equal parts have a bound")
    require(moved.within(whole(), changed(other_prism), None) == "within 0.5%", "other parts have none")


@test("regress-outcomes")
def outcomes(_: Context) -> None:
    """A cell that was lost, a row that was; what the guest sees; what its machine is."""
    finds("a cell that fails", [("pv", "outcome", "getppid", "ok", "failed: a wrong answer")],
          lambda content: pv(content).update(reasons={"getppid": "a wrong answer"}))
    finds("a cell that is gone", [("pv", "outcome", "timer_interrupt", "ok", "failed: not measured")],
          lambda content: pv(content)["costs"].pop("timer_interrupt"))
    finds("a row that fails", [("pv", "outcome", "all", "ok", "failed: it hangs")],
          lambda content: pv(content).update(reason="it hangs", costs={}, accounts={}, sees={}))
    finds("a line that the guest sees", [("pv", "clocks", "source/clocksource0", "xen", "tsc")],
          lambda content: pv(content)["sees"]["clocks"].update({"source/clocksource0": "tsc"}))
    finds("lines more and less",
          [("pv", "cpuid", "plain:00000007.0", "0 880129 0 0", "-"), ("pv", "devices", "disk/sda", "-", "1")],
          lambda content: pv(content)["sees"]["cpuid"].pop("plain:00000007.0"),
          lambda content: pv(content)["sees"].update(devices={"disk/sda": "1"}))
    finds("a guest that says nothing", [("pv", "sees", "all", "4 lines", "-")], lambda content: pv(content).update(sees={}))
    finds("less memory", [("pv", "identity", "memory", "256 MiB", "255 MiB")],
          lambda content: pv(content)["identity"].update(memory="255 MiB"))
    slow = changed(lambda content: content["rows"][0].update(steady=False))
    require(moved.remarks(whole(), slow, None) == [], "latency where no disk is measured")
    kernel = changed(lambda content: pv(content)["identity"].update(kernel="2"))
    require_match(r"^not the same kernel.*: pv$", "\n".join(moved.remarks(whole(), kernel, None)), "the remarks")


@test("regress-sees")
def sees(_: Context) -> None:
    """Lines of the guest's become a fingerprint if all of them have come; a result keeps it, and is read without it too."""
    text = ("guest: BENCH-SEES cpuid plain:00000000 d 68747541\nBENCH-SEES devices disk/sda 8 0 sd \r\n"
            "BENCH-SEES devices console/console -\nguest: BENCH-SEES-END {}\n")
    wanted = {"cpuid": {"plain:00000000": "d 68747541"}, "devices": {"disk/sda": "8 0 sd", "console/console": "-"}}
    require(fingerprint(text.format(3)) == wanted, f"{fingerprint(text.format(3))}")
    require(fingerprint(text.format(4)) == fingerprint("") == {}, "a line that was lost is not missed")
    results.validate(json.loads(json.dumps(whole())), "it")
    for wrong in ([], {"cpuid": []}, {"cpuid": {"plain": 1}}):
        content = changed(lambda content: pv(content).update(sees=wrong))
        refuses(r"rows\[1\]\.sees", f"a fingerprint like {wrong}", lambda: results.validate(content, "it"))
    old = changed(lambda content: [one.pop("sees") for one in content["rows"]])
    results.validate(old, "it")
    require(moved.differences(old, whole()) == [], "what was not known has moved")
    require(moved.blind(old, ["pv", "hvm"]) == ["pv", "hvm"], "nobody notices that it was not known")


def told(*words: object) -> tuple[int, str, str]:
    """Status, table and remarks of make regress."""
    done = subprocess.run([sys.executable, "-m", "harness.regress", *map(str, words)], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout, done.stderr


@test("regress-status")
def statuses(_: Context) -> None:
    """Nothing moved: 0. Something: 1, and a line that says where. What cannot be told: 2, and one line."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / one for one in ("before", "same", "planted", "blind", "cut")]
        planted = changed(count("domain", "privileged/hypercall:iret", 5005))
        blind = changed(lambda content: [one.pop("sees") for one in content["rows"]])
        for folder, content in zip(folders, (whole(), whole(), planted, blind, whole(complete=False))):
            results.write(folder, content)
        before, same, other, unseen, cut = folders
        status, table, said = told("--reference", before, "--result", same)
        require((status, table) == (0, ""), f"nothing moved: status {status}, {table}")
        require_match(r"^prism: nothing moved since \S+: 3 rows, 2 operations, to the last count$", said, "what is said")
        status, table, said = told("--reference", before, "--result", other)
        require(status == 1 and table.count("\n") == 2, f"a planted event: status {status}, {table}")
        require_match(r"^row +column +cell +before +after$", table, "the table's head")
        require_match(r"^pv +privileged +getppid hypercall:iret, guest +1 +1\.001$", table, "the table")
        require_match(r"^prism: 1 cells moved since ", said, "what is said")
        status, table, said = told("--reference", unseen, "--result", same)
        require((status, table) == (2, ""), f"no fingerprint: status {status}, {table}")
        require_match(r"does not say what guests see in native, pv, hvm, .*make bench PEER=1 OUT=", said, "what is said")
        for words, pattern in ((("--reference", cut), "is incomplete"), (("--reference", Path(name) / "none"), "No such file"),
                               (("--reference", before, "--modes", "pvh"), "no row pvh to compare .* native, pv, hvm$"),
                               (("--reference", before, "--ops", "stat"), "has no operation stat"),
                               (("--bound", "-1"), "no percentage"),
                               (("--base", "no such thing"), "is no commit of this checkout"),
                               (("--base=--help",), "is no commit of this checkout"),
                               (("--base", "HEAD", "--result", same), "BASE= goes without")):
            status, table, said = told(*words)
            if "no commit" in pattern and "no git checkout" in said:
                pattern = "no git checkout"    # a source archive
            require(status == 2 and table == "", f"{words}: status {status}")
            require(said.startswith("prism: ") and said.count("\n") == 1, f"more than a line: {said[:400]}")
            require_match(pattern, said, f"make regress {words}")


@test("regress-parts")
def parts(_: Context) -> None:
    """Other packages than the reference's: that is said, and its commit is run instead. What this source makes is none."""
    here = whole()["versions"]

    def with_file(name: str) -> dict[str, Any]:
        return {**here, "files": {**FILES, name: "0"}}

    def with_package(name: str) -> dict[str, Any]:
        return {**here, "packages": {**PACKAGES, name: "5"}}

    for name in ("prism.elf", "guest.img"):
        require(regress.foreign(here, with_file(name)) == [], f"{name} is not of this source")
    for name in ("vmlinuz", "xl", "qemu-system-x86_64"):
        require(regress.foreign(here, with_file(name)) == [name], f"{name}: {regress.foreign(here, with_file(name))}")
    require(regress.foreign(here, with_package("gnuplot-nox")) == [], "pictures count")
    require(regress.foreign(here, with_package("xen-utils-4.17")) == ["xen-utils-4.17 4.17.7, here 5"], "another xl")
    require(regress.foreign(here, {**here, "build": "debug"}) == ["a release build, here debug"], "another build")

    chosen, old, words = regress.options(["--reference", "r", "--out", "o"]), whole(commit="abc1234"), ["--modes", "pv"]
    done: list[object] = []

    def commit(name: str) -> str:
        done.append(name)
        return "f" * 40

    def prepare(name: str, debug: bool) -> Path:
        done.append((name, debug))
        return Path("t")

    def measure(tree: Path, out: Path, words: list[str]) -> results.Content:
        done.append((str(tree), out.name, *words))
        return whole()

    with mock.patch.multiple(beside, commit=commit, prepare=prepare, measure=measure):
        require(regress.before_of(chosen, old, here, words) == (old, "r") and not done, f"equal parts: {done}")
        found = regress.before_of(chosen, old, with_file("vmlinuz"), words)
    require(found == (whole(), "f" * 12), f"it is compared with {found[1]}")
    require(done == ["abc1234", ("f" * 40, False), ("t", "before", "--modes", "pv")], f"{done}")
    for name in ("abc1234-dirty", "unknown"):
        refuses(r"was not committed .*BASE=$", f"a reference of {name}",
                lambda: beside.commit_of(whole(commit=name), Path("r")))


@test("regress-commit")
def other_commit(_: Context) -> None:
    """A commit's source is put under build/, also in place of another, and without touching this one."""
    try:
        names = [beside.commit(word) for word in ("HEAD", "HEAD~1")]
    except Problem as problem:
        require_match("no git checkout|no commit", str(problem), "what is said")    # a source archive, or a shallow one
        return
    before, kept = run_program("git", "-C", ROOT, "status", "--porcelain"), beside.SOURCE
    beside.SOURCE = BUILD / "tests" / "regress-source"
    try:
        for name in names:
            beside.check_out(name)
            beside.share_packages()
            require(run_program("git", "-C", beside.SOURCE, "rev-parse", "HEAD").strip() == name, f"it is not {name}")
            require((beside.SOURCE / "harness/bench.py").exists(), "there is no benchmark in it")
        require(run_program("git", "-C", ROOT, "status", "--porcelain") == before, "this tree was changed")
    finally:
        shutil.rmtree(beside.SOURCE, ignore_errors=True)
        run_program("git", "-C", ROOT, "worktree", "prune")
        beside.SOURCE = kept


@test("regress-places")
def places(_: Context) -> None:
    """A loader is told the same, wherever the files lie; where two have one name, or a word may name a file, whole paths."""
    with tempfile.TemporaryDirectory() as name:
        told_of = []
        for place in ("a", "much/longer"):
            folder = Path(name) / place / "boot"
            files = [folder.parent / one for one in ("prism.elf", "vmlinuz", "control.img")]
            folder.mkdir(parents=True)
            for file in files:
                file.write_text(place)
            machine = Machine(hypervisor=files[0], kernel=files[1], ramdisk=files[2])
            told_of.append(machine.arguments(link_boot_files(machine, folder)))
            require(all((folder / file.name).read_text() == place for file in files), "a link leads elsewhere")
        require(told_of[0] == told_of[1] and "prism.elf" in told_of[0] and name not in " ".join(told_of[0]), f"{told_of}")
        for other in (replace(machine, ramdisk=Path("/vmlinuz")), replace(machine, extra=["-D", "file"]),
                      replace(machine, hypervisor=None)):
            require(link_boot_files(other, folder) == {}, "there are links")


@test("regress-make")
def make_words(_: Context) -> None:
    """OUT= is a place for results, also of a make that builds first; without it the harness chooses one."""
    for verb, more in (("bench", ""), ("regress", ""), ("explain", "OP=getppid")):
        for place in ("", "results/x"):
            done = run_program("make", "-n", "--no-print-directory", verb, *more.split(), *([f"OUT={place}"] if place else []),
                               cwd=ROOT)
            require_match(rf"-m harness\.{verb}\b", done, f"make {verb}")
            require(re.findall(r"--out (\S+)", done) == [f'"{place}"'] * bool(place), f"make {verb} OUT={place}: {done[-300:]}")
            require("results/x/" not in done, f"make {verb} builds where results go")


@test("regress-bench")
def machines(t: Context) -> None:
    """The tree against itself: nothing moves, to the last count. A planted event is one line."""
    out = BUILD / "tests" / "regress"
    shutil.rmtree(out, ignore_errors=True)
    running = start(t, out / "reference", "--modes", "pv", "--ops", "getppid read_4k")
    text = running.communicate()[0]
    t.log = out / "reference" / ("pv.log" if t.on_prism else "xen-pv.log")
    require(running.returncode == 0, " | ".join(line for line in text.splitlines() if "FAIL" in line or "prism:" in line)[:400])
    reference = results.load(out / "reference")
    shown = reference["rows"][0]["sees"]
    require({"cpuid", "clocks", "devices", "hypervisor", "interrupts"} <= set(shown), f"the guest sees {sorted(shown)}")
    require(shown["clocks"]["source/clocksource0"] == "xen", f"clocks: {shown['clocks']}")
    if not t.on_prism:
        return
    words = ["--reference", out / "reference", "--hypervisor", t.hypervisor, "--jobs", "1"]
    status, table, said = told(*words, "--out", out)
    require((status, table) == (0, ""), f"status {status}: {table[:600]} {said[-300:]}")
    require_match(r"nothing moved since .*: 1 rows, 2 operations, to the last count$", said, "what is said")
    event = reference["rows"][0]["accounts"]["read_4k"]["domain"]["events"]["interrupts/upcall"]
    event[0] += 1
    results.write(out / "planted", reference)
    status, table, said = told("--reference", out / "planted", "--result", out / "after")
    require(status == 1 and table.count("\n") == 2, f"status {status}: {table[:600]}")
    require_match(r"^pv +interrupts +read_4k upcall, guest +", table, "the table")
