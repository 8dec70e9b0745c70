# SPDX-License-Identifier: MIT
"""The hypervisor file system by Debian's xenhypfs, and the choice of a guest's row in it."""
from __future__ import annotations

import re

from harness import images
from harness.guests import create, end, finish, start
from harness.machine import Run
from harness.testing import Context, Skip, power_off, ready, require, require_match, succeed, test

COLUMNS = ("privileged", "platform", "interrupts", "io")
ROWS = {"PV": ("pv", "pv", "pv", "pv"), "PVH": ("hw", "pv", "pv", "pv"), "PVHVM": ("hw", "emu", "pv", "pv"),
        "PV I/O": ("hw", "emu", "emu", "pv"), "HVM": ("hw", "emu", "emu", "emu"), "mixed": ("hw", "emu", "pv", "emu")}
TOOLS = "/usr/lib/xen-4.17/bin"


def cat(run: Run, path: str) -> str:
    return succeed(run, f"xenhypfs cat {path}").strip()


def entries(run: Run, path: str) -> list[tuple[str, str, str]]:
    """What is in a directory: type, r- or rw, name."""
    return re.findall(r"^<(\w+)> +(r[w-]) (.+?)\r?$", succeed(run, f"xenhypfs ls '{path}'"), re.MULTILINE)


def files(run: Run, path: str) -> list[str]:
    found = []
    for kind, _, name in entries(run, path):
        inner = f"{path.rstrip('/')}/{name}"
        found += files(run, inner) if kind == "dir" else [inner]
    return found


def write_fails(run: Run, path: str, text: str, error: str, reason: str = "") -> None:
    """A refused write; reason: what the hypervisor's console says."""
    succeed(run, "xl dmesg -c >/dev/null")
    status, said = run.command(f"xenhypfs write {path} '{text}'")
    require(status != 0, f"{path} takes {text!r}")
    require_match(error, said, f"writing {text!r} to {path}")
    if reason:
        require_match(rf"\"{text}\" refused: .*{reason}", succeed(run, "xl dmesg"), f"xl dmesg after writing to {path}")


def is_row(run: Run, domain: int, row: str) -> None:
    found = cat(run, f"/mode/{domain}/row")
    require(found == row, f"the row is {found}, not {row}")
    answers = tuple(cat(run, f"/mode/{domain}/{column}") for column in COLUMNS)
    require(answers == ROWS[row], f"{row} is {answers}")


def counted(run: Run, domain: int, event: str) -> int:
    found = re.search(rf"^\w+ +{event} +(\d+) ", cat(run, f"/mode/{domain}/ledger"), re.MULTILINE)
    return int(found.group(1)) if found else 0


@test("hypfs")
def hypfs(t: Context) -> None:
    with t.run(t.machine()) as run:
        ready(run)
        with t.check("tree"):
            text = succeed(run, "xenhypfs tree")
            for name in ("buildinfo/", "compiler", "minor", "params/", "loglvl", "sched-gran"):
                require_match(rf"^ +{name}\r?$", text, "xenhypfs tree")
        with t.check("cat-each"):
            for path in files(run, "/"):
                if path != "/buildinfo/config":    # of Xen's own build; compressed
                    succeed(run, f"xenhypfs cat {path} >/dev/null")
        with t.check("version"):
            require(cat(run, "/buildinfo/version/major") + cat(run, "/buildinfo/version/minor") == "417", "not 4.17")
            require(cat(run, "/params/loglvl") != "", "loglvl is empty")
        with t.check("errors"):
            write_fails(run, "/buildinfo/version/minor", "3", "Permission denied")
            write_fails(run, "/nothing", "3", "No such file")
            for path, error in (("/nothing", "No such file"), ("//", "No such file"), ("/buildinfo", "Is a directory"),
                                ("buildinfo", "Invalid argument")):
                require_match(error, run.command(f"xenhypfs cat {path}")[1], f"xenhypfs cat {path}")
        with t.check("tools"):
            for tool, answer in (("xenperf", "hypercall +T=" if t.on_prism else "Function not implemented"),
                                 ("xenlockprof", "Function not implemented"), ("xencov reset", "Operation not supported"), ("xen-hvmctx 0", "can't get record length"),
                                 ("xen-diag gnttab_query_size 0", r"nr_frames=\d+, max_nr_frames=64")):
                require_match(answer, run.command(f"{TOOLS}/{tool}")[1], tool)
        if t.on_prism:
            control_domain(t, run)
        power_off(run)


def control_domain(t: Context, run: Run) -> None:
    with t.check("mode"):
        is_row(run, 0, "PV")
        names = {name: access for _, access, name in entries(run, "/mode/0")}
        require(names == {"row": "rw", "ledger": "r-", "marks": "r-", **{column: "rw" for column in COLUMNS}}, f"/mode/0 has {names}")
        for path, text in (("row", "HVM"), ("row", "PV"), ("platform", "emu"), ("io", "pv")):
            write_fails(run, f"/mode/0/{path}", text, "Invalid argument", "it has been started")
        write_fails(run, "/mode/0/ledger", "x", "Permission denied")
        is_row(run, 0, "PV")
    with t.check("ledger"):
        before = counted(run, 0, "hypercall"), counted(run, 0, "syscall")
        after = counted(run, 0, "hypercall"), counted(run, 0, "syscall")
        require(0 < before[0] < after[0] and 0 < before[1] < after[1], f"counted {before}, then {after}")
        for kind in ("hypercall:mmuext_op", "hypercall:hypfs_op", "trap:page-fault"):
            require(counted(run, 0, kind) > 0, f"no {kind} in the ledger")


def containers(run: Run) -> None:
    if not re.search(r"virt_caps +:.*\bhvm\b", succeed(run, "xl info")):
        raise Skip("the machine has no hardware container")


@test("hypfs-pvh")
def hypfs_pvh(t: Context) -> None:
    if not t.on_prism:
        raise Skip("Debian's Xen has no /mode")
    with t.run(t.machine(ramdisk=images.TESTS_RAMDISK)) as run:
        before = start(run)
        with t.check("paused"):
            containers(run)
            create(run, "a", "pvh", boots=False, verb="create -p")
            require([name for _, _, name in entries(run, "/mode")] == ["0", "1"], "/mode has no guest")
            is_row(run, 1, "PVH")
            require(counted(run, 1, "cpuid") == 0, "a guest that has not run has a ledger")
            succeed(run, "xenhypfs write /mode/1/row PVH && xenhypfs write /mode/1/io pv")
        with t.check("refused"):
            for file, text, reason in (
                    ("row", "PV", "hardware container"), ("row", "HVM", "without emulated devices"),
                    ("row", "PV I/O", "without emulated devices"), ("row", "nonsense", "no such row"),
                    ("privileged", "pv", "hardware container"), ("privileged", "emu", "pv or hw"),
                    ("platform", "emu", "without emulated devices"), ("platform", "hw", "pv or emu"),
                    ("interrupts", "emu", "no interrupt controller"), ("io", "emu", "no bus"), ("io", "x", "pv, hw and emu")):
                write_fails(run, f"/mode/1/{file}", text, "Invalid argument", reason)
            write_fails(run, "/mode/1/io", "p" * 16, "No space left")
            is_row(run, 1, "PVH")
        with t.check("started"):
            succeed(run, "xl unpause a; guest_ready a 60", 150)
            write_fails(run, "/mode/1/row", "PVH", "Invalid argument", "it has been started")
            for event in ("cpuid", "hypercall", "upcall", "schedule"):
                require(counted(run, 1, event) > 0, f"no {event} in the ledger")
            require(counted(run, 1, "exit:cpuid") == counted(run, 1, "cpuid"), "a CPUID is no exit, or is two")
        with t.check("hvmctx"):
            text = succeed(run, f"{TOOLS}/xen-hvmctx 1")
            for record in ("Header: magic", "CPU:", "LAPIC:", "MTRR:"):
                require_match(record, text, "xen-hvmctx")
        with t.check("gone"):
            end(run, "a")
            write_fails(run, "/mode/1/row", "PVH", "No such file")
        finish(t, run, before)


# A PC's devices as xen-hvmctx shows their records.
PC_RECORDS = ("PIC: IRQ base 0x", "IOAPIC: base_address 0xfec00000", "pin 47: 0x", "PCI IRQs: 0x", "ISA IRQs: 0x", "PCI LINK: ",
              "PIT: speaker ", "ch 1: count 0x", "RTC: regs 0x", "HPET: capability 0x[0-9a-f]*8086", "ACPI PM: TMR_VAL 0x")


@test("hypfs-pc")
def hypfs_pc(t: Context) -> None:
    """Rows with an emulated PC for each other, and the mix that has no name."""
    t.long_only()
    if not t.on_prism:
        raise Skip("Debian's Xen has no /mode")
    kinds = [name for name, kind in images.GUEST_MODES.items() if kind == "hvm"]
    if not kinds:
        raise Skip("the control domain's image has no guest with an emulated PC")
    with t.run(t.machine(ramdisk=images.ramdisk_for(kinds[0], tests=True))) as run:
        before = start(run)
        containers(run)
        create(run, "a", kinds[0], boots=False, verb="create -p")
        with t.check("rows"):
            for row in ("HVM", "PV I/O", "PVHVM", "PV I/O", "HVM", "PVHVM"):
                succeed(run, f"xenhypfs write /mode/1/row '{row}'")
                is_row(run, 1, row)
        with t.check("columns"):
            for column, answer, row in (("io", "emu", "mixed"), ("interrupts", "emu", "HVM"), ("io", "pv", "PV I/O"),
                                        ("interrupts", "pv", "PVHVM"), ("platform", "emu", "PVHVM")):
                succeed(run, f"xenhypfs write /mode/1/{column} {answer}")
                is_row(run, 1, row)
        with t.check("recorded"):
            text = cat(run, "/mode/1/ledger")
            require_match(r"^ +\d+ ns +io +pv -> emu: io set to emu by the control domain", text, "the ledger")
            require_match(r"^ +\d+ ns +interrupts +emu -> pv: interrupts set to pv", text, "the ledger")
        with t.check("refused"):
            for file, text, reason in (("row", "PV", "hardware container"), ("row", "PVH", "needs the emulated devices"),
                                       ("platform", "pv", "needs the emulated devices"), ("interrupts", "hw", "pv or emu")):
                write_fails(run, f"/mode/1/{file}", text, "Invalid argument", reason)
            is_row(run, 1, "PVHVM")
        with t.check("hvmctx"):
            text = succeed(run, f"{TOOLS}/xen-hvmctx 1")
            for record in PC_RECORDS:
                require_match(rf"^ +{record}", text, "xen-hvmctx")
            require("Don't understand" not in text, "xen-hvmctx does not know a record")
        end(run, "a")
        finish(t, run, before)
