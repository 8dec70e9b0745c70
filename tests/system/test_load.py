# SPDX-License-Identifier: MIT
"""More that wants a CPU than there are CPUs: each guest gets its share by weight, on whichever CPUs, and no more than its cap;
the watchdog names a vCPU that gets nothing, and nobody else. One CPU and four by the instruction clock, two by the wall clock.
And guests of eight vCPUs, and 32 guests."""
from __future__ import annotations

import hashlib
import re
import shlex
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Sequence

from harness import images
from harness.guests import BOOT, create, end, finish, inside, ramdisk_with_kernels, start, vcpus_online
from harness.machine import HYPERVISOR_WORDS, Run
from harness.rows import SEVERAL_WORDS
from harness.testing import Context, require, require_match, succeed, test
from test_hvm import kernel_words

KINDS = (("pv64/load_spin.elf", "pv"), ("pvh64/load_spin.elf", "pvh"), ("pvh32/load_spin.elf", "pvh"))
WEIGHTS = {"a": 256, "b": 512, "c": 768}


@dataclass
class Spinner:
    weight: int
    vcpus: int = 1


# Guests at once on a machine with so many CPUs, none of which could use more than a CPU for each vCPU.
CROWDS = {
    2: ([Spinner(256)] * 3, [Spinner(512), Spinner(512), Spinner(768)], [Spinner(256, 2), Spinner(512, 2)]),
    4: ([Spinner(256)] * 5, [Spinner(512)] * 4 + [Spinner(768)] * 3, [Spinner(256, 2)] * 2 + [Spinner(512)] * 3),
}
BY_TURNS = (4,)           # CPUs, more than most computers have: under the instruction clock
WITHIN = 0.05
CAP_WITHIN = 0.15         # caps hold by a tenth of a second: a stretch may have one more or less
STRETCH = 10              # seconds of the clock that the machine has: what CPUs begin with unevenly is then little
EIGHT = {f"e-{mode}": (mode, 8) for mode in ("pv", "pvh", "pvhvm")}
SIZE = 4 << 20            # bytes whose digest each vCPU makes
SLOW = 30                 # seconds that a CPU may be away, and half of what a vCPU may, where the host's load is in the clock
SLOW_WORDS = f"{HYPERVISOR_WORDS} watchdog watchdog_timeout={SLOW}"
# With these, 32 guests at once; each of row HVM and PVHVM has a QEMU in the control domain.
CREW = {"p-pvhvm": ("pvhvm", 1), "p-hvm": ("hvm", 1), **{f"g{i}": (("pv", "pvh")[i % 2], (1, 2, 4)[i % 3]) for i in range(22)}}
SPINNERS = {f"s{i}": (256, 512, 768)[i % 3] for i in range(8)}    # names and weights
PATIENCE = 1              # seconds that the watchdog has for CPUs; for vCPUs twice that
MOST, LEAST = 65535, 1    # weights


def spins(run: Run, name: str, kind: int, *more: str, paused: bool = False) -> None:
    """A guest that does nothing but use CPUs."""
    kernel, row = KINDS[kind % len(KINDS)]
    words = [f'name="{name}"', f'type="{row}"', f'kernel="/guests/tests/{kernel}"', "memory=32", *more]
    succeed(run, f"xl create {'-p' if paused else ''} /dev/null {' '.join(map(shlex.quote, words))}", BOOT)
    if not paused:
        succeed(run, f"wait_until 20 'grep -q LOAD /var/log/xen/console/guest-{name}.log'", BOOT)


def measured(run: Run, seconds: int) -> dict[str, float]:
    """Of one CPU, in percent, by a stretch of the machine's own time."""
    text = succeed(run, f"xentop -b -f -i 2 -d {seconds}", BOOT + 60 * seconds)
    rows = re.findall(r"^ *(\S+) +[-\w]+ +\d+ +(\d+\.\d) ", text, re.MULTILINE)
    return {name: float(percent) for name, percent in rows[len(rows) // 2:]}


def fair(found: dict[str, float], wanted: dict[str, float]) -> None:
    """As a part of what all of them got: the control domain takes what it needs."""
    require(wanted.keys() <= found.keys(), f"xentop shows {found}")
    got, due = sum(found[name] for name in wanted), sum(wanted.values())
    for name in wanted:
        share, right = found[name] / got, wanted[name] / due
        require(abs(share - right) <= WITHIN * right, f"{name} has {share:.3f} of the time, not {right:.3f}: {found}")


def starved(run: Run) -> None:
    """By its weight, as its owner would have it: for minutes."""
    number = require_match(r"^\d+$", succeed(run, "xl domid a"), "xl domid").group(0)
    for name, weight in (("0", MOST), ("b", MOST), ("c", MOST), ("a", LEAST)):
        succeed(run, f"xl sched-credit2 -d {name} -w {weight}")
    succeed(run, "wait_until 20 'xl dmesg | grep -q Watchdog:.d'", BOOT)
    told = re.findall(r"Watchdog: d.*", succeed(run, "xl dmesg"))
    require(len(told) == 1, f"the watchdog says: {' | '.join(told)}")
    require_match(rf"^Watchdog: d{number}v0 has waited [23] s for CPU0, which runs d\d+v0$", told[0], "the watchdog")


@test("load-shares")
def shares(t: Context) -> None:
    words = f"{HYPERVISOR_WORDS} watchdog watchdog_timeout={PATIENCE}"
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        with t.run(t.machine(ramdisk=ramdisk_with_kernels(Path(folder)), hypervisor_words=words), limit=240) as run:
            before = start(run)
            for number, (name, weight) in enumerate(WEIGHTS.items()):
                spins(run, name, number, f"cpu_weight={weight}")
            with t.check("by-weight"):
                found = measured(run, t.rounds(3, 10))
                fair(found, {name: float(weight) for name, weight in WEIGHTS.items()})
                require(sum(found.values()) > 95, f"the CPU is not used: {found}")
            if t.on_prism:
                with t.check("watchdog-silent"):
                    require("Watchdog: d" not in succeed(run, "xl dmesg"), "the watchdog names somebody")
                with t.check("watchdog"):
                    starved(run)
            for name in WEIGHTS:
                end(run, name)
            finish(t, run, before)


def capped(found: dict[str, float], caps: dict[str, float]) -> None:
    for name, cap in caps.items():
        require(name in found and abs(found[name] - cap) <= CAP_WITHIN * cap, f"{name}'s cap is {cap:.0f}: {found}")


@test("load-cap")
def cap(t: Context) -> None:
    """Guests with a cap have so much of a CPU, also where nobody else wants it, with all their vCPUs together; one without has
    what they leave."""
    seconds = t.rounds(2, 10)
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        with t.run(t.machine(ramdisk=ramdisk_with_kernels(Path(folder))), limit=240) as run:
            before = start(run)
            spins(run, "a", 0, "cap=25")
            spins(run, "b", 1, "vcpus=2")
            succeed(run, "xl sched-credit2 -d b -c 40")
            with t.check("idle-beside"):
                capped(measured(run, seconds), {"a": 25, "b": 40})
            with t.check("changed"):
                succeed(run, "xl sched-credit2 -d a -c 10")
                require_match(r"^a +\d+ +256 +10$", succeed(run, "xl sched-credit2 -d a"), "xl sched-credit2")
                capped(measured(run, seconds), {"a": 10, "b": 40})
            with t.check("taken-off"):
                succeed(run, "xl sched-credit2 -d a -c 0")
                found = measured(run, seconds)
                capped(found, {"b": 40})
                require(sum(found.values()) > 95 and found["a"] > 50, f"without a cap a does not have the rest: {found}")
            for name in ("a", "b"):
                end(run, name)
            finish(t, run, before)


@test("load-cap-smp2")
def cap_on_two(t: Context) -> None:
    """A guest's cap is of all its vCPUs together, on however many CPUs they run: more than one CPU's time, or less."""
    t.long_only()
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        with t.run(t.machine(ramdisk=ramdisk_with_kernels(Path(folder)), cpus=2), limit=300) as run:
            before = start(run)
            for number, (name, most) in enumerate({"a": 120, "b": 50}.items()):
                spins(run, name, number, "vcpus=2", f"cap={most}")
            with t.check("together"):
                capped(measured(run, STRETCH), {"a": 120, "b": 50})
            with t.check("one-pinned"):     # of a's vCPUs one has what b leaves it of a CPU, the other no more than a CPU
                succeed(run, "xl vcpu-pin a 0 0; xl vcpu-pin a 1 1; xl vcpu-pin b all 1; xl sched-credit2 -d a -c 150")
                capped(measured(run, STRETCH), {"a": 150, "b": 50})
            with t.check("changed"):
                succeed(run, "xl sched-credit2 -d a -c 30; xl sched-credit2 -d b -c 0; xl vcpu-pin b all all")
                found = measured(run, STRETCH)
                capped(found, {"a": 30})
                require(found["b"] > 130, f"without a cap b does not have the rest: {found}")
            for name in ("a", "b"):
                end(run, name)
            finish(t, run, before)


def crowd(run: Run, spinners: Sequence[Spinner], cpus: int) -> None:
    """They run only while they are measured."""
    names = {f"s{number}": one for number, one in enumerate(spinners)}
    for number, (name, one) in enumerate(names.items()):
        spins(run, name, number, f"cpu_weight={one.weight}", f"vcpus={one.vcpus}", paused=True)
    succeed(run, f"for name in {' '.join(names)}; do xl unpause $name; done", BOOT)
    found = measured(run, STRETCH)
    succeed(run, f"for name in {' '.join(names)}; do xl pause $name; done", BOOT)
    fair(found, {name: float(one.weight * one.vcpus) for name, one in names.items()})
    require(sum(found.values()) > 90 * cpus, f"the CPUs are not used: {found}")
    for name in names:
        end(run, name)


def crowds(t: Context, cpus: int) -> None:
    t.long_only()
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        machine = t.machine(ramdisk=ramdisk_with_kernels(Path(folder)), cpus=cpus, icount=cpus in BY_TURNS)
        with t.run(machine, limit=900 if cpus in BY_TURNS else 400) as run:
            before = start(run)
            for number, spinners in enumerate(CROWDS[cpus]):
                with t.check(f"crowd-{number}"):
                    crowd(run, spinners, cpus)
                succeed(run, "for id in $(xl list | awk 'NR > 2 { print $(NF - 4) }'); do xl destroy $id; done")
            finish(t, run, before)


for each in CROWDS:
    test(f"load-shares-smp{each}")(partial(crowds, cpus=each))


def power_on(run: Run, name: str, mode: str, vcpus: int) -> None:
    """Begins: others are made meanwhile."""
    words = f"{kernel_words()} {SEVERAL_WORDS.get(mode, '') if vcpus > 1 else ''}".strip()
    create(run, name, mode, f"vcpus={vcpus}", f'extra="{words}"', boots=False, verb="create -p")
    pc = images.GUEST_MODES[mode] == "hvm"
    succeed(run, f"guest_run {name} '{images.GUEST_ROWS[mode]}'" if pc else f"xl unpause {name}", BOOT)


def compute(run: Run, name: str, vcpus: int) -> None:
    """Begins: each vCPU makes the same digest."""
    succeed(run, f"""guest_type {name} 'for i in $(seq 0 {vcpus - 1}); do (yes {name} was here | head -c {SIZE} | \
taskset $(printf %x $((1 << i))) sha256sum >/tmp/$i) & done; wait; echo OUTCOME $(cat /tmp/[0-9] | sort | uniq -c)'""")


def together(t: Context, run: Run, guests: dict[str, tuple[str, int]]) -> None:
    with t.check("boot"):
        for name, (mode, vcpus) in guests.items():
            power_on(run, name, mode, vcpus)
        for name, (_, vcpus) in guests.items():
            succeed(run, f"guest_ready {name} {2 * BOOT}", 3 * BOOT)
            require(vcpus_online(run, name) == vcpus, f"{name} has other than {vcpus} vCPUs")
            require_match(rf"^{vcpus}$", inside(run, name, "nproc"), f"nproc in {name}")
    with t.check("work"):
        for name, (_, vcpus) in guests.items():
            compute(run, name, vcpus)
        for name, (_, vcpus) in guests.items():
            text = succeed(run, f"guest_said {name} 0 '^OUTCOME' {2 * BOOT}; guest_log {name} | grep ^OUTCOME", 3 * BOOT)
            line = f"{name} was here\n".encode()
            wanted = hashlib.sha256((line * (SIZE // len(line) + 1))[:SIZE]).hexdigest()
            require_match(rf"^OUTCOME +{vcpus} {wanted} +-$", text, f"what {name} says")


def control_memory(guests: dict[str, tuple[str, int]]) -> int:
    return 768 + 64 * sum(images.GUEST_MODES[mode] == "hvm" for mode, _ in guests.values())


def nobody_waits(t: Context, run: Run) -> None:
    with t.check("watchdog-silent"):
        text = succeed(run, "xl dmesg")
        require("Watchdog: d" not in text, f"the watchdog says: {' | '.join(re.findall('Watchdog: d.*', text))}")


@test("load-eight-vcpus")
def eight_vcpus(t: Context) -> None:
    """On two CPUs, by turns: with a thread for each the emulator gives such guests faults now and then (docs/machine.md)."""
    t.long_only()
    control = control_memory(EIGHT)
    machine = t.machine(ramdisk=images.PC_RAMDISK, hypervisor_words=SLOW_WORDS, turns=True, icount=False, cpus=2,
                        dom0_memory=control, memory=control + 256 + 150 * len(EIGHT))
    with t.run(machine, limit=1200) as run:
        before = start(run)
        together(t, run, EIGHT)
        nobody_waits(t, run)
        for name in EIGHT:
            end(run, name)
        finish(t, run, before, slack=1)      # the control domain's tables for channels and grants stay as large as they were


@test("load-thirty-two")
def thirty_two(t: Context) -> None:
    """Guests of all rows, with 1, 2 and 4 vCPUs, beside some that spin: all on four CPUs, by turns (docs/machine.md)."""
    t.long_only()
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        control = 256 + control_memory(CREW)
        machine = t.machine(ramdisk=ramdisk_with_kernels(Path(folder), images.TESTS_PC_RAMDISK), turns=True, icount=False, cpus=4,
                            hypervisor_words=SLOW_WORDS, dom0_memory=control,
                            memory=control + 512 + 150 * len(CREW) + 40 * len(SPINNERS))
        with t.run(machine, limit=1800) as run:
            before = start(run)
            for number, (one, weight) in enumerate(SPINNERS.items()):
                spins(run, one, number, f"cpu_weight={weight}")
            together(t, run, CREW)
            with t.check("by-weight"):
                succeed(run, f"for name in {' '.join(CREW)}; do xl pause $name; done", BOOT)
                require(len(succeed(run, "xl list").splitlines()) == 2 + len(CREW) + len(SPINNERS), "a guest is gone")
                fair(measured(run, STRETCH), {one: float(weight) for one, weight in SPINNERS.items()})
            nobody_waits(t, run)
            for one in (*CREW, *SPINNERS):
                end(run, one)
            finish(t, run, before, slack=2)
