# SPDX-License-Identifier: MIT
"""Which lines of the hypervisor's source host tests reach: tests/unit, compiled with gcc's counters in a folder of their own."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any, Iterable

from harness.common import BUILD, ROOT
from harness.line_table import SOURCES, Line
from harness.test import Report, make, what_is_wrong
from harness.testing import Result

FOLDER = BUILD / "coverage"


def lines_of(said: Iterable[dict[str, Any]]) -> set[Line]:
    """Those that were executed, of what gcov --json-format says."""
    found = set()
    for one in said:
        for file in one["files"]:
            name = os.path.normpath(file["file"]).removeprefix(f"{ROOT}/")
            if name.startswith(SOURCES):
                found |= {(name, line["line_number"]) for line in file["lines"] if line["count"]}
    return found


def measure(report: Report) -> Counter[Line]:
    """How many tests come to each line. One that fails is reported, and counted as far as it came."""
    shutil.rmtree(FOLDER / "unit", ignore_errors=True)
    times: Counter[Line] = Counter()
    for source in sorted((ROOT / "tests/unit").glob("test_*.c")):
        start, program = time.monotonic(), FOLDER / "unit" / source.stem
        built = make(f"BUILD={FOLDER.relative_to(ROOT)}", "COUNTERS=--coverage -w", str(program.relative_to(ROOT)))
        wrong = f"does not build: {what_is_wrong(built.stdout)}" if built.returncode else execute(program)
        name = f"host/{source.stem.removeprefix('test_')}"
        report.add(Result(name, "FAIL" if wrong else "ok", time.monotonic() - start, wrong))
        times.update(counts(program.parent))
    return times


def execute(program: Path) -> str:
    """What is wrong with a test, or nothing."""
    try:
        done = subprocess.run([str(program)], cwd=ROOT, text=True, errors="replace", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    except subprocess.TimeoutExpired:
        return "did not end in 300 s"
    return f"status {done.returncode}: {what_is_wrong(done.stdout)}" if done.returncode else ""


def counts(folder: Path) -> set[Line]:
    """What the last test has left there, which is removed. Of sources with one name in one test only one has left something that
    fits, and gcov's status says so; the others are not counted."""
    left = sorted(folder.glob("*.gcda"))
    said = ""
    if left:
        said = subprocess.run(["gcov", "--json-format", "--stdout", *map(str, left)], cwd=ROOT, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    for path in (*left, *folder.glob("*.gcno")):
        path.unlink()
    return lines_of(json.loads(text) for text in said.splitlines() if text.startswith("{"))
