# SPDX-License-Identifier: MIT
"""Populate on demand: guests in a container that start with less memory than they may have."""
from __future__ import annotations

import tempfile
from pathlib import Path

from harness.common import TESTS_RAMDISK
from harness.guests import BOOT, create, end, finish, inside, ramdisk_with_kernels, start
from harness.machine import Run
from harness.testing import Context, require, require_match, succeed, test
from test_kernels import one

PAGES = 256      # of 4 KiB in a MiB
SPECIAL = 300    # pages beside its memory that a guest may have: start info, console, video, ACPI


def frames(run: Run, name: str) -> tuple[int, int, int]:
    """A domain's frames, used or kept for it; of its pages those that have none yet; the frames kept for them."""
    text = succeed(run, f"xl dmesg -c >/dev/null; xl debug-keys q; xl dmesg | grep -A 1 \"d$(xl domid {name}): \"")
    found = require_match(r" (\d+) of \d+ frames.*\s.* on demand (\d+), frames for them (\d+)", text, "debug key q")
    return int(found.group(1)), int(found.group(2)), int(found.group(3))


def settle(run: Run, name: str, mebibytes: int) -> None:
    """The balloon driver has done its part: so much memory, and a frame for each page that has none yet."""
    wanted, pages, entries, kept = mebibytes * PAGES, 0, 0, 0
    for _ in range(20):
        pages, entries, kept = frames(run, name)
        if entries == kept and abs(pages - wanted) <= SPECIAL:
            return
        succeed(run, "sleep 1")
    require(False, f"{pages} pages of {wanted}; {entries} are on demand, and {kept} kept for them")


def fill(run: Run, name: str, mebibytes: int) -> None:
    """Twice so much of the guest's memory is used, and holds what was written there. Its kernel wants some 40 MiB for itself
    and 8 MiB more that it keeps free: with less than that it ends the guest, in some runs only."""
    inside(run, name, "mkdir -p /fill; mount -t tmpfs -o size=100% fill /fill")
    inside(run, name, f"dd if=/dev/urandom of=/fill/a bs=1M count={mebibytes} 2>/dev/null; cp /fill/a /fill/b")
    inside(run, name, "echo 3 >/proc/sys/vm/drop_caches; cmp /fill/a /fill/b; umount /fill")


@test("pod-pvh")
def linux(t: Context) -> None:
    with t.run(t.machine(memory=1536, ramdisk=TESTS_RAMDISK), limit=500) as run:
        before = start(run)
        with t.check("boot"):
            create(run, "a", "pvh", "memory=128", "maxmem=256")
            settle(run, "a", 128)
            require_match(r'"max_memkb": 262144', succeed(run, "xl list -l a"), "xl list -l")
        with t.check("fill"):
            fill(run, "a", 14)
        for what, target, filled in (("up", 192, 47), ("down", 112, 6), ("all", 256, 77)):
            with t.check(f"mem-set-{what}"):
                succeed(run, f"xl mem-set a {target}")
                settle(run, "a", target)
                fill(run, "a", filled)
        with t.check("reboot"):
            succeed(run, "xl mem-max a 320; at=$(wc -c </var/log/xen/console/guest-a.log); xl reboot -w a")
            succeed(run, "guest_said a $at 'PRISM-TESTS ready' 120", BOOT)
            settle(run, "a", 256)
        with t.check("destroy-full"):
            end(run, "a")
        finish(t, run, before)


@test("pod-hostile")
def hostile(t: Context) -> None:
    """Who uses more than it was given ends, and nobody else. The hypercalls themselves."""
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        ramdisk = ramdisk_with_kernels(Path(folder))
        with t.run(t.machine(ramdisk=ramdisk, memory=1536, icount=False, turns=True, cpus=2), limit=500) as run:
            before = start(run)
            with t.check("hypercalls"):
                status, text = run.command("toolstack-test on-demand pvh", 200)
                require(status == 0, " | ".join(text.strip().splitlines()[-6:]))
            create(run, "a", "pvh", "memory=96", "maxmem=128", "vcpus=2")
            with t.check("others-live"):
                one(run, "pvh64", "test_hw_demand_out", vcpus=1)
                one(run, "pvh64", "test_hw_demand", vcpus=1)
                settle(run, "a", 96)
                require_match("^42$", inside(run, "a", "echo $((40 + 2))"), "the other guest")
            with t.check("destroyed-while-made"):
                for seconds in (0.2, 0.4, 0.7):
                    succeed(run, f"timeout -s KILL {seconds} xl create /guests/pvh.cfg maxmem=512 >/dev/null 2>&1; true", BOOT)
                    succeed(run, "for id in $(xl list | awk 'NR > 3 { print $(NF - 4) }'); do xl destroy $id; done", BOOT)
                succeed(run, "until [ $(xl list | wc -l) = 3 ]; do usleep 100000; done")
            end(run, "a")
            finish(t, run, before)
