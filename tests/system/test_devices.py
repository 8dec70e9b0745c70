# SPDX-License-Identifier: MIT
"""The machine's own devices from the control domain: disks hold what was written, the network answers. These run by the
wall clock and on several host CPUs: an idle guest under the instruction clock would be past every timeout at once."""
from __future__ import annotations

import hashlib
import random
from functools import partial
from pathlib import Path

from harness.common import BUILD
from harness.machine import Run, make_disk
from harness.testing import Context, check_warnings, power_off, ready, require, require_match, succeed, test

MEBI = 1 << 20
EXTENT = 4 * MEBI


def disk(run: Run, path: Path, pattern: bytes) -> None:
    """The host wrote the first extent and the guest reads it; the guest writes another and the host is to read that."""
    name = succeed(run, "load disk; wait_for_disk", 60).split()[-1]
    require(name != "none", "no disk was found")
    text = succeed(run, f"dd if={name} bs=64k count={EXTENT >> 16} 2>/dev/null | sha256sum", 60)
    require_match(hashlib.sha256(pattern).hexdigest(), text, "what the guest read")
    succeed(run, f"dd if=/dev/urandom of=/tmp/x bs=64k count={EXTENT >> 16} 2>/dev/null", 60)
    written = require_match(r"\b[0-9a-f]{64}\b", succeed(run, "sha256sum /tmp/x"), "sha256sum").group(0)
    succeed(run, f"dd if=/tmp/x of={name} bs=64k seek={EXTENT >> 16} 2>/dev/null && sync", 60)
    succeed(run, "echo 3 >/proc/sys/vm/drop_caches")
    text = succeed(run, f"dd if={name} bs=64k skip={EXTENT >> 16} count={EXTENT >> 16} 2>/dev/null | sha256sum", 60)
    require_match(written, text, "what the guest read back")
    require(digest(path, EXTENT) == written, "what the guest wrote is not on the disk")


def digest(path: Path, offset: int) -> str:
    with path.open("rb") as stream:
        stream.seek(offset)
        return hashlib.sha256(stream.read(EXTENT)).hexdigest()


def network(run: Run) -> None:
    """An address by DHCP, and an answer from the gateway."""
    succeed(run, "load net; sleep 1; ip link set eth0 up", 60)
    require_match(r"10\.0\.2\.15", succeed(run, "udhcpc -i eth0 -n -q -f -s /bin/true 2>&1", 60), "DHCP")
    succeed(run, "ip addr add 10.0.2.15/24 dev eth0")
    require_match(r"3 packets received", succeed(run, "ping -c 3 -W 5 10.0.2.2", 60), "ping")


def devices(t: Context, kind: str, nic: str) -> None:
    """A machine with a disk and a network device."""
    path = make_disk(BUILD / "tests" / f"{kind}.img", 32)
    pattern = random.Random(7).randbytes(EXTENT)
    with path.open("r+b") as stream:
        stream.write(pattern)
    with t.run(t.machine(icount=False, cpus=2, disk=path, disk_device=kind, nic=nic)) as run:
        ready(run)
        with t.check(kind):
            disk(run, path, pattern)
        with t.check(nic):
            network(run)
        check_warnings(t, run)
        power_off(run)


for disk_kind, nic_kind in (("ide-hd", "e1000"), ("virtio-blk-pci", "virtio-net-pci")):
    test(f"devices-{disk_kind}")(partial(devices, kind=disk_kind, nic=nic_kind))


@test("stress-smp4")
def stress(t: Context) -> None:
    """Four vCPUs on whatever host CPUs there are at once, forking and mapping in six loops: how fast is the host's affair,
    but every loop gets to its end, and the guest is in order afterwards."""
    with t.run(t.machine(icount=False, cpus=4, memory=1536), limit=t.rounds(700, 3000)) as run:
        ready(run)
        work = "/bin/true; dd if=/dev/zero of=/dev/null bs=256k count=4 2>/dev/null; echo >>/tmp/s/$j"
        succeed(run, "mkdir /tmp/s")
        turns = t.rounds(1, 10)
        succeed(run, f"for j in 1 2 3 4 5 6; do (for turn in $(seq {turns}); do {work}; done) & done; wait", 100 + 200 * turns)
        counts = succeed(run, "cat /tmp/s/* | wc -l; ls /tmp/s | wc -l").split()
        require(counts == [str(6 * turns), "6"], f"six loops of {turns} turns: {counts[1]} of them ran, {counts[0]} turns")
        require_match(r"^4$", succeed(run, "nproc"), "nproc")
        check_warnings(t, run)
        power_off(run)
