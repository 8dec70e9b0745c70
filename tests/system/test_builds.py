# SPDX-License-Identifier: MIT
"""The two builds of Prism: the debug build has its checks in it, the release build none of them."""
from __future__ import annotations

import re

from harness.common import run
from harness.testing import Context, Skip, require, test

CHECKS = {"__stack_chk_fail", "__stack_chk_guard", "__ubsan_handle_out_of_bounds_abort", "__ubsan_handle_type_mismatch_v1_abort",
          "frames_audit_some"}


def has_checks(t: Context, wanted: str) -> None:
    if not t.on_prism or t.build != wanted:
        raise Skip(f"Prism's {wanted} build is not tested")
    image = t.hypervisor.parent / "prism64.elf"
    found = CHECKS & {line.split()[-1] for line in run("nm", image).splitlines()}
    require(found == (CHECKS if wanted == "debug" else set()), f"{wanted}: {sorted(found)}")
    # An assertion's text is in the image where it is compiled in: this one is in xen/mem/frame.h.
    asserted = re.search(rb"!\(\(left & FRAME_COUNT_MASK\) != FRAME_COUNT_MASK\)", image.read_bytes())
    require(bool(asserted) == (wanted == "debug"), f"{wanted}: assertions {'in it' if asserted else 'missing'}")


@test("release-build")
def release(t: Context) -> None:
    has_checks(t, "release")


@test("debug-build")
def debug(t: Context) -> None:
    has_checks(t, "debug")
