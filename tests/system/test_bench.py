# SPDX-License-Identifier: MIT
"""A short make bench: both rows run, every operation is measured, and the report's files are there."""
from __future__ import annotations

import json
import shutil
import subprocess
import sys

from harness.common import BUILD, ROOT
from harness.testing import Context, Failure, require, test


@test("bench")
def bench(t: Context) -> None:
    out = BUILD / "tests" / "bench"
    shutil.rmtree(out, ignore_errors=True)
    rows = "native pv" if t.on_prism else "native xen-pv"
    done = subprocess.run([sys.executable, "-m", "harness.bench", "--quick", "--rows", rows, "--out", str(out), "--limit", "300"],
                          cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    t.log = out / f"{rows.split()[1]}.log"
    if done.returncode:
        raise Failure(" | ".join(line for line in done.stdout.splitlines() if "FAIL" in line or "prism:" in line)[:400])
    result = json.loads((out / "results.json").read_text())
    native, guest = result["rows"]
    for what in ("kernel", "ramdisk", "disk", "words"):
        require(native["identity"][what] == guest["identity"][what], f"the rows did not run the same {what}")
    for operation, rounds in guest["costs"].items():
        require(min(rounds) > 0 and min(native["costs"][operation]) > 0, f"{operation}: costs nothing")
    require(guest["costs"]["getppid"][0] > native["costs"]["getppid"][0], "a system call in PV costs less than on the machine")
    require((out / "bench.png").read_bytes().startswith(b"\x89PNG"), "no picture")
    require(guest["marks"] == t.on_prism, "marks: " + ("Prism does not take them" if t.on_prism else "they should be illegal"))
