# SPDX-License-Identifier: MIT
"""make run MODE=...: a shell in the guest, and back to the control domain's."""
from __future__ import annotations

import subprocess
import sys
from functools import partial

from harness import images
from harness.common import ROOT
from harness.machine import KERNEL_WORDS
from harness.testing import Context, require, require_match, test

KINDS = ("pv", "pvh", "pvhvm", "pvio", "hvm")
OFTEN = "pv"        # half a minute each and more, and all else of the others is done by hvm-row-


def at_console(t: Context, kind: str) -> None:
    if kind != OFTEN:
        t.long_only()
    words = f"{KERNEL_WORDS} prism.do=shell prism.guest={kind}"
    boot = 400 if images.GUEST_MODES[kind] == "hvm" else 150
    with t.run(t.machine(kernel_words=words, ramdisk=images.ramdisk_for(kind)), limit=2 * boot) as run:
        run.expect(rf"console of the guest {kind}\. Ctrl-\] returns", 150)
        run.expect(r"^guest# ", boot)
        run.send("echo sum-$((40 + 2))\n")
        run.expect(r"^sum-42$")
        run.send("\x1d")
        run.expect(r"This is the control domain again\.")
        run.expect(r"^control# ")
        run.send(f"xl list {kind}\n")
        run.expect(rf"^{kind} +1 +1[0-9][0-9] +1 ")     # a PC's display has some of the 128 MiB
        run.send("poweroff -f\n")
        run.wait(60)


for mode in KINDS:
    test(f"run-mode-{mode}")(partial(at_console, kind=mode))


@test("run-mode-bad")
def bad(_: Context) -> None:
    done = subprocess.run([sys.executable, "-m", "harness.boot", "--mode", "pw"], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    require(done.returncode == 2, f"status {done.returncode}, not 2")
    require_match(r"^prism: there is no mode pw; modes: pv, pvh", done.stdout, "the answer")
