# SPDX-License-Identifier: MIT
"""What becomes of a guest that powers off, reboots or crashes, by what its configuration says; and that guests made and
ended one after the other leave nothing behind."""
from __future__ import annotations

import re
import tempfile
from pathlib import Path

from harness import images
from harness.common import ROOT
from harness.guests import BOOT, create, end, finish, free_frames, heap_use, inside, network, ramdisk_with, start, state_of
from harness.machine import Machine, Run
from harness.testing import Context, require, require_match, succeed, test
from test_guests import KINDS

DUMPS = "/var/lib/xen/dump"
# Lives of a guest: how it ends, and what its configuration says to that. All but the last leave one that runs.
LIVES = (
    {"crash": "coredump-destroy"},
    {"reboot": "rename-restart", "crash": "restart", "poweroff": "preserve"},
    {"crash": "coredump-restart", "poweroff": "restart", "reboot": "destroy"},
    {"poweroff": "rename-restart", "crash": "preserve"},
    {"crash": "rename-restart", "reboot": "preserve"},
    {"crash": "destroy"},
)                              # a guest that reboots or powers off by xl's defaults: test_guests.py
STATES = {"crash": "c", "poweroff": "s", "reboot": "s"}
FEW = 2                # lives in every run of the tests
ROUNDS = 6
SPOILT = 1000        # times that words of a ring become others
RINGS_LIBRARIES = ("xenforeignmemory", "xencall", "xentoolcore", "xentoollog")
TORN = 3             # rounds of guests that end at work
AT_WORK = (          # what such a guest does, until it ends
    "while :; do dd if=/dev/urandom of=/dev/xvda bs=256k oflag=direct; done",
    "while :; do dd if=/dev/xvda of=/dev/null bs=64k iflag=direct; done",
    "while :; do wget -q -O /dev/null http://10.7.0.1/disk; done",
)


def id_of(run: Run) -> int:
    return int(require_match(r"^\d+$", succeed(run, "xl domid a"), "xl domid").group(0))


def bring_about(run: Run, how: str) -> None:
    if how == "crash":
        inside(run, "a", "echo 1 >/proc/sys/kernel/sysrq")    # Debian's kernel allows only some of them
        succeed(run, "xl sysrq a c")
    else:
        succeed(run, f"xl {'shutdown' if how == 'poweroff' else 'reboot'} a")


def renamed(run: Run, old: int) -> None:
    """The old domain is kept under a name with the time in it."""
    text = succeed(run, f"wait_until 30 'xl domname {old} | grep -q ^a-'; xl list")
    require_match(rf"^a-\d{{8}}T\d{{4}}Z +{old} ", text, "xl list")
    succeed(run, f"xl destroy {old}; wait_until 30 '! xl domname {old}'")


def dumped(run: Run) -> None:
    name = succeed(run, f"wait_until 60 'ls {DUMPS}/*'; ls {DUMPS}/*").split()[-1]
    size = int(succeed(run, f"wc -c <{name}; rm {name}"))
    require(size > 128 << 20, f"the dump of a guest of 128 MiB has {size} bytes")


def one_end(run: Run, how: str, action: str) -> None:
    """The guest ends in this way, and this comes of it."""
    old = id_of(run)
    at = succeed(run, "wc -c </var/log/xen/console/guest-a.log").split()[-1]
    bring_about(run, how)
    if action == "rename-restart":
        renamed(run, old)
    if action.endswith("restart"):
        succeed(run, f"wait_until 60 'xl domid a | grep -qv \"^{old}$\"'", BOOT)
        succeed(run, f"guest_said a {at} 'PRISM-TESTS ready' {BOOT // 2}", BOOT)
    elif action == "preserve":
        succeed(run, f"wait_until 60 'xl list a | grep -q \" [r-][b-][p-]s\"'", BOOT)
        require(STATES[how] in state_of(run, "a") and id_of(run) == old, f"a guest that is kept: {succeed(run, 'xl list')}")
        end(run, "a")
    else:
        succeed(run, f"domain_end a {BOOT // 2}", BOOT)
    if action.startswith("coredump"):
        dumped(run)


@test("guests-ends")
def guests_ends(t: Context) -> None:
    with t.run(t.machine(ramdisk=images.TESTS_RAMDISK), limit=900) as run:
        before = start(run)
        for number, life in enumerate(LIVES if t.soak else LIVES[:FEW]):
            dumped_too = any(action.startswith("coredump") for action in life.values())
            # dumps of PV guests only: of others libxc looks for a million frames, one by one
            for kind in KINDS[:1] if dumped_too else t.some(KINDS, number):
                words = [f'on_{how}="{action}"' for how, action in life.items()]
                with t.check("-".join((kind, *(f"{how}-{action}" for how, action in life.items())))):
                    succeed(run, f"rm -f {DUMPS}/*")
                    create(run, "a", kind, *words)
                    for how, action in life.items():
                        one_end(run, how, action)
                succeed(run, "for id in $(xl list | awk 'NR > 2 { print $(NF - 4) }'); do xl destroy $id; done")
        finish(t, run, before)


@test("guests-rounds")
def guests_rounds(t: Context) -> None:
    """Guests are created and destroyed, row by row: free memory comes back to the frame, and Prism has the same objects."""
    rounds = t.rounds(ROUNDS, 200)
    with t.run(t.machine(ramdisk=images.TESTS_RAMDISK), limit=120 + 20 * rounds) as run:
        before = start(run)
        for kind in (*KINDS, *KINDS):        # what is allocated once and stays
            create(run, "a", kind, boots=False)
            end(run, "a")
        free, heap = free_frames(run), heap_use(run) if t.on_prism else ""
        with t.check(f"rounds-{rounds}"):
            for number in range(rounds):
                create(run, "a", KINDS[number % len(KINDS)], "vcpus=2", boots=False)
                end(run, "a")
            after = free_frames(run)
            # Xen keeps some frames of its own as domain ids grow
            require(free - after <= (0 if t.on_prism else 64), f"{free} frames were free before, {after} are after")
        if t.on_prism:
            with t.check("heap"):
                now = heap_use(run)
                require(heap == now, f"allocated before: {heap}; after: {now}".replace("\n", "; "))
        finish(t, run, before)


def at_work(run: Run, kind: str, vcpus: int) -> None:
    """A guest that has requests under way in all of its rings, whose pages the backends have mapped."""
    create(run, "a", kind, 'disk=["file:/tmp/disk,xvda,w"]', 'vif=["bridge=xenbr0"]', f"vcpus={vcpus}")
    network(run, "a", 2)
    inside(run, "a", "load disk; wait_for_disk")
    inside(run, "a", " ".join(f"({command}) >/dev/null 2>&1 &" for command in AT_WORK))
    succeed(run, "wait_until 30 '[ $(cat /sys/devices/vbd-*/statistics/wr_req) -gt 20 ]'", BOOT)
    succeed(run, "wait_until 30 '[ $(cat /sys/class/net/vif*/statistics/tx_packets) -gt 200 ]'", BOOT)


def gone(run: Run) -> None:
    end(run, "a")
    succeed(run, "wait_until 30 '[ -z \"$(losetup -a)$(ls /sys/class/net | grep vif)\" ]'", BOOT)


def spoilt(run: Run, kind: str, seed: int) -> None:
    """What a guest shares with its backends becomes nonsense while they work: they, and the hypervisor, go on."""
    at_work(run, kind, vcpus=1)    # one ring each
    device = "/local/domain/$(xl domid a)/device"
    refs = f"$(xenstore-read {device}/vbd/51712/ring-ref {device}/vif/0/tx-ring-ref {device}/vif/0/rx-ring-ref)"
    succeed(run, f"rings $(xl domid a) {seed} {SPOILT} {refs}", BOOT)
    gone(run)
    create(run, "a", kind, boots=False)
    end(run, "a")


def run_torn(t: Context, machine: Machine, rounds: int) -> None:
    with t.run(machine, limit=180 + 30 * rounds) as run:
        before = start(run)
        succeed(run, "dd if=/dev/zero of=/tmp/disk bs=1M count=16 2>/dev/null; httpd -p 10.7.0.1:80 -h /tmp")
        with t.check(f"rounds-{rounds}"):
            free = 0
            for number in range(rounds):
                at_work(run, KINDS[number % len(KINDS)], vcpus=2)
                gone(run)
                if number == len(KINDS) - 1:      # what is allocated once, and stays, is there
                    free = free_frames(run)
            after = free_frames(run)
            require(free - after <= (0 if t.on_prism else 64), f"{free} frames were free before, {after} are after")
        for seed, kind in enumerate(t.some(KINDS, 0)):
            with t.check(f"{kind}-rings-spoilt"):
                spoilt(run, kind, seed)
                after = free_frames(run)
                require(free - after <= (0 if t.on_prism else 64), f"{free} frames were free before, {after} are after")
                broken = succeed(run, "dmesg | grep -E 'BUG|Oops|WARNING:|Call Trace' | head -n 3; dmesg -c >/dev/null")
                require(not broken.strip(), f"the control domain's kernel: {broken}")
        finish(t, run, before)


@test("guests-torn")
def guests_torn(t: Context) -> None:
    """Guests end in the middle of their disks' and networks' work, and with rings in which there is nonsense."""
    t.long_only()
    rounds = t.rounds(TORN, 20)
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        more = {"bin/rings": images.build_program("rings", [ROOT / "tests/rings/rings.c"], RINGS_LIBRARIES)}
        machine = t.machine(cpus=2, ramdisk=ramdisk_with(images.TESTS_RAMDISK, Path(folder), more))
        run_torn(t, machine, rounds)

