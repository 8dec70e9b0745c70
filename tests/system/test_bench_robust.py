# SPDX-License-Identifier: MIT
"""A make bench in which something goes wrong: words, folders, a full disk, a machine that is none, a run that is killed, two
runs at once."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import bench, costs, folder, images, packages, progress, results
from harness.common import BUILD, ROOT, Problem, locked
from harness.testing import VERSIONS, Context, Failure, Skip, require, require_match, test

EMULATOR = """#!/bin/sh
[ "$1" = --version ] && { echo "no emulator"; exit; }
exec sleep 1000
"""


def harness(module: str, *words: str, path: str | None = None) -> subprocess.Popen[str]:
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    return subprocess.Popen([sys.executable, "-m", f"harness.{module}", *words], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)


def ends(pattern: str, *words: str, module: str = "bench") -> None:
    """With status 2 and one line."""
    running = harness(module, *words)
    text = running.communicate()[0]
    require(running.returncode == 2, f"{module} {' '.join(words)}: status {running.returncode}, not 2: {text[-300:]}")
    require(text.startswith("prism: ") and text.count("\n") == 1, f"{module} {' '.join(words)}: more than a line: {text[:400]}")
    require_match(pattern, text, f"{module} {' '.join(words)}")


@test("bench-wrong-words")
def wrong_words(_: Context) -> None:
    for value in ("-1", "0", "abc", "", "1.5"):
        ends(r"argument --jobs: '.*' is not a whole number from 1 \(make bench HELP=1 says", f"--jobs={value}")
    for value in ("-1", "0", "abc", "nan", "inf", "1e999"):
        ends(r"argument --limit: '.*' is no number of seconds above 0 \(make bench HELP=1", f"--limit={value}")
    ends(r"unrecognized arguments: 2 \(make bench", "--limit", "1", "2")
    ends(r"expected one argument", "--modes")
    ends(r"'-3' is no number of seconds", "--op", "getppid", "--limit=-3", module="explain")
    ends(r"unrecognized arguments: --nothing \(make compare HELP=1", "--nothing", module="compare")
    ends(r"'0' is not a whole number from 1 \(make test HELP=1", "--jobs", "0", module="test")
    ends(r"'0' is no number of seconds above 0 \(python3 -m harness\.boot --help", "--seconds", "0", module="boot")
    ends(r"argument --smp: 'x'", "--smp", "x", module="boot")
    done = subprocess.run([ROOT / "harness/bench", "--help"], cwd="/", text=True, stdout=subprocess.PIPE, check=False)
    require(done.returncode == 0 and "make bench OUT=DIR" in done.stdout, "harness/bench --help from another folder")


@test("bench-wrong-folder")
def wrong_folder(_: Context) -> None:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "file"
        file.write_text("mine")
        ends(r"/file is no folder: name one", "--out", str(file))
        ends(r"Not a directory: name a folder", "--out", str(file / "below"))
        ends(r"File name too long: choose a shorter name", "--out", f"{name}/{'x' * 300}")
        require(file.read_text() == "mine", "a file of the user's is changed")
        if os.geteuid():
            Path(name).chmod(0o500)
            ends(r"Permission denied: choose another place", "--out", f"{name}/out")
        else:
            ends(r"/sys\b.*: make room there, or choose another place", "--out", "/sys/prism")
        with folder.claimed(Path(name) / "out") as out:
            ends(r"another run is leaving its results in .*/out: choose another place \(OUT=\), or wait", "--out", str(out))
            two = folder.new_folder(out), folder.new_folder(out)
            require(two[0] != two[1] and all(one.is_dir() for one in two), "two results of one second have one folder")
            for one in two:
                one.rmdir()
        require(not out.exists(), "an empty folder stays")


@test("bench-full-disk")
def full_disk(_: Context) -> None:
    """On a file system of a mebibyte: said before anything has begun."""
    script = f'mount -t tmpfs -o size=1m none /mnt && exec {sys.executable} -m harness.bench --out /mnt/out'
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if denied(done.stdout):
        raise Skip("no right to mount a small file system")
    require(done.returncode == 2 and done.stdout.count("\n") == 1, f"status {done.returncode}: {done.stdout[:400]}")
    require_match(r"^prism: a result may take 100 MiB, and /mnt has [01] MiB left: make room there", done.stdout, "make bench")


def denied(text: str) -> bool:
    return "unshare" in text or "mount:" in text


def old_result(where: Path) -> results.Content:
    """Of a bare machine, complete, with what else a run leaves, and a file of the user's."""
    row = {**bench.as_json(bench.Row("native")), "costs": {"getppid": [1.0]}}
    content = results.finish({"commit": "c", "emulator": "e", "host": "h",
                              "versions": VERSIONS, "quick": True, "complete": True,
                              "operations": ["getppid"], "rows": [row]}, costs.load())
    results.write(where, content)
    for name in ("report.html", "explain-pv-getppid.txt", "xen-pvh-2cpus.log", "relative-disk-2.svg", "notes.txt"):
        (where / name).write_text("old")
    return content


@test("bench-killed")
def killed(_: Context) -> None:
    """A run that is killed in a folder with an earlier result leaves one that says that it is not complete, and nothing of the
    earlier one. The emulator is one that never says anything."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        programs, results_folder = out / "bin", out / "out"
        programs.mkdir()
        (programs / bench.EMULATOR).write_text(EMULATOR)
        (programs / bench.EMULATOR).chmod(0o755)
        old_result(results_folder)
        running = harness("bench", "--modes", "native", "--ops", "getppid", "--out", str(results_folder),
                          path=f"{programs}:{os.environ['PATH']}")
        try:
            until = time.monotonic() + 300
            while running.poll() is None and not (results_folder / "native.log").exists():
                require(time.monotonic() < until, "the run does not begin")
                time.sleep(0.1)
        finally:
            running.kill()
            text = running.communicate()[0]
        require(running.returncode < 0, f"it has ended: {text[-300:]}")
        result = results.load(results_folder)
        require(not result["complete"] and result["emulator"] == "no emulator", "the earlier result is taken for this run's")
        require(result["rows"][0]["reason"] == folder.NOT_ENDED and not result["rows"][0]["costs"], f"{result['rows'][0]}")
        left = {path.name for path in results_folder.iterdir()} - {"native.img"}
        require(left == {"results.json", "results.csv", "events.csv", "native.log", "notes.txt"}, f"there are {sorted(left)}")


@test("bench-no-emulator")
def no_emulator(_: Context) -> None:
    """Every row is red, with the reason, and the result is written."""
    with tempfile.TemporaryDirectory() as name:
        programs, out = Path(name) / "bin", Path(name) / "out"
        programs.mkdir()
        for place in os.environ["PATH"].split(":"):
            for path in Path(place).iterdir() if Path(place).is_dir() else ():
                if path.name != bench.EMULATOR and not (programs / path.name).is_symlink():
                    (programs / path.name).symlink_to(path)
        running = harness("bench", "--modes", "native pv", "--ops", "getppid", "--hypervisor", str(programs),
                          "--out", str(out), path=str(programs))
        text = running.communicate()[0]
        require(running.returncode == 1, f"status {running.returncode}: {text[-400:]}")
        require_match(r"FAILED: qemu-system-x86_64 is not installed", text, "the terminal")
        require_match(r"FAILED: \S+/bin: Is a directory: name a file", text, "the terminal")
        require("Traceback" not in text, text[-400:])
        native, pv = results.load(out)["rows"]
        require("not installed" in native["reason"] and "Is a directory" in pv["reason"], f"{native['reason']}; {pv['reason']}")
        require("not installed" in (out / "report.html").read_text(), "the report does not say why")


@test("bench-side-by-side")
def side_by_side(t: Context) -> None:
    """Two runs at once come to the same numbers; in one of them a row fails, which keeps neither from its end."""
    t.long_only()
    outs = [BUILD / "tests" / f"bench-side-{name}" for name in "ab"]
    for out in outs:
        shutil.rmtree(out, ignore_errors=True)
    common = ["--quick", "--jobs", "1", "--ops", "getppid"]
    runs = [harness("bench", *common, "--modes", "native pv", "--hypervisor", "build/no-such.elf", "--out", str(outs[0])),
            harness("bench", *common, "--modes", "native", "--out", str(outs[1]))]
    texts = [run.communicate()[0] for run in runs]
    t.log = outs[1] / "native.log"
    statuses = [run.returncode for run in runs]
    require(statuses == [1, 0], f"{statuses}: {texts[0][-300:]}{texts[1][-300:]}")
    require_match(r"^PV, Prism: no-such\.elf is missing: run make$", texts[0], "the table")
    require_match(r"^getppid +[\d,]+ +FAILED", texts[0], "the table")
    first, second = (results.load(out) for out in outs)
    require(first["complete"] and first["rows"][1]["reason"] == "no-such.elf is missing: run make", f"{first['rows'][1]}")
    require(first["rows"][0]["costs"] == second["rows"][0]["costs"] != {}, "the bare machine's numbers differ")
    require(not list(outs[0].glob("*.img")) + list(outs[1].glob("*.img")), "a disk is left over")


@test("bench-images")
def image_inputs(_: Context) -> None:
    """Another version of the kernel, or of Xen, makes other images; who finds another building them waits."""
    packages.install("image")
    name, version = images.kernel_wanted()
    require(version and images.inputs((name, version)) != images.inputs((name, version + "x")), "a new kernel is overlooked")
    require(packages.candidate("no-such-package") == "", "there is a version of nothing")
    with tempfile.TemporaryDirectory() as folder_name:
        path = Path(folder_name) / "lock"
        script = ("from harness.common import locked; from pathlib import Path\n"
                  f"with locked(Path({str(path)!r}), 'at it'): print('alone', flush=True)")
        with locked(path, "at it"):
            waiting = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT)
            assert waiting.stdout
            line = waiting.stdout.readline()
        require(line == "prism: waiting for another run that is at it\n", f"it does not wait: {line}")
        require(waiting.communicate()[0] == "alone\n", "it does not go on")


@test("bench-rows-kept")
def rows_kept(_: Context) -> None:
    """Whatever a row dies of is its reason. What has ended is in results.json before the others have."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        rows = [bench.Row("native"), bench.Row("pv", hypervisor=out / "none.elf")]

        def finish(told: list[results.Row], loads: list[results.Row], complete: bool) -> results.Content:
            return results.finish({"commit": "c", "emulator": "e", "host": "h",
                                   "versions": VERSIONS, "quick": True, "complete": complete,
                                   "operations": ["getppid"], "rows": told}, costs.load(), None, loads)

        keeper = folder.Keeper(out, rows, [], finish)
        require([row["reason"] for row in results.load(out)["rows"]] == [folder.NOT_ENDED] * 2,
                "rows that have not begun have ended")
        bench.run_row(rows[1], out, True, ["getppid"], 1, progress.Progress("PV"), lambda _: None)
        keeper.end(rows[1])
        so_far = results.load(out)
        require(not so_far["complete"] and [row["reason"] for row in so_far["rows"]]
                == [folder.NOT_ENDED, "none.elf is missing: run make"], "what has ended is not kept")
        broken = bench.Row("pv", hypervisor=7)    # type: ignore[arg-type]
        bench.run_row(broken, out, True, ["getppid"], 1, progress.Progress("PV"), lambda _: None)
        require_match(r"^error in the harness, bench\.py:\d+: AttributeError", broken.reason or "", "a mistake in the harness")
        require(keeper.all(True)["complete"] and not results.load(out)["complete"], "the whole is not complete")
        keeper.folder = out / "results.json"    # where nothing can be written
        keeper.end(rows[0])
        require(results.load(out) == so_far, "a row that cannot be kept has changed the result")


@test("bench-progress")
def forecast(_: Context) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "steps.json"
        names = progress.steps(True, ["getppid", "stat"])
        require(names == ["booting", "xl create", "getppid", "stat", "ending"], f"{names}")
        first = progress.Forecast(path, "quick", 1)
        first.expect("pv", names)
        require(first.rest(0) is None, "the rest is known before anything was seen")
        for number, step in enumerate(names):
            first.begin("pv", step, 10.0 * number)
        first.end("pv", True, 50)
        require(first.rest(50) == 0, "there is a rest of nothing")
        later = progress.Forecast(path, "quick", 2)
        for row in ("pv", "pvh", "hvm"):
            later.expect(row, names)
        require(later.rest(0) == 75, f"three rows of 50 s, two at a time, take {later.rest(0)} s")
        later.begin("pv", "booting", 0)
        later.begin("pv", "getppid", 20)
        require(later.rest(25) == (25 + 50 + 50) / 2, f"the rest is {later.rest(25)} s")
        later.end("pvh", False, 25)
        require(later.rest(25) == 50, f"the longest row takes {later.rest(25)} s")
        require(progress.Forecast(path, "tcg", 1).known == {}, "full runs are taken to be as short as quick ones")
        for text in ("", "[1]", '{"quick": {"pv": {"a": "x"}}}', '{"quick": 1}', '{"quick": {"pv": {"booting": null}}}'):
            path.write_text(text)
            require(progress.Forecast(path, "quick", 1).known == {}, f"{text} is taken for times")
        row = progress.Progress("PV", "pv", ["getppid", "stat"], later)
        require((row.place("stat"), row.place("booting")) == ("stat 2/2", "booting"), "an operation's place")
    times = [progress.about(rest) for rest in (None, 40, 200)]
    require(times == ["", "about 40 s to go", "about 3 min to go"], f"{times}")


@test("bench-identical")
def identical(_: Context) -> None:
    """Whatever two rows did not have in common, they are not compared."""
    for what in bench.IDENTITY:
        rows = [bench.Row("native"), bench.Row("pv", hypervisor=Path("p"))]
        for one in rows:
            one.identity = {**dict.fromkeys(bench.IDENTITY, "same"), "vcpus": "1"}
        bench.check_identical(rows)
        rows[1].identity[what] = "other"
        try:
            bench.check_identical(rows)
        except Problem as problem:
            require_match(rf"^native and pv did not run the same {what}; nothing is compared$", str(problem), what)
            continue
        raise Failure(f"another {what} is compared")
