# SPDX-License-Identifier: MIT
"""libxl's C interface, used by a program of our own: tests/libxl/, one guest of each mode."""
from __future__ import annotations

import re

from harness.common import TESTS_RAMDISK
from harness.machine import Run
from harness.testing import Context, Failure, check_warnings, power_off, ready, require, succeed, test

KINDS = ("pv", "pvh")


def guest(t: Context, run: Run, kind: str) -> None:
    """Each step of the program is a part of the test."""
    before = succeed(run, "xl info free_memory")
    status, text = run.command(f"libxl-guest {kind}", 200)
    steps = re.findall(r"^LIBXL (ok|FAIL) ([\w-]+):? ?(.*)$", text, re.MULTILINE)
    require(steps, f"it says nothing: {text[-200:]}")
    for verdict, step, reason in steps:
        with t.check(f"{kind}-{step}"):
            if verdict != "ok":
                raise Failure(reason)
    with t.check(f"{kind}-verdict"):
        require(status == 0 and f"VERDICT success libxl-{kind}" in text, f"status {status}: {text.splitlines()[-1]}")
    with t.check(f"{kind}-memory-back"):
        after = succeed(run, "sleep 1; xl info free_memory")
        require(after == before, f"{before.strip()} MiB were free before, {after.strip()} are after")


@test("libxl")
def libxl(t: Context) -> None:
    with t.run(t.machine(icount=False, ramdisk=TESTS_RAMDISK), limit=500) as run:
        ready(run)
        succeed(run, "start_backends; insmod /modules/brd.ko rd_nr=2 rd_size=4096; dmesg -c >/dev/null")
        for kind in KINDS:
            guest(t, run, kind)
        check_warnings(t, run)
        power_off(run)
