# SPDX-License-Identifier: MIT
"""Many guests at once, of all rows in turn, with 1, 2 and 4 vCPUs, on machines with fewer CPUs: each works on its own disk
and answers at its own console. Machines of several CPUs go by the wall clock; the emulator's CPUs run
by turns, since with a thread for each it has races of its own once many guests run (docs/machine.md)."""
from __future__ import annotations

import hashlib
from functools import partial

from harness.common import BUILD
from harness.guests import BOOT, create, end, finish, free_frames, inside, start, vcpus_online
from harness.machine import Run, make_filesystem
from harness.testing import Context, require, require_match, succeed, test
from test_guests import KINDS

VCPUS = (1, 2, 4)
SIZE = 2 << 20         # bytes of a guest's disk
GUESTS = 16            # at once
CPUS = (1, 2, 4)       # of the machine
KEPT = 1               # MiB that the control domain's tables may have grown by


def words_of(name: str) -> bytes:
    line = f"{name} was here\n".encode()
    return (line * (SIZE // len(line) + 1))[:SIZE]


def work(run: Run, name: str, vcpus: int) -> None:
    """Starts it: the disk is written, each vCPU computes the same digest, the disk is read. The outcome is one line."""
    command = (f"yes {name} was here | head -c {SIZE} | dd of=/dev/xvda bs=64k conv=fsync 2>/dev/null; "
               f"for i in $(seq {vcpus}); do (yes {name} was here | head -c {SIZE} | sha256sum >/tmp/$i) & done; wait; "
               "echo 3 >/proc/sys/vm/drop_caches; "
               "echo OUTCOME $(cat /tmp/[0-9] | sort -u | wc -l) $(sha256sum /dev/xvda)")
    succeed(run, f"guest_type {name} '{command}'")


def all_at_once(t: Context, run: Run, guests: dict[str, tuple[str, int]], part: str) -> None:
    for name, (kind, vcpus) in guests.items():
        create(run, name, kind, f"vcpus={vcpus}", f'disk=["file:/mnt/{name}.img,xvda,w"]', boots=False, verb="create -p")
    with t.check(f"{part}-boot"):
        for name in guests:              # together: those that run do not hold up the making of others
            succeed(run, f"xl unpause {name}")
        for name, (_, vcpus) in guests.items():
            succeed(run, f"guest_ready {name} {4 * BOOT}", 4 * BOOT)
            require(vcpus_online(run, name) == vcpus, f"{name} has other than {vcpus} vCPUs")
            inside(run, name, "load disk; wait_for_disk")
    with t.check(f"{part}-work"):
        for name, (_, vcpus) in guests.items():
            work(run, name, vcpus)
        for name in guests:
            text = succeed(run, f"guest_said {name} 0 '^OUTCOME' {2 * BOOT}; guest_log {name} | grep ^OUTCOME", 2 * BOOT)
            wanted = hashlib.sha256(words_of(name)).hexdigest()
            require_match(rf"^OUTCOME 1 {wanted} ", text, f"what {name} says")
            require_match(wanted, succeed(run, f"sha256sum /mnt/{name}.img"), f"the disk of {name}")
    with t.check(f"{part}-list"):
        text = succeed(run, "xl list; xl vcpu-list | tail -n 1")
        for name, (_, vcpus) in guests.items():
            require_match(rf"^{name} +\d+ +128 +{vcpus} +[r-][b-]---- ", text, "xl list")


def pinned(run: Run) -> None:
    """g1 has two vCPUs."""
    succeed(run, "xl vcpu-pin g1 1 0")
    require_match(r"^g1 +\d+ +1 +0 .* 0 / all$", succeed(run, "sleep 1; xl vcpu-list g1"), "xl vcpu-list")
    inside(run, "g1", "taskset 2 true")
    succeed(run, "xl vcpu-pin g1 1 all")


def many(t: Context, cpus: int) -> None:
    """Twice: the control domain keeps tables for as many channels and grants as it once had; the second time nothing may stay."""
    t.long_only()
    image = make_filesystem(BUILD / "tests" / f"many-{cpus}.img", 128)
    guests = {f"g{i}": (KINDS[i % len(KINDS)], VCPUS[i % 3]) for i in range(GUESTS)}
    machine = t.machine(icount=cpus == 1, cpus=cpus, turns=True, disk=image, dom0_memory=768,
                        memory=1536 + 140 * GUESTS)
    with t.run(machine, limit=300 + 120 * GUESTS) as run:
        before, free = start(run), 0
        succeed(run, "machine_disk")
        for name in guests:
            succeed(run, f"dd if=/dev/zero of=/mnt/{name}.img bs=1M count={SIZE >> 20} 2>/dev/null")
        for part in ("first", "again"):
            all_at_once(t, run, guests, part)
            if cpus > 1 and part == "first":
                with t.check("vcpu-pin"):
                    pinned(run)
            for name in guests:
                end(run, name)
            free = free or free_frames(run)
        with t.check("frames-back"):
            after = free_frames(run)
            require(free - after <= (0 if t.on_prism else 64), f"{free} frames were free before, {after} are after")
        succeed(run, "machine_disk_off", 90)
        finish(t, run, before, slack=KEPT)


for number in CPUS:
    test(f"guests-many-smp{number}")(partial(many, cpus=number))
