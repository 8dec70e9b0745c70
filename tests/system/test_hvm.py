# SPDX-License-Identifier: MIT
"""The five rows of the spectrum with one and the same guest: the same kernel, ramdisk, command line, memory and disk. Each
sees what its row promises, and does not see what its row hides."""
from __future__ import annotations

import re
from functools import partial

from harness import images, screen
from harness.common import sha256
from harness.guests import create, end, fetch, finish, inside, network, picture, start
from harness.machine import Run
from harness.rows import SEVERAL_WORDS
from harness.testing import Context, Skip, require, require_match, succeed, test

BOOT = 400    # seconds that firmware, a kernel and its first process may take on a busy computer
DISK_MIB = 4
XEN = "XenVMMXenVMM"
RESCHEDULE = "0xfd"   # Linux's vector that does nothing but count where there is nothing to reschedule
# What a guest is asked, by name.
LOOKS = {
    "hypervisor": "cat /sys/hypervisor/type /sys/hypervisor/guest_type 2>&1",
    "clocksource": "cd /sys/devices/system/clocksource/clocksource0; cat current_clocksource available_clocksource; cd /",
    "interrupts": "cat /proc/interrupts",
    "ioports": "cat /proc/ioports",
    "pci": "cat /sys/bus/pci/devices/*/uevent 2>&1 | grep ^PCI_ID",
    "cpuid": "leaves",
    "disks": "ls /sys/block",
    "network": "readlink /sys/class/net/eth0/device/driver",
    "log": "dmesg | grep \"Hypervisor detected\"",
}
PV_DISK = [("disks", r"^xvda$", True), ("disks", r"^sda$", False), ("network", r"/vif$", True)]
NO_PC = [("pci", r"PCI_ID", False), ("interrupts", r"IO-APIC", False), ("ioports", r"xen-platform-pci|ata_piix", False)]
PC = [("pci", r"^PCI_ID=8086:7010$", True), ("ioports", r"ata_piix", True), ("ioports", r"ACPI PM_TMR", True),
      ("interrupts", r"^ +9: .*IO-APIC.* acpi$", True)]
PLATFORM_DEVICE = [("pci", r"^PCI_ID=5853:0001$", True), ("ioports", r"xen-platform-pci", True)]
XEN_CLOCK = [("clocksource", r"\A\s*xen$", True)]
NO_XEN_CLOCK = [("clocksource", r"\bxen\b", False), ("interrupts", r"^LOC: +[1-9]", True)]
XEN_SEEN = [("cpuid", rf"^plain bit=1 signature={XEN} ", True), ("log", r"Hypervisor detected: Xen HVM", True)]
VECTOR = [("interrupts", r"^HYP: +[1-9]", True), ("interrupts", r"xen-(percpu|dyn).* timer0$", True)]
NO_VECTOR = [("interrupts", r"^HYP: +[1-9]", False), ("interrupts", r"xen-percpu", False)]
# For each row: where to look, for what, and whether it is there.
SEES = {
    "pv": [("hypervisor", r"^PV$", True), ("cpuid", rf"^prefixed bit=1 signature={XEN} ", True), *XEN_CLOCK,
           ("interrupts", r"xen-percpu.* timer0$", True), *PV_DISK, *NO_PC],
    "pvh": [("hypervisor", r"^PVH$", True), *XEN_SEEN, *XEN_CLOCK, *VECTOR, *PV_DISK, *NO_PC],
    "pvhvm": [("hypervisor", r"^HVM$", True), *XEN_SEEN, *XEN_CLOCK, *VECTOR, *PV_DISK, *PC, *PLATFORM_DEVICE],
    "pvio": [("hypervisor", r"^HVM$", True), *XEN_SEEN, *NO_XEN_CLOCK, *NO_VECTOR, *PV_DISK, *PC, *PLATFORM_DEVICE,
             ("interrupts", r"IO-APIC.* xen-platform-pci$", True)],
    "hvm": [("hypervisor", r"xen|HVM", False), ("log", r"Hypervisor detected", False), ("cpuid", r"signature=Xen", False),
            ("cpuid", r"^plain bit=0 ", True), ("pci", r"5853", False), ("ioports", r"xen", False), *NO_XEN_CLOCK,
            *NO_VECTOR, ("interrupts", r"xen", False), ("interrupts", r"IO-APIC.* ata_piix$", True),
            ("interrupts", r"IO-APIC.* eth0$", True), *PC, ("disks", r"^sda$", True), ("disks", r"^xvda$", False),
            ("network", r"/8139cp$", True)],
}
# What Prism notes of the guest, on its console
NOTES = {"pvhvm": r"io emu -> pv: unplugged disks network", "pvio": r"io emu -> pv: unplugged disks network",
         "hvm": r"the hypervisor is hidden"}
# What it records of the changes, in /mode/ID/ledger
RING = "io +pv -> pv: a backend has mapped a ring of the guest's"
CHANGES = {"pvhvm": ("interrupts +emu -> pv: (upcall|callback) vector [0-9a-f]+ registered",
                     "io +emu -> pv: unplugged disks network", RING),
           "pvio": ("interrupts +pv -> emu: row set to PV I/O by", "io +emu -> pv: unplugged disks network", RING),
           "hvm": ("interrupts +pv -> emu: row set to HVM by", "io +pv -> emu: row set to HVM by")}


def begin(run: Run, mode: str, *more: str) -> None:
    """Makes the guest a, of a row, and waits for its first process."""
    if images.GUEST_MODES[mode] != "hvm":
        create(run, "a", mode, *more)
        return
    create(run, "a", mode, *more, boots=False, verb="create -p")
    succeed(run, f"guest_run a '{images.GUEST_ROWS[mode]}' && guest_ready a {BOOT}", BOOT + 50)


def looks(t: Context, run: Run, mode: str, part: str) -> None:
    for look, command in LOOKS.items():
        wanted = [(pattern, there) for name, pattern, there in SEES[mode] if name == look]
        if not wanted:
            continue
        with t.check(f"{part}-{look}"):
            text = inside(run, "a", f"{command}; true")
            for pattern, there in wanted:
                if there:
                    require_match(pattern, text, command)
                else:
                    found = re.search(f"^.*(?:{pattern}).*$", text, re.MULTILINE)
                    require(not found, f"{command} shows what the row hides: {found and found.group(0)}")


def kernel_words() -> str:
    words = re.search(r'^extra="(.*)"$', images.guest_config("a", "pv"), re.MULTILINE)
    assert words
    return words.group(1)


def same_guest(t: Context, run: Run, part: str, words: str) -> None:
    """The bytes that were booted, and the words."""
    with t.check(f"{part}-identical"):
        require_match(rf"^{re.escape(words)}$", inside(run, "a", "cat /proc/cmdline"), "the kernel's command line")
        for name, image in (("vmlinuz", images.KERNEL), ("guest.img", images.GUEST_RAMDISK)):
            require_match(sha256(image), succeed(run, f"sha256sum /guests/{name}"), f"the bytes of {name}")
        own = succeed(run, "sha256sum /init").split()[0]
        require_match(own, inside(run, "a", "sha256sum /init"), "the first process in the guest's ramdisk")


def devices(t: Context, run: Run, mode: str, part: str) -> None:
    disk = "/dev/sda" if mode == "hvm" else "/dev/xvda"
    with t.check(f"{part}-disk"):
        inside(run, "a", "load disk; wait_for_disk")
        require_match(succeed(run, "sha256sum </tmp/disk").split()[0], inside(run, "a", f"sha256sum <{disk}"), "what is read")
        inside(run, "a", f"dd if=/dev/urandom of={disk} bs=64k count=4 oflag=direct 2>/dev/null; sync")
        written = inside(run, "a", f"dd if={disk} bs=64k count=4 iflag=direct 2>/dev/null | sha256sum").split()[0]
        require_match(written, succeed(run, "sync; dd if=/tmp/disk bs=64k count=4 2>/dev/null | sha256sum"), "the file")
    with t.check(f"{part}-network"):
        network(run, "a", 2)
        fetch(run, "a", "leaves")


def told(run: Run, words: str) -> None:
    """A part of toolstack-test that is about the guest; its complaints are the reason of a failure."""
    status, text = run.command(f"toolstack-test {words}", 200)
    require(status == 0, " | ".join(text.strip().splitlines()[:6]))


def goes_on(run: Run) -> None:
    """It answers, and its time goes on."""
    inside(run, "a", "sleep 0.1; wait_for_disk >/dev/null")


def loaded_again(t: Context, run: Run, mode: str, part: str, vcpus: int) -> None:
    """What the guest is made of, read and loaded again while it runs; and what its device model may ask."""
    with t.check(f"{part}-state"):
        told(run, "guest-state $(xl domid a)")
        goes_on(run)
    if images.GUEST_MODES[mode] != "hvm":
        return
    with t.check(f"{part}-device-model"):
        before = rescheduled(run)
        told(run, f"device-model $(xl domid a) {RESCHEDULE}")
        goes_on(run)
        taken = rescheduled(run) - before
        require(taken == 2 if vcpus == 1 else taken >= 2, f"{taken} interrupts instead of 2")


def rescheduled(run: Run) -> int:
    """How often the guest's CPUs have been asked to reschedule: one alone never is."""
    counts = require_match(r"^ *RES:((?: +\d+)+)", inside(run, "a", "cat /proc/interrupts"), "RES").group(1)
    return sum(map(int, counts.split()))


def noted(run: Run, mode: str) -> None:
    """Prism tells of the guest's changes on its console, and keeps a record of them with the time of each."""
    require_match(NOTES[mode], succeed(run, "xl dmesg"), "xl dmesg")
    ledger = succeed(run, "xenhypfs cat /mode/$(xl domid a)/ledger")
    for change in CHANGES[mode]:
        require_match(rf"^ +\d+ ns +{change}", ledger, "the ledger")
    times = [int(time) for time in re.findall(r"^ +(\d+) ns ", ledger, re.MULTILINE)]
    require(times == sorted(times) and times[-1] > 0, f"changes at {times} ns")


def shows(run: Run, file: str) -> None:
    """The PC's own screen, where its firmware has written: its messages can be read."""
    require_match(r"SeaBIOS \(version|Booting from", screen.text(picture(run, "a", file)), "the screen")


def row(t: Context, mode: str) -> None:
    if not t.on_prism and mode in ("pvio", "hvm"):
        raise Skip("Debian's Xen has no /mode to choose the row in")
    if mode in ("pv", "pvio"):    # of what is in them, guest-pv-, guests-, bench and the other rows are about all in every run
        t.long_only()
    with t.run(t.machine(ramdisk=images.ramdisk_for(mode, tests=True)), limit=1800) as run:
        before = start(run)
        if images.GUEST_MODES[mode] != "pv" and not re.search(r"virt_caps +:.*\bhvm\b", succeed(run, "xl info")):
            raise Skip("the machine has no hardware container")
        pc = images.GUEST_MODES[mode] == "hvm"
        display = ['vga="stdvga"'] if pc else []
        for vcpus in (1, 2) if t.soak else (1,):
            part = f"vcpus-{vcpus}"
            words = kernel_words()                 # those that every row has
            if vcpus > 1 and mode in SEVERAL_WORDS:
                words += f" {SEVERAL_WORDS[mode]}"
            succeed(run, f"dd if=/dev/urandom of=/tmp/disk bs=1M count={DISK_MIB} 2>/dev/null; xl dmesg -c >/dev/null")
            with t.check(f"{part}-boot"):
                begin(run, mode, f"vcpus={vcpus}", f'extra="{words}"', 'disk=["file:/tmp/disk,xvda,w"]', 'vif=["bridge=xenbr0"]',
                      *display)
                require_match(rf"^{vcpus}$", inside(run, "a", "nproc"), "nproc")
            same_guest(t, run, part, words)
            devices(t, run, mode, part)
            looks(t, run, mode, part)
            if t.on_prism and mode in NOTES:
                with t.check(f"{part}-noted"):
                    noted(run, mode)
            if t.on_prism and images.GUEST_MODES[mode] != "pv":
                loaded_again(t, run, mode, part, vcpus)
            if pc:
                with t.check(f"{part}-screen"):
                    shows(run, f"hvm-row-{mode}-{part}")
            with t.check(f"{part}-poweroff"):
                succeed(run, "guest_type a 'poweroff -f'; domain_end a 60", 200)
        finish(t, run, before)


for each in images.GUEST_ROWS:
    test(f"hvm-row-{each}")(partial(row, mode=each))
