# SPDX-License-Identifier: MIT
"""What Prism cannot boot: each is one line at boot that says what is wrong, and the machine stops or restarts."""
from __future__ import annotations

import struct
from functools import partial
from pathlib import Path
from typing import Callable

from harness.common import BUILD, KERNEL, RAMDISK
from harness.machine import KERNEL_WORDS, Machine, doubled
from harness.testing import Context, Skip, test

FOLDER = BUILD / "tests"


def put(name: str, content: bytes) -> str:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / name
    path.write_bytes(content)
    return doubled(path)


def elf_without_notes() -> bytes:
    """The smallest 64-bit ELF program: one segment of code, no notes."""
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, 0x1000000, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0x1000, 0x1000000, 0x1000000, 16, 16, 0x1000)
    return (header + segment).ljust(0x1000, b"\0") + b"\xeb\xfe".ljust(16, b"\x90")


def no_module(machine: Machine) -> None:
    machine.modules = []


def no_kernel(machine: Machine) -> None:
    machine.modules = [put("text.bin", b"This is a text, and no kernel.\n" * 500), doubled(RAMDISK)]


def no_notes(machine: Machine) -> None:
    machine.modules = [put("no-notes.elf", elf_without_notes()), doubled(RAMDISK)]


def truncated(machine: Machine) -> None:
    content = KERNEL.read_bytes()
    machine.modules = [put("truncated", content[:len(content) * 2 // 3]) + " " + KERNEL_WORDS, doubled(RAMDISK)]


def damaged(machine: Machine) -> None:
    """The compressed payload has other bytes in its middle."""
    content = bytearray(KERNEL.read_bytes())
    middle = len(content) // 2
    content[middle:middle + 64] = bytes(byte ^ 0x5a for byte in content[middle:middle + 64])
    machine.modules = [put("damaged", bytes(content)) + " " + KERNEL_WORDS, doubled(RAMDISK)]


def empty_kernel(machine: Machine) -> None:
    machine.modules = [put("short", b"\x7fELF"), doubled(RAMDISK)]


def little_memory(machine: Machine) -> None:
    machine.memory, machine.dom0_memory = 64, None


def little_domain(machine: Machine) -> None:
    machine.dom0_memory = 16


def no_acpi(machine: Machine) -> None:
    machine.kind = "isapc"   # elsewhere SeaBIOS makes tables of its own where the emulator offers none


CASES: dict[str, tuple[Callable[[Machine], None], str]] = {
    "no-module": (no_module, r"no boot module"),
    "no-kernel": (no_kernel, r"boot module 0: .*kernel"),
    "no-notes": (no_notes, r"boot module 0: .*note"),
    "truncated": (truncated, r"boot module 0: .*(truncated|short|past|beyond|end|cut)"),
    "damaged": (damaged, r"boot module 0: .*(unpack|checksum|bad|damaged|invalid)"),
    "short-kernel": (empty_kernel, r"boot module 0: "),
    "little-memory": (little_memory, r"(too little|not enough|no) memory|memory.*too little"),
    "little-domain-memory": (little_domain, r"memory (is|are) too little|too large for its .* of memory"),
    "no-acpi": (no_acpi, r"No ACPI|No usable ACPI"),
}


def bad_input(t: Context, change: Callable[[Machine], None], pattern: str) -> None:
    if not t.on_prism:
        raise Skip("the messages looked for are Prism's")
    machine = t.machine(kernel=KERNEL, memory=1024, dom0_memory=512)
    change(machine)
    with t.run(machine, limit=90) as run:
        run.expect(rf"(?i)panic.*(?:{pattern}).*", 60)
        run.wait(30)   # it restarts, which ends the emulator


for case, (how, message) in CASES.items():
    test(f"bad-input-{case}")(partial(bad_input, change=how, pattern=message))
