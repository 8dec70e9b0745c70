# SPDX-License-Identifier: MIT
"""What becomes of a benchmark's numbers: accounts, cost tables, results.json, the page and make compare; with results that
are made up here, and with files that are none."""
from __future__ import annotations

import copy
import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable

from harness import accounts, bench, costs, measured, page, plots, report, results
from harness.common import ROOT
from harness.testing import VERSIONS, Context, refuses, require, require_match, test

# Two rounds of 10 operations each; 4000 ticks in all.
LOG = """BENCH name=getppid round=0 operations=10 ticks=1990 mark=0
BENCH name=getppid round=1 operations=10 ticks=2010 mark=0
BENCH name=fork_exit round=0 operations=3 ticks=9000 mark=2
BENCH-OK name=getppid
BENCH-PAID 0 all - - 2 4000
BENCH-PAID 0 domain - own 0 2400
BENCH-PAID 0 domain privileged syscall 20 600
BENCH-PAID 0 domain privileged iret 20 500
BENCH-PAID 0 domain privileged mark 2 40
BENCH-PAID 0 domain interrupts schedule 3 60
BENCH-PAID 0 domain interrupts vcpu-switch 1 0
BENCH-PAID 0 domain privileged tlb-page-flush 4 0
BENCH-PAID 0 control - own 0 200
BENCH-PAID 0 control privileged syscall 2 100
BENCH-PAID 0 idle - - 0 70
BENCH-PAID 0 other - - 0 30
BENCH-PAID 9 all - - 2 4000
BENCH-PAID 2 all - gar
"""


def near(found: float, wanted: float, what: str) -> None:
    require(abs(found - wanted) < 1e-6 * max(1.0, abs(wanted)), f"{what}: {found}, not {wanted}")


def row(mode: str, factor: float, **more: Any) -> results.Row:
    return {"name": mode, "title": mode.upper(), "mode": mode, "peer": False,
            "hypervisor": None if mode == "native" else "prism.elf", "identity": {"kernel": "1", "words": "w"},
            "costs": {"getppid": [100.0 * factor, 102.0 * factor, 101.0 * factor]},
            "reasons": {}, "absent": {"net_trip": "there is no network"} if mode == "native" else {}, "reason": None,
            "accounts": {}, "arguments": ["qemu"], "log": f"{mode}.log", **more}


def result() -> results.Content:
    """The bare machine, a PV guest with an account, and a PVH guest in which an operation has failed."""
    rows = [row("native", 1), row("pv", 2, accounts=accounts.read(LOG)),
            row("pvh", 1.5, reasons={"net_trip": "a <wrong> number came back"})]
    return results.finish({"commit": "c", "emulator": "e", "host": "h", "versions": VERSIONS, "quick": True, "complete": True,
                           "operations": ["getppid", "net_trip"], "rows": rows}, costs.load())


@test("results-accounts")
def read_accounts(_: Context) -> None:
    found = accounts.read(LOG)
    require(set(found) == {"getppid"}, f"there are accounts of {sorted(found)}")
    account = found["getppid"]
    require(account["operations"] == 20 and account["rounds"] == 2, "it is not 2 rounds of 10")
    require(accounts.missing(account) == 0, f"{accounts.missing(account)} ticks are missing")
    require(accounts.parts(account) == {"own": 2400, "privileged": 1100, "platform": 0, "interrupts": 60, "io": 0,
                                        "control-user": 0, "control": 200, "control-hv": 100, "idle": 70, "mark": 40, "other": 30},
            "parts are wrong")
    near(sum(accounts.each(account).values()), 200, "the parts of one operation")
    payer = accounts.payer(account)
    require(payer is not None and payer[0] == "privileged", f"{payer} pays most")
    near(payer[1] if payer else 0, 1100 / 3890, "its share")
    late = accounts.read(LOG.replace("control - own 0 200", "control - own 0 -50"))["getppid"]
    require((accounts.parts(late)["control"], accounts.parts(late)["other"]) == (0, -20), "less than nothing is the remainder's")
    split = accounts.read(LOG.replace("control - own 0 200\n", "control - own-user 0 150\nBENCH-PAID 0 control - own-kernel 0 50\n"))
    found = accounts.parts(split["getppid"])
    require((found["control-user"], found["control"], split["getppid"]["control"]["own"]) == (150, 50, 200), f"programs: {found}")
    require(accounts.payer(split["getppid"]) == payer and accounts.missing(split["getppid"]) == 0, "programs change who pays")
    lost = accounts.read(LOG.replace("BENCH-PAID 0 domain privileged iret 20 500\n", ""))["getppid"]
    require(accounts.missing(lost) == 500, "a lost line is not missed")
    require(accounts.read("") == {} and accounts.read("\0BENCH-PAID x\n") == {}, "nothing becomes an account")


@test("results-kinds")
def read_kinds(_: Context) -> None:
    """What events were, counted beside them: nobody pays for it, and it is not priced."""
    line = "BENCH-PAID 0 domain privileged iret 20 500\n"
    more = (line + "BENCH-PAID 0 domain privileged hypercall:mmu_update 7 0\nBENCH-PAID 0 domain io exit:port 5 0\n"
            "BENCH-PAID 0 control privileged trap:page-fault 3 0\n")
    plain, account = accounts.read(LOG)["getppid"], accounts.read(LOG.replace(line, more))["getppid"]
    require(accounts.kinds(account["domain"]) == {"hypercall:mmu_update": 7, "exit:port": 5}, f"{account['domain']}")
    require(accounts.kinds(account["control"]) == {"trap:page-fault": 3}, f"{account['control']}")
    require(account["domain"]["events"]["io/exit:port"] == [5, 0], "it is not in its column")
    require(accounts.parts(account) == accounts.parts(plain) and accounts.missing(account) == 0, "somebody pays for counts")
    for owner in ("domain", "control"):
        require(accounts.counts(account[owner]) == accounts.counts(plain[owner]), "kinds are taken for events")
    for boxed in (False, True):
        require(costs.events_of(account, boxed) == costs.events_of(plain, boxed), "events are priced twice")
    require(accounts.kinds(plain["domain"]) == {}, "an account from before them has some")


@test("results-lines")
def read_lines(_: Context) -> None:
    """What a guest says and another's line has broken is no number; an operation that has no end has none either."""
    row = bench.Row("pv")
    bench.parse(row, LOG.replace("\n", "\r\n") + "guest: BENCH name=stat round=0 operations=10 ticks=19[   12.5] torn\n"
                "guest: BENCH name=stat round=1 operations=10 ticks=3000\nBENCH-OK name=stat\nBENCH-OK name=write_1\n"
                "BENCH name=read_1 round=0 operations=10 ticks=12[   12.6] torn\nBENCH-OK name=read_1\n"
                "BENCH name=fsync round=0 operations=1 ticks=7")
    require(row.costs["getppid"] == [199, 201] and row.costs["stat"] == [300], f"{row.costs}")
    require("read_1" not in row.costs and row.why("read_1") == "not measured", f"a broken line is {row.costs.get('read_1')}")
    require(row.cost("fork_exit") is None and row.cost("fsync") is None, "what did not finish has a cost")
    require(row.why("write_1") == "not measured", "what has no round has no reason")


@test("results-costs")
def cost_tables(_: Context) -> None:
    for name in costs.names():
        table = costs.load(name)
        for kind, price in {**table.prices, **table.borrowed}.items():
            require(price.source and price.processor and price.cycles[0] > 0, f"{name}: {kind} has no source")
    table = costs.load("amd-2020")
    require(table.prices["exit"].cycles == (1344, 1376), "amd-2020 is wrong")
    require(costs.describe(table)["unpriced"] == ["tlb-flush"], "not priced: more or less than a whole TLB flush")
    account = accounts.read(LOG)["getppid"]
    events = costs.events_of(account, False)
    near(events["syscall"][0], (20 + 20 + 2 + 2) / 20, "system calls: a schedule that is a switch is none")
    near(events["cr3"][0], (20 + 1 + 2) / 20, "CR3 loads at least")
    near(events["cr3"][1], (20 + 20 + 1 + 2) / 20, "CR3 loads at most")
    boxed = costs.events_of(account, True)
    near(boxed["exit"][0], (20 + 20 + 2) / 20, "exits")
    band = costs.model(table, 100, {"exit": (2, 3), "tlb-flush": (1, 1)})
    near(band["low"], 100 * costs.CPI[0] + 2 * 1344, "the band's low end")
    near(band["high"], 100 * costs.CPI[1] + 3 * 1376, "the band's high end")
    require(band["unpriced"] == {"tlb-flush": [1, 1]}, f"not priced: {band['unpriced']}")
    require(costs.modelled(table, "pv", 100, None) is None, "a row without an account is modelled")
    near((costs.modelled(table, "pv", 1, account) or {})["instructions"], (4000 - 70 - 40) / 20, "instructions")
    near((costs.modelled(table, "native", 50, None) or {})["high"], 100, "the bare machine's band")
    near((costs.modelled(table, "pv", 150, account, 2) or {})["instructions"], 150, "instructions of two CPUs that were both busy")
    near((costs.modelled(table, "pv", 999, account, 2) or {})["instructions"], 194.5, "instructions of two CPUs, one idle")
    require("exit" in costs.load("zen4").borrowed, "a price in nanoseconds is taken for cycles")
    with tempfile.TemporaryDirectory() as folder:
        good = 'name="n"\nprocessor="p"\n[[price]]\nkind="exit"\ncycles=[1,2]\nsource="s"\n'
        for what, text, pattern in (
                ("kind", good.replace('"exit"', '"exits"'), "of a kind that is none of"),
                ("source", good.replace('source="s"', ""), "a price without a source"),
                ("range", good.replace("[1,2]", "[2,1]"), "the cycles of exit go from 2 to 1"),
                ("numbers", good.replace("[1,2]", '"much"'), "are not two numbers"),
                ("name", good.replace('name="n"', ""), "name"), ("toml", good[:20], "Unterminated")):
            (Path(folder) / "t.toml").write_text(text)
            refuses(pattern, f"a cost table with a wrong {what}", lambda: costs.load("t", Path(folder)))
    refuses("there is no cost table x; tables: amd-2020, ", "a cost table that is not there", lambda: costs.load("x"))


@test("results-schema")
def schema(_: Context) -> None:
    good = result()
    require(good["schema"] == results.SCHEMA and "exit" in good["model"]["prices"], "a result without schema or model")
    require(set(good["rows"][0]["cycles"]) == set(good["rows"][1]["cycles"]) == {"getppid"}, "cells without cycles")
    require(not good["rows"][2]["cycles"], "cycles of a row that has no account")
    results.validate(copy.deepcopy(good), "it")

    def wrong(change: Callable[[results.Content], Any], pattern: str) -> None:
        content = copy.deepcopy(good)
        change(content)
        refuses(pattern, f"a result that is wrong ({pattern})", lambda: results.validate(content, "it"))

    wrong(lambda c: c.update(schema=99), r"^it: schema 99, but this harness reads schema 2; ")
    wrong(lambda c: c.pop("schema"), r"^it: no result, or one from before")
    wrong(lambda c: c.pop("rows"), r"^it: it has no field rows$")
    wrong(lambda c: c.update(rows=[]), r"no rows$")
    wrong(lambda c: c.update(quick=1), r"it\.quick is int, not bool")
    wrong(lambda c: c["rows"].append(c["rows"][0]), r"two of its rows have one name")
    wrong(lambda c: c["rows"][1].pop("costs"), r"rows\[1\] has no field costs")
    wrong(lambda c: c["rows"].append("pv"), r"rows\[3\] is not an object")
    wrong(lambda c: c["rows"][1]["costs"].update(getppid=[1, "2"]), r"rows\[1\]\.costs\.getppid is not a list of numbers")
    wrong(lambda c: c["rows"][1]["costs"].update(nothing=[1]), r"rows\[1\]\.costs has nothing, which is no operation")
    wrong(lambda c: c["rows"][1]["accounts"]["getppid"].update(ticks="much"), r"accounts\.getppid\.ticks is str, not int")
    wrong(lambda c: c["rows"][1]["accounts"]["getppid"].update(operations=0), r"accounts\.getppid is of no operations")
    wrong(lambda c: c["rows"][1]["accounts"]["getppid"]["domain"]["events"].update({"io/port": [1]}), r"events\.io/port is not")


def several_cpus() -> results.Content:
    """The bare machine and a PV guest, with one CPU and with two."""
    rows = [row("native", 1), row("pv", 2), row("native", 4, cpus=2), row("pv", 6, cpus=2, accounts=accounts.read(LOG))]
    for one in rows[2:]:
        one.update(name=f"{one['mode']}-2cpus", title=f"{one['title']}, 2 CPUs")
    return results.finish({"commit": "c", "emulator": "e", "host": "h",
                           "versions": VERSIONS, "quick": True, "complete": True, "accel": "tcg",
                           "machine": None, "operations": ["getppid"], "rows": rows}, costs.load())


@test("results-cpus")
def number_of_cpus(_: Context) -> None:
    """A row is compared with the bare machine that has as many CPUs; rows with several are refused or drawn as such."""
    content = several_cpus()
    ratios = [results.ratio(one, results.base_of(content, one), "getppid") for one in content["rows"]]
    require(ratios == [1, 2, 1, 1.5], f"ratios: {ratios}")
    require([one["to_native"] for one in csv.DictReader(io.StringIO(results.as_csv(content)))] == ["1.0", "2.0", "1.0", "1.5"],
            "results.csv has other ratios")
    content["rows"][0]["cpus"] = 0
    refuses(r"rows\[0\]\.cpus is no number of CPUs", "a row without CPUs", lambda: results.validate(content, "it"))
    with tempfile.TemporaryDirectory() as name:
        text = page.write(several_cpus(), Path(name)).read_text()
        require((Path(name) / "cpus-calls.png").read_bytes().startswith(b"\x89PNG"), "there is no picture of cost against vCPUs")
        require_match("against the number of vCPUs", text, "the page")
        names = list(plots.pictures(several_cpus()))
        require("relative-calls" in names and "relative-calls-2cpus" in names, f"rows with one CPU and with two are in one: {names}")
        require("cpus-calls" not in plots.pictures(result()), "a picture of cost against one number of vCPUs")
    rows = [bench.Row("native", cpus=2), bench.Row("pv", hypervisor=Path("p"), cpus=2), bench.Row("pv", hypervisor=Path("p"))]
    for one in rows:
        one.identity = {**dict.fromkeys(bench.IDENTITY, "same"), "vcpus": str(one.cpus)}
    bench.check_identical(rows)
    require("-smp 2" in " ".join(bench.machine_for(rows[1], None, True, ["getppid"]).arguments()), "the machine has not 2 CPUs")
    rows[1].identity["vcpus"] = "1"
    refuses("did not run the same vcpus", "another number of vCPUs", lambda: bench.check_identical(rows))


@test("results-measured")
def measured_cycles(_: Context) -> None:
    """Median and spread, and how far a model is off, of numbers that are made up; where nothing can be measured, why."""
    found = measured.summary([5, 1, 2, 3, 4])
    require((found["median"], found["first_quartile"], found["third_quartile"], found["rounds"]) == (3, 2, 4, 5), f"{found}")
    near(found["spread"], 2 / 3, "the spread")
    require(measured.summary([7])["spread"] is None and measured.summary([0, 0])["spread"] is None, "a spread of nothing")
    off = measured.error({"low": 50, "high": 150}, 200)
    require(off["within"] is False and off["error_low"] == -0.75 and off["error_high"] == -0.25, f"{off}")

    model = result()
    rows = [row("native", 3), row("pv", 8), row("pvh", 2, reasons={"getppid": "wrong"})]
    rows[1]["identity"] = {"kernel": "2", "words": "w"}
    content = results.finish({**{name: model[name] for name in ("commit", "emulator", "host", "operations", "versions")},
                              "quick": False,
                              "complete": True, "accel": "kvm", "machine": measured.conditions(), "rows": rows}, costs.load(), model)
    native, other, failed = results.validate(json.loads(json.dumps(content)), "it")["rows"]
    require(not native["cycles"] and native["measured"]["getppid"]["median"] == 303, "measured cycles are modelled from")
    near(native["modelled"]["getppid"]["error_high"], 202 / 303 - 1, "the model's error")
    require(other["measured"] and not other["modelled"], "a model of other images is compared with")
    require(not failed["measured"], "what failed is measured")
    require_match(r"^NATIVE +getppid +303 +1\.0% .* 3 +-83% to -33%$", measured.table(content), "the table on the terminal")
    require(results.as_csv(content).splitlines()[0].split(",")[6] == "TSC_cycles", "results.csv says instructions")
    require(measured.table(model) == "", "a table of what was not measured")
    with tempfile.TemporaryDirectory() as name:
        text = page.write(content, Path(name)).read_text()
        require_match("Cycles, measured", text, "the page")
        require_match("mitigations: ", text, "the page")
        require("Cycles, modelled" not in text and "Executed instructions" not in text, "the page says instructions")
    content["rows"][0]["measured"]["getppid"].pop("spread")
    refuses("has no field spread", "measured cycles without a spread", lambda: results.validate(content, "it"))
    content["accel"] = "hvf"
    refuses("measured with hvf", "another accelerator", lambda: results.validate(content, "it"))


@test("results-no-kvm")
def no_kvm(_: Context) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "kvm"
        refuses(r"no \S+/kvm \(No such file.*nested=1, or measure with ACCEL=tcg$", "no device", lambda: measured.check(path))
        path.write_bytes(b"")
        refuses(r"is no KVM \(", "another file", lambda: measured.check(path))
        require(measured.conditions(Path(name))["clocksource"] == "unknown", "a clocksource of nowhere")

    def answer(*functions: tuple[int, int]) -> bytes:
        entries = [measured.ENTRY.pack(function, 0, 0, 0, 0, ecx, 0) for function, ecx in functions]
        return measured.HEAD.pack(len(entries), 0) + b"".join(entries)

    words = " ".join(bench.machine_for(bench.Row("pv", hypervisor=Path("p"), accel="kvm"), None, False, ["getppid"]).arguments())
    require("-accel kvm " in words and "-cpu host,+svm " in words and "-icount" not in words, f"the machine is {words}")
    require(measured.offers_svm(answer((1, 4), (measured.EXTENDED, 4 | 1))), "SVM is overlooked")
    require(not measured.offers_svm(answer((1, 4), (measured.EXTENDED, 1))), "SVM where there is none")
    require(not measured.offers_svm(answer()), "SVM of nothing")


@test("results-files")
def files(_: Context) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results.write(folder, result())
        require(results.load(folder) == results.load(folder / "results.json") == result(), "it is read not as it was written")
        lines = list(csv.DictReader(io.StringIO((folder / "results.csv").read_text())))
        require(len(lines) == 6, f"results.csv has {len(lines)} lines")
        cell = lines[2]
        require((cell["row"], cell["operation"], cell["state"], cell["to_native"], cell["pays_most"])
                == ("pv", "getppid", "ok", "2.0", "privileged"), f"results.csv: {cell}")
        near(sum(float(cell[f"paid_{part}"]) for part in accounts.PARTS), 200, "the parts in results.csv")
        require(lines[1]["state"].startswith("absent: ") and lines[5]["state"].startswith("failed: "), "states in results.csv")
        text = (folder / "results.json").read_text()
        (folder / "results.json").write_text(text[:len(text) // 2])
        refuses("no whole JSON text", "a file that is cut off", lambda: results.load(folder))
        (folder / "results.json").write_bytes(b"\xff\xfe\0")
        refuses("no whole JSON text", "a file of noise", lambda: results.load(folder))
        refuses("No such file or directory", "no file", lambda: results.load(folder / "none"))


@test("results-page")
def whole_page(_: Context) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = page.write(result(), folder).read_text()
        require(not list(folder.glob("*.new")), "files are left over")
        for pattern in (r"FAILED", r"a &lt;wrong&gt; number", r"2\.00x bare", r"privileged 28%", r"&plusmn;", r"1344 to 1376"):
            require_match(pattern, text, "the page")
        require("<script" not in text and "src=" not in text, "the page needs something else")
        for picture in ("bench", "relative-calls", "payers-calls", "events-pv", "rounds-calls"):
            require((folder / f"{picture}.png").read_bytes().startswith(b"\x89PNG"), f"{picture}.png is no picture")
        require(text.count("<svg") == 4, f"the page has {text.count('<svg')} pictures")
        nothing = result()
        for one in nothing["rows"]:
            one.update(costs={}, accounts={}, cycles={}, reason="it <hangs>")
        (folder / "e").mkdir()
        require_match("it &lt;hangs&gt;", page.write(nothing, folder / "e").read_text(), "the page of a run without numbers")
        require(plots.draw(nothing, folder / "e") == {}, "pictures of nothing")
        nothing["rows"][0]["costs"]["getppid"] = [1.0, 2.0]
        require(list(plots.draw(nothing, folder / "e")) == ["rounds-calls"], "pictures of the bare machine alone")
    require_match(r"getppid +privileged 28%", report.payers(result()), "who pays most, on the terminal")


def compare(*words: object) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", "harness.compare", *map(str, words)], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


@test("compare")
def side_by_side(_: Context) -> None:
    with tempfile.TemporaryDirectory() as name:
        a, b, c, d = (Path(name) / one for one in "abcd")
        second = result()
        second["rows"][1]["costs"]["getppid"] = [101.0]
        second["rows"][1]["identity"] = {"kernel": "2", "words": "w"}
        second["rows"][2]["name"] = "hvm"
        second["complete"] = False
        foreign = result()
        foreign["rows"] = [{**foreign["rows"][0], "name": "other"}]
        for folder, content in ((a, result()), (b, second), (c, foreign)):
            results.write(folder, content)
        results.write(d, result())
        (d / "results.json").write_text(json.dumps({**result(), "schema": 1}))
        status, text = compare(a, b)
        require(status == 0, f"status {status}: {text}")
        for pattern in (r"^getppid +101 -> 101 1\.000x +202 -> 101 0\.500x$", r"^net_trip +- -> - +- -> -$",
                        r"^pv: not the same kernel$", r"^only in A: pvh$", r"^only in B: hvm$", r"^B is incomplete"):
            require_match(pattern, text, "make compare")
        for words, pattern in (((a, d), "schema 1, but this harness reads schema 2"),
                               ((a, c), "no row, or no operation, in common"), ((a, Path(name) / "x"), "No such file"),
                               ((a,), "say which two results"),
                               ((ROOT / "README.md", a), "no whole JSON text")):
            status, text = compare(*words)
            require(status == 2, f"{pattern}: status {status}")
            require(text.startswith("prism: ") and text.count("\n") == 1, f"more than a line: {text}")
            require_match(pattern, text, "make compare with bad input")
