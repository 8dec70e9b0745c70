# SPDX-License-Identifier: MIT
"""Guests with an emulated PC as enemies: tests/hvm/hammer.c at all its devices from two vCPUs at once, in rows that differ; a
triple fault; a jump into a device's registers; a device model that is killed. The guest sees what hardware would do, or ends
alone: the control domain and a neighbour go on, and all memory comes back."""
from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Callable

from harness import images
from harness.common import ROOT
from harness.guests import BOOT, create, end, finish, inside, ramdisk_with, start, state_of
from harness.machine import Run
from harness.rows import SEVERAL_WORDS
from harness.testing import Context, Skip, require, require_match, succeed, test

WORDS = f"{images.GUEST_WORDS} prism.do=tests iomem=relaxed reboot=t"   # all of /dev/mem; reboots by triple fault
PRESERVE = tuple(f'on_{end}="preserve"' for end in ("poweroff", "reboot", "crash"))
ACCESSES = 200       # of each of the two threads, in each stage
SECONDS = 400         # that a stage may take: each access of a block is a request to QEMU for every unit
THREADS = (0, 1)


def ramdisk(folder: Path) -> Path:
    """The control domain's for guests with a PC, and the program."""
    program = images.build_program("hammer", [ROOT / "tests/hvm/hammer.c"])
    return ramdisk_with(images.PC_RAMDISK, folder, {"guests/hammer": program})


def power_on(run: Run, name: str, mode: str, *more: str) -> None:
    """A guest of two vCPUs that boots from a CD, with the program on its disk."""
    succeed(run, f"dd if=/guests/hammer of=/tmp/{name}.img bs=4096 conv=sync 2>/dev/null")
    create(run, name, "bench-pc", "vcpus=2", 'vga="stdvga"', f'disk=["file:/tmp/{name}.img,xvda,w"]', *PRESERVE,
           *more, boots=False, verb="create -p")
    succeed(run, f"guest_run {name} '{images.GUEST_ROWS[mode]}'")


def arm(run: Run, name: str) -> None:
    """The guest is up and has the program."""
    succeed(run, f"guest_ready {name} {BOOT}", BOOT + 50)
    require_match(r"^2$", inside(run, name, "nproc"), "nproc")
    inside(run, name, "load disk; cat $(wait_for_disk) >/bin/hammer; chmod +x /bin/hammer")


def said(run: Run, name: str) -> str:
    return succeed(run, f"grep -a -o 'HAMMER .*' /var/log/xen/console/guest-{name}.log; true")


def stages(run: Run, name: str, *names: str) -> None:
    """What the guest's kernel has logged: each thread has done all of these."""
    text = said(run, name)
    for stage in names:
        for cpu in THREADS:
            require_match(rf"HAMMER {stage} cpu {cpu}: {ACCESSES} accesses", text, f"what {name} says")


def others_live(run: Run) -> None:
    """The control domain answers, since it is asked; so does the neighbour."""
    require_match(r"^here-42$", inside(run, "n", "echo here-$((40 + 2))", 60), "the neighbour")


def crashed(run: Run, name: str, why: str) -> None:
    """Prism says why, and the domain is there and crashed."""
    domain = succeed(run, f"xl domid {name}").split()[-1]
    status, _ = run.command(f"wait_until 60 \"xl dmesg | grep -q 'd{domain} crashed: .*{why}'\"", 90)
    require(status == 0, f"no crash because of {why}: {succeed(run, 'xl dmesg | tail -n 3')}")
    require("c" in state_of(run, name), f"the guest's state is {state_of(run, name)}")


def jumps(t: Context, run: Run, name: str) -> None:
    with t.check("jump-into-a-device"):
        succeed(run, f"guest_type {name} 'hammer jump'")
        crashed(run, name, "")
        require("came back" not in said(run, name), "the HPET's registers are instructions")
        others_live(run)


def triple_fault(t: Context, run: Run, name: str) -> None:
    """Like a reboot: the configuration has the guest started again."""
    with t.check("triple-fault"):
        old = succeed(run, f"xl domid {name}").split()[-1]
        at = succeed(run, f"wc -c </var/log/xen/console/guest-{name}.log").split()[-1]
        succeed(run, f"guest_type {name} 'echo b >/proc/sysrq-trigger'")
        succeed(run, f"guest_said {name} {at} 'PRISM-TESTS ready' {BOOT}", BOOT + 50)
        require_match(rf"d{old} v\d: triple fault", succeed(run, "xl dmesg"), "xl dmesg")
        require(succeed(run, f"xl domid {name}").split()[-1] != old, "it is the same domain")
        others_live(run)


def device_model_dies(t: Context, run: Run, name: str) -> None:
    """Both vCPUs ask it all the time."""
    with t.check("device-model-killed"):
        succeed(run, f"guest_type {name} 'hammer 3 100000000 read read'")
        others_live(run)
        succeed(run, f"kill -9 $(xenstore-read /local/domain/$(xl domid {name})/image/device-model-pid)")
        crashed(run, name, "its device model is gone" if t.on_prism else "")
        others_live(run)


def over(run: Run, name: str, seconds: int) -> str:
    """How a guest ended that was free to break: it says so, or it is down; or it hangs, which is its own affair."""
    log = f"/var/log/xen/console/guest-{name}.log"
    run.command(f"wait_until {seconds} \"grep -q 'HAMMER over' {log} || xl list {name} | grep -q ' ...[sc].. '\"", seconds + 60)
    return f"{state_of(run, name)} {' | '.join(said(run, name).splitlines())}"


def begin(run: Run) -> int:
    before = start(run)
    if not re.search(r"virt_caps +:.*\bhvm\b", succeed(run, "xl info")):
        raise Skip("the machine has no hardware container")
    create(run, "n", "pv")
    succeed(run, f"boot_disc '{WORDS}' >/run/boot.iso")
    return before


def hammered(t: Context, run: Run) -> None:
    """A guest whose time and events are the hypervisor's lives through all this."""
    with t.check("hammered"):
        power_on(run, "a", "pvhvm")
        arm(run, "a")
        inside(run, "a", f"hammer 1 {ACCESSES} read write", 2 * SECONDS)
        stages(run, "a", "read", "write")
        others_live(run)
    device_model_dies(t, run, "a")
    end(run, "a")


def other_rows(t: Context, run: Run) -> None:
    with t.check("hammered-hvm"):
        power_on(run, "b", "hvm")
        arm(run, "b")
        inside(run, "b", f"hammer 2 {ACCESSES} read read", SECONDS)
        stages(run, "b", "read")
    device_model_dies(t, run, "b")
    end(run, "b")
    with t.check("hammered-hard"):
        succeed(run, f"boot_disc '{WORDS} {SEVERAL_WORDS['pvio']}' >/run/boot.iso")
        power_on(run, "c", "pvio")
        arm(run, "c")
        succeed(run, f"guest_type c 'hammer 4 {ACCESSES} interrupts all'")
        outcome = over(run, "c", SECONDS)
        others_live(run)
        require("HAMMER" in outcome or "s" in outcome, f"nothing was hammered: {outcome}")
    end(run, "c")


def other_ends(t: Context, run: Run) -> None:
    power_on(run, "a", "pvhvm", 'on_reboot="restart"')
    arm(run, "a")
    triple_fault(t, run, "a")
    arm(run, "a")
    jumps(t, run, "a")
    end(run, "a")


def hostile(t: Context, *parts: Callable[[Context, Run], None]) -> None:
    if not t.on_prism:
        raise Skip("Debian's Xen has no /mode to choose the row in, and leaves a guest without its device model waiting")
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        with t.run(t.machine(ramdisk=ramdisk(Path(folder))), limit=1200 * len(parts)) as run:
            before = begin(run)
            for part in parts:
                part(t, run)
            end(run, "n")
            finish(t, run, before)


@test("hvm-hostile")
def hostile_short(t: Context) -> None:
    t.long_only()
    hostile(t, hammered)


@test("hvm-hostile-long")
def hostile_long(t: Context) -> None:
    t.long_only()
    hostile(t, other_rows, other_ends)
