# SPDX-License-Identifier: MIT
"""make list, and what ONLY= and MODE= select: of tests that are made up, and of those that there are."""
from __future__ import annotations

import subprocess
import sys

from harness.common import ROOT
from harness.test import discover, matching
from harness.testing import Context, Test, require, test

MADE_UP = [Test("guest/grants", print), Test("kernels-x", print, parts={"pv-grants": "", "pvh64-grants": "", "pvh64-exits": ""}),
           Test("hvm-row-pvh", print), Test("unit/grants", print)]
# what ONLY and MODE are: the tests that match, with their parts
SELECTED = {
    ("", ""): {"guest/grants": set(), "kernels-x": {"pv-grants", "pvh64-grants", "pvh64-exits"}, "hvm-row-pvh": set(),
               "unit/grants": set()},
    ("grants", ""): {"guest/grants": set(), "kernels-x": {"pv-grants", "pvh64-grants"}, "unit/grants": set()},
    ("grants", "control"): {"guest/grants": set()},
    ("", "pvh64"): {"kernels-x": {"pvh64-grants", "pvh64-exits"}},
    ("", "pvh"): {"hvm-row-pvh": set()},
    ("kernels", "pv"): {"kernels-x": {"pv-grants"}},
    ("pvh64-exits guest", ""): {"guest/grants": set(), "kernels-x": {"pvh64-exits"}},
    ("nobody", ""): {},
}


def asked(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "harness.test", "--list", *words], cwd=ROOT, text=True, capture_output=True)


@test("list")
def lists(t: Context) -> None:
    with t.check("selected"):
        for (only, mode), wanted in SELECTED.items():
            found = {one.name: set(one.parts) for one in matching(MADE_UP, only, mode)}
            require(found == wanted, f"ONLY={only!r} MODE={mode!r} is {found}")
    with t.check("pages"):
        silent = [name for one in discover() for name, page in [(one.name, one.page), *one.parts.items()] if not page.strip()]
        require(not silent, f"nothing is said about {' '.join(silent[:5])}")
    with t.check("lines"):
        names = [line.split()[0] for line in asked("--only", "grants", "--mode", "pvh32").stdout.splitlines()]
        require("kernels-pvh/pvh32-hostile_grants" in names and "kernels-pvh/pvh64-hostile_grants" not in names, f"listed: {names}")
        text = asked("--only", "pvh32-hostile_grants", "--pages").stdout
        require(len(text.splitlines()) > 3 and "gives them back while they are granted" in " ".join(text.split()), text)
    with t.check("nobody"):
        done = asked("--only", "frobnicate")
        require(done.returncode == 2 and "frobnicate" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr)
