# SPDX-License-Identifier: MIT
"""Debian packages by name: those to install on this computer, and those only to unpack (kernel, Xen as a peer)."""
from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from harness.common import BUILD, fail, main, run, say

# What each use needs. Everything is in Debian 12.
BUILDING = ["gcc", "make", "libc6-dev", "libxen-dev"]
IMAGE = ["busybox-static", "xen-utils-4.17", "xen-utils-common", "xenstore-utils", "qemu-system-xen", "qemu-system-data",
         "seabios", "ovmf", "ipxe-qemu"]
MACHINE = ["qemu-system-x86", "seabios"]
TESTING = ["e2fsprogs", "libcmocka-dev", "libunicorn-dev", "libzydis-dev", "grub-pc-bin", "grub-common", "xorriso", "mtools"]
REPORT = ["gnuplot-nox"]
MACRO = ["fio", "rt-tests", "iperf3", "stress-ng", "linux-source-6.1", "tar", "xz-utils", "zstd"]
USES = {
    "build": BUILDING,
    "image": BUILDING + IMAGE,
    "run": BUILDING + IMAGE + MACHINE,
    "bench": BUILDING + IMAGE + MACHINE + REPORT,
    "macro": BUILDING + IMAGE + MACHINE + REPORT + MACRO,
    "test": BUILDING + IMAGE + MACHINE + REPORT + TESTING + MACRO,
}
PEER = "xen-hypervisor-4.17-amd64"
DEBS = BUILD / "debs"
UNPACKED = BUILD / "packages"     # in folders named NAME_VERSION


def installed() -> set[str]:
    """The names of the packages that are installed, and not only known or half removed."""
    lines = run("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\\n").splitlines()
    return {line.split()[1] for line in lines if line.startswith("ii")}


def install(use: str) -> None:
    """Installs what is missing for `use`; without the rights to, says in one line what is missing."""
    if not shutil.which("dpkg"):
        fail(f"this is not Debian (no dpkg); by Debian 12's names, these are needed: {' '.join(USES[use])}")
    present = installed()
    missing = [name for name in USES[use] if name not in present]
    if not missing:
        return
    if os.geteuid():
        fail(f"missing packages; as root: apt-get install --no-install-recommends {' '.join(missing)}")
    say(f"prism: installing {' '.join(missing)}")
    update()
    run("apt-get", "install", "-y", "--no-install-recommends", *missing)


updated = False


def update() -> None:
    """Refreshes apt's lists, once a run: a fresh machine has none, an old one's name files that are gone."""
    global updated
    if not updated and not os.geteuid():
        run("apt-get", "update")
    updated = True


def kernel_package() -> str:
    """The package behind Debian's linux-image-amd64 today."""
    for attempt in range(2):
        listing = run("apt-cache", "depends", "linux-image-amd64") if attempt == 0 or updated else ""
        for line in listing.splitlines():
            name = line.rpartition(" ")[2]
            if "Depends:" in line and name.startswith("linux-image-"):
                return name
        update()
    fail("apt knows no linux-image-amd64: run apt-get update as root")


def candidate(name: str) -> str:
    """The version of a package that apt would fetch; empty, if apt does not know it."""
    found = re.search(r"^ *Candidate: (\S+)$", run("apt-cache", "policy", name), re.MULTILINE)
    return found.group(1) if found and found.group(1) != "(none)" else ""


def unpack(name: str, version: str = "") -> Path:
    """Downloads a package, of that version or of today's, and unpacks it under build/, without installing it. Returns where;
    both are kept, and what is unpacked of another version goes. The caller has images.lock()."""
    if not (version := version or candidate(name)):
        update()
        version = candidate(name) or fail(f"apt knows no {name}: run apt-get update as root")
    target = UNPACKED / f"{name}_{version}"
    if (target / ".complete").exists():
        return target
    DEBS.mkdir(parents=True, exist_ok=True)
    written = f"{name}_{version.replace(':', '%3a')}_*.deb"
    if not list(DEBS.glob(written)):
        say(f"prism: fetching {name} {version}")
        update()
        # apt drops its rights to a user who may not write here; only the message about it is unwanted
        run("apt-get", "-o", "APT::Sandbox::User=root", "download", f"{name}={version}", cwd=DEBS)
    files = sorted(DEBS.glob(written))
    if not files:
        fail(f"apt-get download {name}={version} left no file in {DEBS}")
    for older in (target.with_name(name), *target.parent.glob(f"{name}_*")):
        shutil.rmtree(older, ignore_errors=True)
    target.mkdir(parents=True)
    run("dpkg", "-x", files[-1], target)
    (target / ".complete").touch()
    return target


def entry(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in USES:
        fail(f"usage: python3 -m harness.packages {'|'.join(USES)}")
    install(arguments[0])
    return 0


if __name__ == "__main__":
    main(entry, sys.argv[1:])
