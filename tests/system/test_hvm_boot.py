# SPDX-License-Identifier: MIT
"""Guests that boot from their own drives by their own firmware, from its first instruction: a disk with GRUB and Debian's
kernel to a login prompt, by BIOS and by UEFI; GRUB's rescue CD; Debian's memtest86+, whose screen is read."""
from __future__ import annotations

import re
from functools import partial

from harness import images, media, screen
from harness.guests import create, end, finish, inside, picture, start
from harness.machine import Machine, Run
from harness.testing import Context, Failure, Skip, require, require_match, succeed, test

BOOT = 400       # seconds
TESTED = 60      # that memtest86+ tests, by its own clock
START = 30       # until it begins to
LOGS = "/var/log/xen/console"
# By UEFI, whose firmware needs more memory, no display: the firmware moves the frame buffer, which QEMU does not follow, so that
# each pixel is an access that QEMU answers.
FIRMWARE = {"bios": ('bios="seabios"',), "uefi": ('bios="ovmf"', 'vga="none"', "memory=512")}


def machine(t: Context) -> Machine:
    """Its disk has the media; what is written to it is forgotten."""
    return t.machine(icount=False, cpus=2, ramdisk=images.PC_RAMDISK, disk=media.build(), extra=["-snapshot"])


def begin(run: Run) -> int:
    before = start(run)
    if not re.search(r"virt_caps +:.*\bhvm\b", succeed(run, "xl info")):
        raise Skip("the machine has no hardware container")
    succeed(run, "machine_disk")
    return before


def power_on(run: Run, name: str, mode: str, disk: str, *more: str) -> None:
    create(run, name, "boot", f'disk=["file:/mnt/{disk}"]', *more, boots=False, verb="create -p")
    succeed(run, f"guest_run {name} '{images.GUEST_ROWS[mode]}'")


def said(run: Run, log: str, pattern: str, seconds: int = BOOT) -> None:
    status, _ = run.command(f"wait_until {seconds} \"grep -q '{pattern}' {LOGS}/{log}\"", seconds + 60)
    if status:
        raise Failure(f"no {pattern}; the end of {log}: {succeed(run, f'tail -n 3 {LOGS}/{log}; true')}")


def typed(run: Run, name: str, command: str) -> str:
    """A command at a guest's shell prompt."""
    return inside(run, name, f'{command}; echo "@@"" status $?"')


def unmount(run: Run) -> None:
    succeed(run, "machine_disk_off", 90)


def login(t: Context, run: Run, mode: str, firmware: str) -> None:
    """From the firmware's first instruction to a shell, and off again."""
    part = f"{mode}-{firmware}"
    serial = "guest-a.log" if mode == "hvm" else "guest-a-serial.log"
    with t.check(f"{part}-grub"):
        power_on(run, "a", mode, f"{media.DISK},xvda,w", *FIRMWARE[firmware])
        said(run, serial, "GNU GRUB")
    with t.check(f"{part}-login"):
        said(run, "guest-a.log", "guest login:")
        succeed(run, "guest_type a root")
        said(run, "guest-a.log", "guest# ", 60)
    with t.check(f"{part}-system"):
        require_match(r"BOOT_IMAGE=/boot/vmlinuz .*prism.do=login", typed(run, "a", "cat /proc/cmdline"), "the command line")
        there = typed(run, "a", "test -d /sys/firmware/efi && echo uefi || echo bios")
        require_match(rf"^{firmware}$", there, "the firmware that the kernel was booted by")
        disk = "sda" if mode == "hvm" else "xvda"
        require_match(rf"\b{disk}1$", typed(run, "a", "cat /proc/partitions"), "the kernel's partitions")
    with t.check(f"{part}-poweroff"):
        succeed(run, "guest_type a 'poweroff -f'; domain_end a 60", 200)


def disk(t: Context, firmware: str, turn: int) -> None:
    t.long_only()
    if firmware == "uefi" and not t.on_prism:
        raise Skip("the emulator ends with an assertion when OVMF starts on Debian's Xen: docs/machine.md")
    modes = [mode for mode in ("pvhvm", "pvio", "hvm") if t.on_prism or mode == "pvhvm"]
    with t.run(machine(t), limit=2400) as run:
        before = begin(run)
        for mode in t.some(modes, turn):
            login(t, run, mode, firmware)
        unmount(run)
        finish(t, run, before)


def tested(t: Context, run: Run, name: str) -> None:
    """memtest86+ has tested for a while, and found nothing."""
    text = screen.text(picture(run, name, f"{t.log.stem if t.log else 'hvm-boot-cd'}-{name}"))
    require_match(r"Memtest86\+", text, "the screen")
    passed = require_match(r"Time: +(\d+):(\d+):(\d+)\b.*", text, "the screen")
    hours, minutes, seconds = map(int, passed.groups())
    require(3600 * hours + 60 * minutes + seconds >= TESTED, f"too short: {passed.group(0)}")
    require_match(r"Errors: +0\b", text, "the screen")


@test("hvm-boot-cd")
def cd(t: Context) -> None:
    t.long_only()
    row = "hvm" if t.on_prism else "pvhvm"
    kinds = {"x64": media.MEMTESTS[0], "ia32": media.MEMTESTS[1]}
    with t.run(machine(t), limit=1500) as run:
        before = begin(run)
        for name, file in kinds.items():
            with t.check(f"memtest-{name}-starts"):
                power_on(run, name, row, f"{file},hdc:cdrom,r", 'boot="d"', "memory=64")
        with t.check("rescue"):
            power_on(run, "a", row, f"{media.RESCUE},hdc:cdrom,r", 'boot="d"', "memory=64")
            log = "guest-a.log" if row == "hvm" else "guest-a-serial.log"
            said(run, log, "GRUB-RESCUE on pc")
            succeed(run, "echo ls >$(xenstore-read /local/domain/$(xl domid a)/serial/0/tty)")
            said(run, log, "(cd0)\\|(cd)")
            end(run, "a")
        succeed(run, f"sleep {START + TESTED}", START + TESTED + 60)
        for name in kinds:
            with t.check(f"memtest-{name}"):
                tested(t, run, name)
            end(run, name)
        unmount(run)
        finish(t, run, before)


@test("hvm-screen-reader")
def screen_reader(_: Context) -> None:
    """The reader of screens, on one that is made here: cells of nine columns, light letters on blue."""
    lines = ["Memtest86+ v6.10", "", "  Pass: 1  Errors: 0"]
    glyph = {letter: rows for rows, letter in screen.glyphs().items()}
    pixels = bytearray()
    for line in lines:
        for y in range(screen.HEIGHT):
            bits = "".join(f"{glyph[letter][y]:08b}0" for letter in line.ljust(80))
            pixels += b"".join(b"\xaa\xaa\xaa" if bit == "1" else b"\0\0\xaa" for bit in bits)
    made = screen.read_ppm(b"P6\n720 48\n255\n" + bytes(pixels))
    require(screen.text(made).split("\n") == lines, f"the screen reads: {screen.text(made)}")
    require(screen.png(made).startswith(b"\x89PNG"), "not a picture")


for number, firmware in enumerate(("bios", "uefi")):
    test(f"hvm-boot-{firmware}")(partial(disk, firmware=firmware, turn=1 - number))
