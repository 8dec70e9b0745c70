# SPDX-License-Identifier: MIT
"""Guests' disks in files on the machine's own disk, and their network: what is read, written, sent and received is
recognized by its digest on both sides. By the wall clock, since the machine's disk is the host's; two CPUs by turns, which
takes a third of the time that they take on a host with nothing to spare."""
from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

from harness.common import BUILD, TESTS_RAMDISK
from harness.guests import BOOT, create, end, fetch, finish, inside, network, start
from harness.images import build_tool
from harness.machine import Run, make_filesystem
from harness.testing import Context, require, require_match, succeed, test
from test_guests import KINDS

DISK = 8 << 10         # KiB of a guest's disk
PART = 4 << 10         # what the guest writes of it, from its beginning
SENT = 100 << 10       # KiB of a transfer
FEWER = 4 << 10        # in every run of the tests
ADDRESSES = {"a": 2, "b": 3}


def digest(seed: int, kibibytes: int) -> str:
    """What the program stream says for a seed, made on the host."""
    with subprocess.Popen([build_tool("stream"), str(seed), str(kibibytes)], stdout=subprocess.PIPE) as stream:
        assert stream.stdout
        return hashlib.file_digest(stream.stdout, "sha256").hexdigest()


def file_in(image: Path, name: str) -> bytes:
    """A file of a filesystem in an image, read without mounting it."""
    return subprocess.run(["/sbin/debugfs", "-R", f"cat /{name}", image], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def same(text: str, wanted: str, what: str) -> None:
    found = require_match(r"\b[0-9a-f]{64}\b", text, what).group(0)
    require(found == wanted, f"{what}: the digest is {found}, not {wanted}")


def whole(seed: int) -> bytes:
    return subprocess.run([build_tool("stream"), str(seed), str(DISK)], check=True, stdout=subprocess.PIPE).stdout


def disks(t: Context, run: Run, name: str, seed: int, reboots: bool) -> None:
    """The control domain wrote the disk; the guest reads it, writes its first part, and finds that again after a reboot."""
    tail = f"dd if=/dev/xvda bs=1M skip={PART >> 10} 2>/dev/null | sha256sum"
    head = f"dd if=/dev/xvda bs=1M count={PART >> 10} 2>/dev/null | sha256sum"
    old_tail = hashlib.sha256(whole(seed)[PART << 10:]).hexdigest()
    with t.check(f"disk-{name}-read"):
        inside(run, name, "load disk; wait_for_disk")
        same(inside(run, name, "sha256sum /dev/xvda"), digest(seed, DISK), "what the guest reads")
    with t.check(f"disk-{name}-write"):
        inside(run, name, f"stream {seed + 1} {PART} | dd of=/dev/xvda bs=1M 2>/dev/null; sync")
        inside(run, name, "echo 3 >/proc/sys/vm/drop_caches")
        same(inside(run, name, head), digest(seed + 1, PART), "what the guest reads back")
        succeed(run, "sync; echo 3 >/proc/sys/vm/drop_caches")
        same(succeed(run, head.replace("/dev/xvda", f"/mnt/{name}.img")), digest(seed + 1, PART), "the control domain's file")
    if not reboots:
        return
    with t.check(f"disk-{name}-reboot"):
        at = succeed(run, f"wc -c </var/log/xen/console/guest-{name}.log").split()[-1]
        succeed(run, f"xl reboot -w {name}; guest_said {name} {at} 'PRISM-TESTS ready' {BOOT}", BOOT)
        inside(run, name, "load disk; wait_for_disk")
        same(inside(run, name, head), digest(seed + 1, PART), "the part written, after a reboot")
        same(inside(run, name, tail), old_tail, "the part not written, after a reboot")


def on(run: Run, where: str, command: str) -> str:
    """A command in the control domain ("") or in a guest."""
    return inside(run, where, command, 300) if where else succeed(run, command, 300)


def transfer(t: Context, run: Run, source: str, target: str, seed: int, size: int) -> None:
    """So many KiB by TCP."""
    address = f"10.7.0.{ADDRESSES.get(target, 1)}"
    with t.check(f"tcp-{source or 'control'}-to-{target or 'control'}"):
        on(run, target, "rm -f /tmp/sum; (stream receive 5001 | sha256sum >/tmp/sum) &")
        on(run, target, "wait_until 20 \"netstat -lnt | grep -q :5001\"")
        on(run, source, f"stream {seed} {size} {address} 5001")
        on(run, target, "wait_until 60 \"[ -s /tmp/sum ]\"")
        same(on(run, target, "cat /tmp/sum"), digest(seed, size), "what was received")


@test("guests-io")
def guests_io(t: Context) -> None:
    """Two guests, of two rows where there are two."""
    image = make_filesystem(BUILD / "tests" / "guests-io.img", 256)
    kinds = {"a": KINDS[0], "b": KINDS[-1]}
    with t.run(t.machine(icount=False, turns=True, cpus=2, disk=image, ramdisk=TESTS_RAMDISK), limit=900) as run:
        before = start(run)
        succeed(run, "machine_disk")
        for seed, (name, kind) in enumerate(kinds.items()):
            succeed(run, f"stream {seed * 2} {DISK} >/mnt/{name}.img; sync", 120)
            create(run, name, kind, f'disk=["file:/mnt/{name}.img,xvda,w"]', 'vif=["bridge=xenbr0"]', "memory=160")
        for seed, name in enumerate(kinds):
            network(run, name, ADDRESSES[name])
            fetch(run, name, "stream")
        with t.check("ping"):
            for source, address in (("a", 1), ("a", 3), ("b", 2), ("", 2), ("", 3)):
                text = on(run, source, f"ping -A -c 3 10.7.0.{address}")
                require_match("3 packets received", text, f"ping of 10.7.0.{address} from {source or 'the control domain'}")
        for seed, (source, target) in enumerate((("a", ""), ("", "a"), ("a", "b"), ("b", "a"))):
            transfer(t, run, source, target, 100 + seed, t.rounds(FEWER, SENT))
        for seed, name in enumerate(kinds):
            disks(t, run, name, seed * 2, reboots=t.soak)
        for name in kinds:
            end(run, name)
        with t.check("nothing-left"):
            succeed(run, "machine_disk_off", 300)
            require(re.search(r"vif\d", succeed(run, "ls /sys/class/net")) is None, "a guest's interface is left")
        finish(t, run, before)
    with t.check("on-the-machine's-disk"):
        for seed, name in enumerate(kinds):
            content = file_in(image, f"{name}.img")
            require(hashlib.sha256(content[:PART << 10]).hexdigest() == digest(seed * 2 + 1, PART)
                    and content[PART << 10:] == whole(seed * 2)[PART << 10:], f"the file of guest {name} is another")
