# SPDX-License-Identifier: MIT
"""Of what a result is made: when, which Debian packages, and the digests of all files that have a part in its numbers."""
from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any, Sequence

from harness import costs, images, macro, packages
from harness.common import GUEST_RAMDISK, KERNEL, Problem, run, sha256
from harness.machine import EMULATOR
from harness.rows import Row

# What makes a guest in the control domain: its own digest, since a package's version does not tell of a file changed by hand.
TOOLSTACK = [Path(images.XENBIN) / "xl", Path("/usr/lib/x86_64-linux-gnu/libxenlight.so.4.17"),
             *(Path(name) for name in images.PC_FILES if name.endswith(("/hvmloader", "/bios-256k.bin")))]
DEBUG = b"lock taken against the order of ranks"    # what only a debug build can complain of (xen/lib/spinlock.c)


def build_of(hypervisor: Path) -> str:
    """Whether it is a debug build of Prism; "unknown" where there is none."""
    try:
        return "debug" if DEBUG in hypervisor.read_bytes() else "release"
    except OSError:
        return "unknown"


def digests(files: Sequence[Path]) -> dict[str, str]:
    """By name; of those that are there."""
    return {path.name: sha256(path) for path in files if path.is_file()}


def files_of(rows: Sequence[Row], table: str, loads: bool) -> list[Path]:
    """What the machines of these rows are booted with and run on, and the prices."""
    modes = sorted({row.mode for row in rows if row.guest})
    ramdisks = [GUEST_RAMDISK, *map(images.ramdisk_for, modes)]
    if loads:
        ramdisks += [macro.GUEST, *map(macro.ramdisk_for, modes)]
    emulators = [Path(found) for name in (EMULATOR, *images.PC_PROGRAMS) if (found := shutil.which(name))]
    hypervisors = [row.hypervisor for row in rows if row.hypervisor]
    programs = [*emulators, *(TOOLSTACK if modes else [])]
    return list(dict.fromkeys([KERNEL, *ramdisks, *hypervisors, *programs, costs.FOLDER / f"{table}.toml"]))


def unpacked() -> dict[str, str]:
    """Versions of the packages that are only unpacked: the kernel, and Xen."""
    names = [path.name.split("_", 1) for path in packages.UNPACKED.glob(f"{packages.PEER}_*")]
    names += [images.MADE_FROM.read_text().split()] if images.MADE_FROM.exists() else []
    return {name: version for name, version in names}


def package_versions(use: str) -> dict[str, str]:
    """By name, of what is installed for this use, and of what is unpacked."""
    try:
        lines = run("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package} ${Version}\\n").splitlines()
    except Problem:
        return {}
    known = {name: version for state, name, version in (line.split() for line in lines) if state.startswith("ii")}
    wanted = {name: known[name] for name in packages.USES[use] if name in known}
    return dict(sorted({**wanted, **unpacked()}.items()))


def of_run(rows: Sequence[Row], loads_rows: Sequence[Row], table: str) -> dict[str, Any]:
    """The field `versions` of a result, but for how long the run took."""
    every = [*rows, *loads_rows]
    prism = next((row.hypervisor for row in every if row.hypervisor and not row.peer), None)
    return {"date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "build": build_of(prism) if prism else None,
            "packages": package_versions("macro" if loads_rows else "bench"),
            "files": digests(files_of(every, table, bool(loads_rows)))}
