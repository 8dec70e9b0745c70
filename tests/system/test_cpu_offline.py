# SPDX-License-Identifier: MIT
"""CPUs of the machine are taken out of use while guests, the control domain and its disk are at work on them, and come back:
by Linux's interface in the control domain, and by Debian's xen-hptool. Nothing stands still, nothing is lost."""
from __future__ import annotations

import hashlib
import re
from pathlib import Path

from harness.common import BUILD, TESTS_RAMDISK
from harness.guests import BOOT, create, end, finish, inside, start
from harness.machine import HYPERVISOR_WORDS, Run, make_disk
from harness.testing import Context, require, require_match, succeed, test

CPUS = 2
GUESTS = {"a": "pv", "b": "pvh"}
ONLINE = "/sys/devices/system/xen_cpu/xen_cpu1/online"
HPTOOL = "/usr/lib/xen-4.17/bin/xen-hptool"
DISK_MIB = 4
WEIGHT = 16               # of guests that compute all the time: all else is to be done beside them
SIZE = 1 << 20            # bytes whose digest each vCPU of a guest makes
PATIENCE = 4              # seconds that the watchdog has


def disk(folder: Path) -> tuple[Path, str]:
    """With contents that are known."""
    path = make_disk(folder / "cpu-offline.img", DISK_MIB)
    content = hashlib.shake_256(b"disk").digest(DISK_MIB << 20)
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def places(run: Run) -> dict[tuple[str, str], str]:
    """On which CPU each vCPU is, of those that are up."""
    rows = re.findall(r"^(\S+) +\d+ +(\d+) +(\d+) ", succeed(run, "xl vcpu-list"), re.MULTILINE)
    return {(name, vcpu): cpu for name, vcpu, cpu in rows}


def online(run: Run, number: int) -> None:
    require_match(rf"^nr_cpus +: {number}$", succeed(run, "xl info"), "xl info")


def compute(run: Run, name: str) -> None:
    """Begins: each of two vCPUs makes a digest, again and again, until /tmp/stop is there."""
    inside(run, name, f"""for i in 1 2; do (until [ -e /tmp/stop ]; do yes | head -c {SIZE} | taskset $i sha256sum; done >/tmp/$i) & \
done""")


def computed(run: Run, name: str) -> None:
    text = inside(run, name, "touch /tmp/stop; wait; sort /tmp/1 /tmp/2 | uniq -c")
    wanted = hashlib.sha256(b"y\n" * (SIZE // 2)).hexdigest()
    found = re.findall(r"^ *(\d+) ([0-9a-f]{64}) ", text, re.MULTILINE)
    require(len(found) == 1 and found[0][1] == wanted and int(found[0][0]) > 2, f"{name} has made the digests {found}, not {wanted}")


def leaves(run: Run) -> None:
    """One of the vCPUs may use no other CPU."""
    succeed(run, "xl vcpu-pin a 1 1 && wait_until 20 \"xl vcpu-list a | grep -q ' 1 *1 *r-- '\"", BOOT)
    succeed(run, "xl dmesg -c >/dev/null; echo 0 >" + ONLINE, BOOT)
    require(succeed(run, f"cat {ONLINE}").split()[-1] == "0", "Linux shows the CPU as online")
    online(run, CPUS - 1)
    found = places(run)
    require(found and set(found.values()) == {"0"}, f"vCPUs are on CPUs {found}")
    text = succeed(run, "xl dmesg")
    require_match(r"d\d+v1 may use any CPU now, since CPU1 goes", text, "xl dmesg")
    require_match(r"CPU1 is offline", text, "xl dmesg")


def refused(run: Run) -> None:
    for cpu, why in ((0, "the boot CPU"), (1, "a CPU that is out already"), (CPUS, "a CPU that there is not")):
        text = succeed(run, f"{HPTOOL} cpu-offline {cpu} 2>&1; true")
        require(re.search(r"fail|error", text, re.IGNORECASE), f"{why} goes out of use: {text}")
    require(run.command("xl vcpu-pin a 0 1")[0] != 0, "a vCPU is pinned to a CPU that is out of use")
    online(run, CPUS - 1)


def comes_back(run: Run) -> None:
    succeed(run, f"echo 1 >{ONLINE}", BOOT)
    online(run, CPUS)
    succeed(run, "xl vcpu-pin b 1 1 && wait_until 20 \"xl vcpu-list b | grep -q ' 1 *1 *r-- '\"", BOOT)
    succeed(run, "xl vcpu-pin b 1 all")
    succeed(run, "wait_until 20 \"xl vcpu-list a | grep -q ' 1 *r-- '\"", BOOT)


def back_and_forth(run: Run, rounds: int, digest: str) -> None:
    """The disk's interrupts go to the control domain's second vCPU, which may be on either CPU."""
    line = require_match(r"^ *(\d+):.*ahci", succeed(run, "grep ahci /proc/interrupts"), "/proc/interrupts").group(1)
    succeed(run, f"echo 2 >/proc/irq/{line}/smp_affinity; xl vcpu-pin 0 1 all 1")
    command = f"{HPTOOL} cpu-offline 1 && {HPTOOL} cpu-online 1"
    for _ in range(rounds):
        text = succeed(run, f"dd if=/dev/sda bs=64k iflag=direct 2>/dev/null | sha256sum & {command} >/tmp/hptool || "
                            "cat /tmp/hptool; wait", BOOT)
        require_match(rf"\b{digest}\b", text, "what is read from the disk")
    online(run, CPUS)


@test("faults-cpu-offline")
def cpu_offline(t: Context) -> None:
    image, digest = disk(BUILD / "tests")
    words = f"{HYPERVISOR_WORDS} watchdog watchdog_timeout={PATIENCE}"
    machine = t.machine(cpus=CPUS, ramdisk=TESTS_RAMDISK, disk=image, hypervisor_words=words)
    with t.run(machine, limit=400 if not t.soak else 1500) as run:
        before = start(run)
        succeed(run, "load disk; wait_for_disk")
        for name, kind in GUESTS.items():
            create(run, name, kind, "vcpus=2", f"cpu_weight={WEIGHT}")
            compute(run, name)
        with t.check("leaves"):
            leaves(run)
        with t.check("refused"):
            refused(run)
        with t.check("without-it"):
            create(run, "c", "pvh", "vcpus=2", boots=t.soak)
            end(run, "c")
        with t.check("comes-back"):
            comes_back(run)
        with t.check("back-and-forth"):
            back_and_forth(run, t.rounds(3, 50), digest)
        with t.check("digests"):
            for name in GUESTS:
                computed(run, name)
        with t.check("watchdog-silent"):
            text = succeed(run, "xl dmesg")
            require("Watchdog: d" not in text, f"the watchdog says: {' | '.join(re.findall('Watchdog: .*', text))}")
        for name in GUESTS:
            end(run, name)
        finish(t, run, before)
