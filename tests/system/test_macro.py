# SPDX-License-Identifier: MIT
"""The known loads of make bench: their names, what becomes of their lines, and two of them in a PV guest."""
from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import accounts, bench, compare, costs, macro, page, report, results
from harness.common import BUILD, ROOT, Problem
from harness.testing import VERSIONS, Context, Failure, require, require_match, test

LOG = """BENCH-MARKS yes
BENCH name=hackbench round=0 operations=1 ticks=73000000 mark=97
BENCH-OK name=hackbench
BENCH-FAIL name=fio reason=status 1: fio: no space
BENCH name=iperf3 round=0 operations=1 ticks=1000 mark=98
BENCH-FAIL name=iperf3 reason=12 bytes came of 2097152
BENCH-PAID 97 all - - 1 73000100
BENCH-PAID 97 domain - own 0 60000000
BENCH-PAID 97 domain interrupts schedule 3 13000000
BENCH-PAID 97 domain privileged mark 1 60
BENCH-PAID 97 idle - - 0 40
"""
NATIVE_LOG = """BENCH name=hackbench round=0 operations=1 ticks=50000000 mark=97
BENCH-OK name=hackbench
BENCH name=fio round=0 operations=1 ticks=7000 mark=96
BENCH-OK name=fio
BENCH-ABSENT name=iperf3 reason=there is no other side of a network
"""
LOADS = ("fio", "hackbench", "iperf3")


def read(mode: str, log: str) -> bench.Row:
    row = bench.Row(mode)
    bench.parse(row, log)
    row.identity = {"kernel": "1", "ramdisk": "2", "disk": "3", "words": "w"}
    return row


def run(t: Context, out: Path, *words: str) -> tuple[int, str]:
    """make bench; its status and what it said."""
    shutil.rmtree(out, ignore_errors=True)
    which = ["--hypervisor", str(t.hypervisor)] if t.on_prism else ["--only-peer"]
    done = subprocess.run([sys.executable, "-m", "harness.bench", "--quick", "--jobs", "1", "--out", str(out), *which, *words],
                          cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def made_up() -> tuple[list[bench.Row], results.Content]:
    rows = [read("native", NATIVE_LOG), read("pv", LOG)]
    around = {"commit": "c", "emulator": "e", "host": "h",
              "versions": VERSIONS, "quick": True, "complete": True, "operations": [], "rows": []}
    return rows, results.finish(around, costs.load(costs.DEFAULT), None, [bench.as_json(row) for row in rows], LOADS)


@test("macro-names")
def names(_: Context) -> None:
    require(macro.chosen("") == macro.chosen("0") == (), "no loads are asked for")
    require(macro.chosen("1") == macro.chosen("all") == tuple(macro.LOADS), "all are asked for")
    require(macro.chosen("hackbench,fio") == ("fio", "hackbench"), "two are asked for")
    try:
        macro.chosen("fio fio2")
    except Problem as problem:
        require_match(r"^there is no load fio2; loads: all, fio, hackbench, iperf3,", str(problem), "an unknown load")
    else:
        raise Failure("an unknown load is taken")
    require(not set(macro.LOADS) & set(bench.OPERATIONS), "a load and an operation have one name")
    require(len(bench.OPERATIONS) < macro.FIRST_MARK and macro.FIRST_MARK + len(macro.LOADS) <= 128, "marks")


@test("macro-nothing")
def nothing(t: Context) -> None:
    status, text = run(t, BUILD / "tests" / "macro-bad", "--ops", "none")
    require(status == 2, f"status {status}, not 2")
    require_match(r"^prism: nothing to measure: OPS=none goes with MACRO=1$", text, "the answer")


@test("macro-lines")
def lines(_: Context) -> None:
    """A load that failed, or whose work was not done, has no number; one that cannot be is no failure, but only where it
    cannot be."""
    native, pv = (read(mode, log) for mode, log in (("native", NATIVE_LOG), ("pv", LOG)))
    require(native.cost("hackbench") == 50e6 and pv.cost("hackbench") == 73e6, "the costs")
    require("iperf3" in native.absent and native.why("iperf3") is None, "the bare machine's network is no failure")
    require(pv.why("fio") == "status 1: fio: no space", f"fio: {pv.why('fio')}")
    require(pv.cost("iperf3") is None and pv.why("iperf3") == "12 bytes came of 2097152", f"iperf3: {pv.why('iperf3')}")
    require(read("pv", NATIVE_LOG).why("iperf3") is not None, "a guest without a network is no failure")
    require(accounts.missing(pv.accounts["hackbench"]) == 0, "the parts are not the whole")
    require(accounts.payer(pv.accounts["hackbench"])[0] == "interrupts", "who pays")    # type: ignore[index]


@test("macro-results")
def written(_: Context) -> None:
    _, content = made_up()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results.write(folder, content)
        content = results.load(folder)
        lines = csv.DictReader(io.StringIO((folder / "results.csv").read_text()))
        table = {(line["row"], line["operation"]): line for line in lines}
        html = page.write(content, folder).read_text()
    require(table["pv", "hackbench"]["to_native"] == "1.46", f"ratio {table['pv', 'hackbench']['to_native']}")
    require(table["pv", "fio"]["state"] == "failed: status 1: fio: no space", "fio is not shown as failed")
    require(table["native", "iperf3"]["state"].startswith("absent: "), "iperf3 is not shown as absent")
    require_match(r"<h2>Known loads</h2>", html, "the page")
    require_match(r"<summary>hackbench: 3 crossings, 13,000,000 instructions", html, "the page's events of a load")
    require_match(r'class=bad title="status 1: fio: no space">FAILED', html, "the page's cell of fio")
    require("relative-loads" in html and "payers-loads" in html, "the page has no pictures of the loads")
    require("Pictures" not in html, "the page has sections for operations, but there are none")
    require_match(r"(?m)^hackbench +50,000,000 +73,000,000 +1.46x", report.table(results.loads(content)), "the table")
    for wrong in ({"operations": [1], "rows": []}, {"rows": []}, {"operations": ["fio"], "rows": content["macro"]["rows"]}):
        try:
            results.validate(json.loads(json.dumps({**content, "macro": wrong})), "it")
        except Problem:
            continue
        raise Failure(f"{wrong} is taken")


@test("macro-compare")
def compared(_: Context) -> None:
    """Results of known loads alone, and of other loads beside the same operations."""
    _, first = made_up()
    _, second = made_up()
    second["macro"]["rows"][1]["costs"]["hackbench"] = [36.5e6]
    second["macro"]["operations"] = ["hackbench", "iperf3"]
    text = compare.table(first, second)
    require_match(r"^hackbench +50,000,000 -> 50,000,000 1\.000x +73,000,000 -> 36,500,000 0\.500x$", text, "make compare")
    require_match(r"^only in A: fio$", text, "make compare")
    second["macro"]["operations"] = ["fio2"]
    try:
        compare.table(first, second)
    except Problem as problem:
        require_match("no row, or no operation, in common", str(problem), "nothing in common")
    else:
        raise Failure("what has nothing in common is compared")


@test("macro")
def loads(t: Context) -> None:
    """Two that are soon done, one of them with the disk; fio's own checks have read each block."""
    out = BUILD / "tests" / "macro"
    status, text = run(t, out, "--ops", "none", "--macro", "fio hackbench", "--modes", "pv")
    t.log = out / ("pv-loads.log" if t.on_prism else "xen-pv-loads.log")
    if status:
        raise Failure(" | ".join(line for line in text.splitlines() if "FAIL" in line or "prism:" in line)[:400])
    require_match(r"(?m)^Known loads", text, "the terminal")
    row = results.loads(results.load(out))["rows"][0]
    require(set(row["costs"]) == {"fio", "hackbench"} and all(cost[0] > 1e6 for cost in row["costs"].values()), "costs")
    if t.on_prism:
        for name, account in row["accounts"].items():
            paid = accounts.parts(account)
            require(accounts.missing(account) == 0 and min(paid.values()) >= 0 and paid["other"] == 0, f"{name}: {paid}")
            between = account["ticks"] - paid["mark"] - row["costs"][name][0]
            require(0 <= between <= 2000, f"{name}: {between} ticks beside what the guest's clock has shown")
        require(set(row["accounts"]) == {"fio", "hackbench"}, "accounts are missing")
