# SPDX-License-Identifier: MIT
"""How a result is shown: doubts, ratios to the bare machine and to Xen, events, words and links, of numbers made up here."""
from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from harness import (accounts, bench, costs, gnuplot, ledger, page, plots, remarks, report, results, rows, summary, terms,
                     versions)
from harness.common import ROOT, Problem
from harness.testing import VERSIONS, Context, require, require_match, test

PAID = """BENCH name=getppid round=0 operations=10 ticks=2000 mark=0
BENCH-PAID 0 all - - 1 2000
BENCH-PAID 0 domain - own 0 1000
BENCH-PAID 0 domain privileged syscall 10 700
BENCH-PAID 0 domain privileged tlb-flush 5 0
BENCH-PAID 0 control interrupts event-channel 1 300
"""


def account() -> dict[str, accounts.Account]:
    """With an event of a kind, as the hypervisor names them."""
    found = accounts.read(PAID)
    found["getppid"]["domain"]["events"]["privileged/hypercall:mmu_update"] = [3, 0]
    return found


def row(mode: str, peer: bool, getppid: list[float], **more: Any) -> results.Row:
    name = f"xen-{mode}" if peer else mode
    return {"name": name, "title": f"{mode.upper()}, {'Xen' if peer else 'Prism'}", "mode": mode, "peer": peer,
            "hypervisor": None if mode == "native" else "h.elf", "identity": {"kernel": "1"},
            "costs": {"getppid": getppid, "sleep_late": [10.0, 30.0, 20.0, 40.0], "boot_read": [1000.0]}, "reasons": {},
            "absent": {}, "reason": None, "accounts": {}, "arguments": ["qemu"], "log": "l", **more}


def result() -> results.Content:
    """The bare machine, and PV on Prism, where it is cheaper, and PVH, where it is dearer than on Xen."""
    all_rows = [row("native", False, [100.0], steady=False, clocksource="tsc"),
                row("pv", False, [200.0], unsteady=["sleep_late"], accounts=account(), clocksource="xen",
                    boot_wall_seconds=4.0, create_ticks=1_500_000_000),
                row("pv", True, [400.0], more="nopv", boot_wall_seconds=8.0), row("pvh", False, [110.0]),
                row("pvh", True, [100.0])]
    return results.finish({"commit": "c", "emulator": "e", "host": "h",
                           "versions": dict(VERSIONS), "quick": True, "complete": False, "operations":
                           ["getppid", "sleep_late", "boot_read"], "rows": all_rows}, costs.load())


class Balance(HTMLParser):
    """Whether each element that is opened is closed, in order; and what leads where."""
    VOID = ("br", "meta")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)
        require(not self.opened, f"not closed: {self.opened}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.links += [found["href"] or ""] if tag == "a" else []
        self.places |= {found["id"] or ""} if "id" in found else set()
        if tag not in self.VOID:
            self.opened.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        require(bool(self.opened) and self.opened.pop() == tag, f"{tag} is closed before it is opened: {self.getpos()}")


def written(folder: Path) -> str:
    return page.write(result(), folder).read_text()


@test("report-median")
def median(_: Context) -> None:
    """A number that was measured, also of an even number of rounds; where they do not agree, from where to where."""
    content = result()
    pv = content["rows"][1]
    require(results.cost(pv, "sleep_late") == 20 and results.span(pv, "sleep_late") == (10, 40), "PV's sleep_late")
    require(results.span(content["rows"][2], "sleep_late") is None, "rounds that agree have a range")
    with tempfile.TemporaryDirectory() as name:
        require_match(r">20</a><br><span class=\"s apart\">10 to 40<", written(Path(name)), "the page's cell")
    require_match(r"^PV, Prism: rounds do not agree within 1%: sleep_late \(10 to 40\)$", report.table(content), "the terminal")


@test("report-ratios")
def ratios(_: Context) -> None:
    """To the bare machine and to Xen, on the terminal, on the page and in the table."""
    content = result()
    require_match(r"^operation +machine +machine +to Xen$", report.table(content), "the heads")
    require_match(r"^getppid +100 +200 +2\.00x +400 +4\.00x +0\.50x$", report.table(content), "the terminal")
    with tempfile.TemporaryDirectory() as name:
        text = written(Path(name))
    require_match(r"<td><a [^>]*>200</a><br><span class=\"s\">2\.00x bare</span><br><span class=\"s\">0\.50x Xen</span>", text,
                  "PV")
    require_match(r"<td class=dear><a [^>]*>110</a><br>.*1\.10x bare.*1\.10x Xen", text, "PVH, which is dearer than Xen's")
    require(text.count("<td class=dear>") == 1, "another cell is shown as dearer")
    lines = {(line["row"], line["operation"]): line for line in csv.DictReader(io.StringIO(results.as_csv(content)))}
    require((lines["pv", "getppid"]["to_native"], lines["pv", "getppid"]["to_xen"]) == ("2.0", "0.5"), "results.csv, PV")
    require((lines["xen-pv", "getppid"]["to_native"], lines["xen-pv", "getppid"]["to_xen"]) == ("4.0", ""), "results.csv, Xen")
    require([lines["pv", name]["steady"] for name in content["operations"]] == ["yes", "no", "yes"], "results.csv, steady")


@test("report-remarks")
def doubts(_: Context) -> None:
    """What the terminal says beside the numbers, the page says too."""
    content = result()
    texts = [one.text for one in remarks.remarks(content)]
    with tempfile.TemporaryDirectory() as name:
        html = written(Path(name))
    for pattern in (r"^INCOMPLETE", r"rounds do not agree", r"^PV, Xen: the guest's kernel is told nopv", r"^Not run as root",
                    r"tsc: NATIVE, Prism\. xen: PV, Prism", r"QUICK=1"):
        require(any(re.search(pattern, text) for text in texts), f"nothing says {pattern}: {texts}")
    for text in texts:
        require(text in report.table(content), f"the terminal does not say: {text}")
        require(text.replace("'", "&#x27;") in html, f"the page does not say: {text}")
    for text in ("4.00 s wall (0.50 of Xen's)", "1.50 s virtual", remarks.WALL):
        require(text in report.table(content) and text.replace("'", "&#x27;") in html, f"not everywhere: {text}")


@test("report-events")
def events(_: Context) -> None:
    """The ledger's events of an operation, whatever their names are, on the page and in events.csv."""
    found = ledger.events(account()["getppid"])
    require([(one.name, one.count, one.ticks) for one in found]
            == [("syscall", 1, 70), ("event-channel", 0.1, 30), ("tlb-flush", 0.5, 0), ("hypercall:mmu_update", 0.3, 0)],
            f"{found}")
    require("hypercall" in ledger.meaning("hypercall:mmu_update") and ledger.meaning("nothing") == "", "meanings")
    with tempfile.TemporaryDirectory() as name:
        results.write(Path(name), result())
        lines = list(csv.DictReader(io.StringIO((Path(name) / "events.csv").read_text())))
        text = written(Path(name))
    require(len(lines) == 4 and lines[0]["event"] == "syscall" and lines[0]["ticks_per_operation"] == "70.0", f"{lines}")
    require(lines[1]["owner"] == "control domain" and lines[3]["count_per_operation"] == "0.3", f"{lines}")
    require_match(r"<summary>getppid: 1\.1 crossings, 100 instructions of Prism's</summary>", text, "the page")
    require_match(r"<td>hypercall:mmu_update</td>", text, "the page")


@test("report-words")
def words(_: Context) -> None:
    """Each operation and each row has a line that says what it is; the summary is of the numbers."""
    require(tuple(terms.OPERATIONS) == rows.OPERATIONS, "harness/terms.py does not explain the operations that there are")
    require(set(terms.ROWS) == set(rows.MODES) and set(terms.COLUMNS) == set(accounts.PAYERS),
            "rows or columns are not explained")
    require(set(gnuplot.ROW_COLOURS) == set(rows.MODES), "a row has no colour")
    require(len(set(gnuplot.ROW_COLOURS.values())) == len(rows.MODES), "two rows have one colour")
    require(all(meaning in terms.help_text(bench.OPERATIONS) for meaning in ("getppid  ", "RDTSC", "memory")), "--help")
    text = "\n".join(summary.sentences(result()))
    for pattern in (r"^PV, Prism: 1 of 3 operations cost over 5% more .* Dearest: getppid \(2\.0 times\)",
                    r"privileged instructions in 1",
                    r"^Dearer than Xen, the most first: getppid in PVH \(1\.10 of Xen's\)\.$",
                    r"^System calls: PV, Prism pays most, .*; PVH, Prism least", r"interrupted",
                    r"sleep_late in PV, Prism \(10 to 40\)"):
        require_match(pattern, text, "the summary")
    alone = result()
    alone["rows"] = alone["rows"][1:]
    require_match(r"^PV, Prism: Beside the guest itself, most goes to privileged instructions in 1",
                  "\n".join(summary.sentences(alone)), "the summary without the bare machine")
    require_match("kernel's own clock", " ".join(summary.limits(result())), "what the numbers are not")


@test("report-links")
def links(_: Context) -> None:
    """A number leads to its story, or to the command that makes it, or, where there can be none, nowhere."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "explain-pv-getppid.txt").write_text("a story\n")
        text = written(folder)
        found = Balance(text)
        for link in found.links:
            known = link[1:] in found.places if link.startswith("#") else (folder / link).exists()
            require(known, f"the page leads to {link}, where nothing is")
        require("explain-pv-getppid.txt" in found.links and "#explain-xen-pv-getppid" in found.links, f"links: {found.links}")
        require(not any("boot_read" in link for link in found.links), "a story of the boot is offered")
        require_match(rf"make explain OP=getppid MODE=pv PEER=1 OUT={name}</code>", text, "the command")


@test("report-colours")
def colours(_: Context) -> None:
    """A row looks the same in all pictures, Xen's not as Prism's; far rounds do not flatten the others; what a picture leaves
    out is said."""
    content = result()
    looks = [gnuplot.bar(one) for one in content["rows"]]
    require(len(set(looks)) == len(looks), f"two rows look the same: {looks}")
    require(gnuplot.colour_of(content["rows"][1]) == gnuplot.colour_of(content["rows"][2]), "Xen's row has another hue")
    require(plots.edge([1.0] * 20 + [120.0]) < 10 and plots.edge([1.0, 1.5]) == 1.5 and plots.edge([]) == 1, "the scale's end")
    content["rows"][0]["costs"].pop("sleep_late")
    caption = plots.pictures(content)["relative-calls"].caption
    require_match("Cost of system calls, boot by row.*Not shown, since the bare machine has no number: sleep_late", caption,
                  "the caption of small groups, which are together")
    names = [name for name in terms.OPERATIONS if terms.group_of(name) in ("calls", "memory", "boot")]
    found = [(groups, len(members)) for groups, members in gnuplot.together(names, 10)]
    require(found == [(["calls"], 9), (["memory"], 5), (["boot"], 2)], f"groups that are not small: {found}")
    require(gnuplot.together(names, 4)[0][0] == ["calls", "memory"], "two groups that are small are apart")


@test("report-again")
def again(_: Context) -> None:
    """A result's page, pictures and tables can be made again without measuring."""
    with tempfile.TemporaryDirectory() as name:
        results.write(Path(name), result())
        (Path(name) / "results.csv").unlink()
        for suffix in ("gnuplot", "png"):
            (Path(name) / f"rounds-memory.{suffix}").write_text("of an earlier result")
        done = subprocess.run([sys.executable, "-m", "harness.report", name], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        require(done.returncode == 0, done.stdout)
        require_match(r"^getppid +100 +200 ", done.stdout, "the terminal")
        for file in ("report.html", "results.csv", "events.csv", "bench.png", "relative-calls.svg"):
            require((Path(name) / file).exists(), f"{file} is not made")
        require(not list(Path(name).glob("rounds-memory*")), "a picture of an earlier result is left")


@test("report-versions")
def of_what(t: Context) -> None:
    """A result says of what it was made; one that does not is none."""
    with tempfile.TemporaryDirectory() as name:
        text = written(Path(name))
        for pattern in (r"2026-01-02, commit c, release build of Prism",
                        r"<td>prism\.elf</td><td><code>5ba1</code>", r"seabios</td>",
                        r"90 s of wall time"):
            require_match(pattern, text, "the page")
        release = Path(name) / "prism.elf"
        release.write_bytes(b"\x7fELF")
        require(versions.build_of(release) == "release" and versions.build_of(Path(name) / "none") == "unknown",
                "a release build")
    require(versions.DEBUG.decode() in (ROOT / "xen/lib/spinlock.c").read_text(),
            "debug builds do not say what they are known by")
    require(versions.build_of(t.hypervisor) == t.build or not t.on_prism, f"{t.hypervisor} is no {t.build} build")
    found = versions.of_run([rows.Row("hvm", hypervisor=t.hypervisor)], [], "amd-2020")
    require({"amd-2020.toml", "qemu-system-x86_64", t.hypervisor.name} <= set(found["files"]),
            f"files: {sorted(found['files'])}")
    require("qemu-system-x86" in found["packages"], f"packages: {found['packages']}")
    content = result()
    content["versions"].pop("date")
    try:
        results.validate(content, "it")
    except Problem as problem:
        require_match("versions has no field date", str(problem), "a result without a date")
    else:
        require(False, "a result without a date is taken")
