# SPDX-License-Identifier: MIT
"""One disk that is shut down in one row and started in the next: a filesystem on which each stay finds what all stays before it
have written, and which e2fsck finds whole in between; Debian's kernel each time, from the same ramdisk. And what a guest
changes of its own row, or has changed for it, while its disk and its network work."""
from __future__ import annotations

import gzip
import re
import tempfile
from pathlib import Path
from typing import Sequence

from harness import images, packages
from harness.common import GUEST_RAMDISK, ROOT
from harness.guests import end, fetch, finish, inside, network, ramdisk_with, start, vcpus_online
from harness.machine import Run, make_filesystem
from harness.newc import Archive
from harness.testing import Context, Skip, require, require_match, succeed, test
from test_guests_io import digest
from test_hvm import begin, kernel_words

DISK_MIB = 16
KIBIBYTES = 200           # that a stay writes
PERMANENT = 8             # stays' files that are there at once
FEW = ("pvh", "pv")          # in every run of the tests
FILESYSTEM = {"filesystem": ["ext4", "crc32c_generic"]}
E2FSCK = Path("/sbin/e2fsck")
WORDS = ('ramdisk="/guests/guest-filesystem.img"', 'disk=["file:/tmp/disk,xvda,w"]')


def circuit(kinds: Sequence[str]) -> list[str]:
    """A walk that goes from each to each other one exactly once, and ends where it began."""
    left = {kind: [other for other in kinds if other != kind] for kind in kinds}
    path, walk = [kinds[0]], []
    while path:
        if left[path[-1]]:
            path.append(left[path[-1]].pop())
        else:
            walk.append(path.pop())
    return walk[::-1]


def guest_ramdisk(folder: Path) -> Path:
    """The guests', and behind it what a guest needs that mounts a filesystem and fills it."""
    archive = Archive()
    images.add_modules(archive, packages.unpack(*images.kernel_wanted()), FILESYSTEM)
    archive.copy("bin/stream", images.build_tool("stream"))
    content = GUEST_RAMDISK.read_bytes()
    path = folder / "guest-filesystem.img"
    path.write_bytes(content + b"\0" * (-len(content) % 512) + archive.pack_compressed())
    return path


def control_ramdisk(folder: Path, base: Path) -> Path:
    """The control domain's, with that, a fresh filesystem, and what checks it."""
    disk = folder / "disk.gz"
    disk.write_bytes(gzip.compress(make_filesystem(folder / "disk", DISK_MIB).read_bytes()))
    more = {name.lstrip("/"): Path(name).resolve() for name in images.shared_libraries(E2FSCK)}
    return ramdisk_with(base, folder, {"sbin/e2fsck": E2FSCK, "guests/disk.gz": disk,
                                       "guests/guest-filesystem.img": guest_ramdisk(folder), **more})


def stay(run: Run, mode: str, number: int, before: Sequence[str]) -> None:
    """A guest of a row, with the disk: what is there, and something more. before: the rows of the stays so far."""
    disk = "sda" if mode == "hvm" else "xvda"
    begin(run, mode, *WORDS)
    inside(run, "a", f"load disk; wait_for_disk; load filesystem; mount -t ext4 /dev/{disk} /mnt")
    rows = re.findall(r"^row (\w+)$", inside(run, "a", "touch /mnt/rows; cat /mnt/rows"), re.MULTILINE)
    require(rows == list(before), f"the disk has been with {' '.join(rows) or 'nobody'}, not with {' '.join(before)}")
    found = dict(re.findall(r"^(\w{64})  /mnt/stay-(\d+)$", inside(run, "a", "touch /mnt/stay-none; sha256sum /mnt/stay-*"),
                            re.MULTILINE))
    there = range(max(0, number - PERMANENT), number)
    require(sorted(map(int, found.values())) == sorted(there), f"stays whose files are there: {' '.join(found.values())}")
    for name, value in ((int(name), value) for value, name in found.items()):
        require(value == digest(name, KIBIBYTES), f"what stay {name}, in {before[name]}, wrote is another: {value}")
    if number >= PERMANENT:
        inside(run, "a", f"rm /mnt/stay-{number - PERMANENT}")
    inside(run, "a", f"stream {number} {KIBIBYTES} >/mnt/stay-{number} && echo row {mode} >>/mnt/rows && umount /mnt")
    succeed(run, "guest_type a 'poweroff -f'; domain_end a 60 && wait_until 60 '[ -z \"$(losetup -a)\" ]'", 300)


def whole(run: Run) -> None:
    """Read-only, even if it says that all is well."""
    require_match(r"^/tmp/disk: \d+/\d+ files", succeed(run, "e2fsck -f -n /tmp/disk 2>&1", 120), "e2fsck")


@test("switches-walk")
def walk(_: Context) -> None:
    kinds = list(images.GUEST_ROWS)
    rows = circuit(kinds)
    pairs = list(zip(rows, rows[1:]))
    require(len(pairs) == len(set(pairs)) == len(kinds) * (len(kinds) - 1) and rows[0] == rows[-1], f"not a circuit: {rows}")
    require(all(a != b for a, b in pairs), f"a row after itself: {rows}")


@test("switches")
def switches(t: Context) -> None:
    """All twenty changes from one row to another (make soak), or a few."""
    if not t.on_prism:
        raise Skip("Debian's Xen has no /mode to choose the row in")
    rows = circuit(list(images.GUEST_ROWS)) if t.soak else list(FEW)
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        machine = t.machine(ramdisk=control_ramdisk(Path(folder), images.PC_RAMDISK))
        with t.run(machine, limit=120 + 90 * len(rows)) as run:
            before = start(run)
            if not re.search(r"virt_caps +:.*\bhvm\b", succeed(run, "xl info")):
                raise Skip("the machine has no hardware container")
            succeed(run, "gunzip -c /guests/disk.gz >/tmp/disk")
            for number, mode in enumerate(rows):
                with t.check(f"{rows[number - 1]}-to-{mode}" if number else f"in-{mode}"):
                    stay(run, mode, number, rows[:number])
                    whole(run)
                if t.failed:      # the rest would tell of the same
                    return
            finish(t, run, before)


LIBRARIES = ("xencall", "xentoollog", "xentoolcore")
DATA = 99                 # seed of what the network brings
CHANGED = ("pv", "pvh", "pvhvm")
TOGETHER = "xen_emul_unplug=unnecessary"    # the kernel uses PV devices and does not have their doubles unplugged


def loaded_ramdisk(folder: Path) -> Path:
    return ramdisk_with(images.PC_RAMDISK, folder, {
        "guests/tools/columns": images.build_program("columns", [ROOT / "tests/hvm/columns.c"], LIBRARIES),
        "guests/tools/loads": ROOT / "tests/hvm/loads.sh"})


def goes_on(run: Run) -> None:
    inside(run, "a", "loads more && ! cat /tmp/wrong 2>/dev/null")


def at_work(run: Run, mode: str) -> None:
    words = f"{kernel_words()} {TOGETHER}" if images.GUEST_MODES[mode] == "hvm" else kernel_words()
    begin(run, mode, "vcpus=1", "maxvcpus=2", f'extra="{words}"', 'disk=["file:/tmp/disk,xvda,w"]', 'vif=["bridge=xenbr0"]')
    network(run, "a", 2)
    require_match(r"/vif$", inside(run, "a", "readlink /sys/class/net/eth0/device/driver"), "the driver of eth0")
    for tool in ("stream", "columns", "loads"):
        fetch(run, "a", tool)
    inside(run, "a", f"load disk; wait_until 20 \"[ -b /dev/xvda ]\"; loads /dev/xvda {digest(DATA, KIBIBYTES)}")
    goes_on(run)


def vcpus(run: Run, numbers: Sequence[int]) -> None:
    """So many, one after the other."""
    for number in numbers:
        succeed(run, f"xl vcpu-set --ignore-host a {number}; sleep 2")
        inside(run, "a", "for cpu in /sys/devices/system/cpu/cpu1/online; do [ -e $cpu ] && echo 1 >$cpu; done; true"
               if number > 1 else "true")
        require(vcpus_online(run, "a") == number, f"not {number} vCPUs: {succeed(run, 'xl vcpu-list a')}")
        require_match(rf"^{number}$", inside(run, "a", "nproc"), "nproc")
        goes_on(run)


@test("switches-under-load")
def under_load(t: Context) -> None:
    t.long_only()
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        with t.run(t.machine(ramdisk=loaded_ramdisk(Path(folder))), limit=900) as run:
            before = start(run)
            succeed(run, f"stream {DATA} {KIBIBYTES} >/guests/tools/data")
            succeed(run, "dd if=/dev/zero of=/tmp/disk bs=1M count=4 2>/dev/null")
            for mode in CHANGED if t.on_prism else CHANGED[:2]:
                with t.check(f"{mode}-works"):
                    at_work(run, mode)
                if images.GUEST_MODES[mode] == "hvm":
                    with t.check(f"{mode}-callback"):
                        succeed(run, "/guests/tools/columns callback $(xl domid a)")
                        goes_on(run)
                    with t.check(f"{mode}-unplug"):
                        inside(run, "a", "[ -b /dev/sda ] && columns unplug")
                        goes_on(run)
                        ledger = succeed(run, "xenhypfs cat /mode/$(xl domid a)/ledger")
                        require_match(r"io +\S+ -> pv: unplugged disks network", ledger, "the ledger")
                with t.check(f"{mode}-vcpus"):
                    vcpus(run, (2,) if images.GUEST_MODES[mode] == "hvm" else (2, 1, 2))    # QEMU takes none off
                end(run, "a")
            finish(t, run, before)
