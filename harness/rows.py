# SPDX-License-Identifier: MIT
"""A row of the benchmark: what it measures, what machine that takes, what is read off its serial port, and what makes two rows
comparable."""
from __future__ import annotations

import re
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Callable, Sequence

from harness import accounts, images, macro
from harness.common import GUEST_RAMDISK, Problem
from harness.machine import KERNEL_WORDS, Machine

# What the benchmark guest can measure, in its order ("bench list"); and what not unless told, since it takes long where a disk
# or a network card is emulated.
OPERATIONS = (
    "getppid", "read_1", "write_1", "stat", "open_close", "signal_install", "signal_deliver", "clock_gettime", "getcpu",
    "page_fault", "file_fault", "copy_on_write", "mmap_munmap", "mprotect", "fork_exit", "fork_exec", "vfork_exec",
    "pipe_trip", "thread_trip", "futex_trip", "membarrier_ipi", "sleep_late", "timer_interrupt",
    "cpuid", "tsc_read", "hpet_read", "pm_timer_read", "port_read",
    "read_4k", "write_4k", "read_64k", "write_64k", "fsync", "read_4k_q32", "write_4k_q32",
    "net_trip", "udp_send", "tcp_send_64k", "boot_process", "boot_read")
LONG_OPERATIONS = ("read_64k", "write_64k", "fsync", "read_4k_q32", "write_4k_q32", "udp_send", "tcp_send_64k")
DEFAULT_OPERATIONS = tuple(name for name in OPERATIONS if name not in LONG_OPERATIONS)
NETWORK_OPERATIONS = ("net_trip", "udp_send", "tcp_send_64k")
MAY_BE_ABSENT = ("futex_trip", "membarrier_ipi", "hpet_read", "pm_timer_read", "port_read")    # in any row: the guest says why
UNMARKED = ("sleep_late", "timer_interrupt", "boot_process", "boot_read")    # part of what a bracket would hold
ALONE = ("native", "control")         # no other side of a network
MEMORY = 256                          # MiB, of the kernel that is measured; images.bench_config() says the same of guests
CONTROL_MEMORY = 1024                 # MiB, of a control domain that creates guests
HOST_MEMORY = 2048                    # MiB, where a hypervisor is beside it
MODES = {"native": "bare machine", "control": "control domain", **images.GUEST_ROWS}
DEFAULT_MODES = ("native", *images.GUEST_ROWS)
IDENTITY = ("kernel", "ramdisk", "disk", "words", "memory", "vcpus")    # what a row has to say that it ran
GUEST_FILES = {"/guests/vmlinuz": "kernel", "/guests/guest.img": "ramdisk", "/dev/ram0": "disk"}
# A whole line: digits that something else's line has broken off are no number.
ROUND = re.compile(r"BENCH name=(\w+) round=\d+ operations=(\d+) ticks=(\d+)(?: mark=\d+)?\s*$", re.MULTILINE)
# What the measured kernel sees of its machine (harness/guest/tools/sees.c): section, key, value; and how many such lines.
SEES = re.compile(r"BENCH-SEES (\w+) (\S+) (.*?)\s*$", re.MULTILINE)
SEES_END = re.compile(r"BENCH-SEES-END (\d{1,9})\s*$", re.MULTILINE)
# Under the instruction clock a CPU has its turn when the one before it waits, and a kernel that brings up a second CPU polls
# until it has something else to do: so a kernel with a PC begins with one, and brings up the others when it has booted. Where
# a kernel does not know that the others are like the first it measures, by polling, how long a loop takes there; so it is told
# what it has found for the first: the jiffy of a clock whose tick is an instruction.
LOOPS = "lpj=4000000"
LATE_CPUS = f"maxcpus=1 {LOOPS}"
# A row is the hypervisor's decision on Prism. On Xen it is the guest's: its kernel needs a word that no other row may have.
PEER_WORDS = {"pvio": "xen_no_vector_callback", "hvm": "nopv"}
# Linux 6.1 asks for its vector, which PV I/O refuses, after it has settled that its CPUs call each other by event channels;
# with several CPUs it then stops (BUG in xen_send_IPI_one). So it is told beforehand.
SEVERAL_WORDS = {"pvio": PEER_WORDS["pvio"]}


@dataclass(frozen=True)
class Kit:
    """What the machines of a run are given: the measured kernel's ramdisk, the control domain's by mode, memory in MiB. kind
    is in the names of files."""
    guest: Path
    control: Callable[[str], Path]
    memory: int
    kind: str = ""

    def log(self, row: "Row") -> str:
        return f"{row.name}{self.kind}.log"


OPERATIONS_KIT = Kit(GUEST_RAMDISK, images.ramdisk_for, MEMORY)
LOADS_KIT = Kit(macro.GUEST, macro.ramdisk_for, macro.MEMORY, "-loads")


@dataclass
class Row:
    """One row's outcome. costs: instructions per operation, one number a round."""
    mode: str
    peer: bool = False
    hypervisor: Path | None = None
    cpus: int = 1                                              # of the machine, and of the kernel that is measured
    accel: str = "tcg"
    hypervisor_sha256: str | None = None
    identity: dict[str, str] = field(default_factory=dict)     # what ran: has to be equal in all rows
    arguments: list[str] = field(default_factory=list)
    marks: bool = False
    steady: bool = True
    clocksource: str = ""                                      # of the kernel that is measured
    costs: dict[str, list[float]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)      # of operations that failed
    unsteady: list[str] = field(default_factory=list)          # operations whose rounds did not come to agree
    absent: dict[str, str] = field(default_factory=dict)       # of operations that cannot be in this row
    reason: str | None = None                                  # of the whole row
    boot_wall_seconds: float | None = None                     # emulator's start to the machine's first process
    boot_cpu_seconds: float | None = None                      # CPU time of the emulator for it
    create_wall_seconds: float | None = None                   # xl create to the guest's first process
    create_cpu_seconds: float | None = None
    create_ticks: int | None = None                            # the same in virtual time, nanoseconds
    ran_as: str = ""                                           # what the hypervisor calls the row, if it knows of rows
    log: str = ""
    accounts: dict[str, accounts.Account] = field(default_factory=dict)   # who paid, where the hypervisor has kept it
    sees: dict[str, dict[str, str]] = field(default_factory=dict)         # what the measured kernel sees; all of it, or nothing

    @property
    def name(self) -> str:
        return (f"xen-{self.mode}" if self.peer else self.mode) + (f"-{self.cpus}cpus" if self.cpus > 1 else "")

    @property
    def guest(self) -> bool:
        return self.mode not in ALONE

    @property
    def timed(self) -> bool:
        """The machine's own time is no affair of the host's: it waits for no disk that answers when the host likes."""
        return self.accel == "tcg" and (self.steady or self.guest)

    @property
    def more(self) -> str:
        """The words that the kernel's command line has in this row only."""
        return " ".join(filter(None, (self.row_word, self.late_word)))

    @property
    def row_word(self) -> str:
        return (PEER_WORDS if self.peer else SEVERAL_WORDS if self.cpus > 1 else {}).get(self.mode, "")

    @property
    def late_word(self) -> str:
        kind = "hvm" if self.mode == "native" else images.GUEST_MODES.get(self.mode)
        return {"hvm": LATE_CPUS, "pvh": LOOPS}.get(kind or "", "") if self.cpus > 1 and self.accel == "tcg" else ""

    @property
    def title(self) -> str:
        return (MODES[self.mode] + ("" if self.mode == "native" else ", Xen" if self.peer else ", Prism")
                + (f", {self.cpus} CPUs" if self.cpus > 1 else ""))

    def cost(self, operation: str) -> float | None:
        rounds = self.costs.get(operation)
        return statistics.median_low(rounds) if rounds and operation not in self.reasons else None

    def why(self, operation: str) -> str | None:
        """Why there is no number, if there should be one."""
        if operation in self.absent or (self.costs.get(operation) and operation not in self.reasons):
            return None
        return self.reasons.get(operation) or self.reason or "not measured"


def machine_for(row: Row, disk: Path | None, quick: bool, operations: Sequence[str], kit: Kit = OPERATIONS_KIT) -> Machine:
    """The kernel that is measured gets the same words everywhere; a guest's is booted by a control domain, which has one
    word more and passes the others on."""
    machine = Machine(hypervisor=row.hypervisor, memory=HOST_MEMORY if row.hypervisor else kit.memory, disk=disk,
                      ramdisk=kit.control(row.mode) if row.guest else kit.guest,
                      dom0_memory=CONTROL_MEMORY if row.guest else kit.memory, cpus=row.cpus, accel=row.accel)
    machine.hypervisor_words += f" dom0_max_vcpus={1 if row.guest else row.cpus}"
    machine.kernel_words = measured_words(quick, operations) + (f" prism.guest={row.mode}" if row.guest else "")
    if row.more:
        machine.kernel_words += f" prism.more={row.more.replace(' ', '+')}" if row.guest else f" {row.more}"
    machine.kernel_words += f" prism.cpus={row.cpus}" if row.guest and row.cpus > 1 else ""
    return machine


def measured_words(quick: bool, operations: Sequence[str]) -> str:
    words = f"{KERNEL_WORDS} loglevel=4 prism.do=bench" + (" prism.bench=quick" if quick else "")
    # plus signs: a comma would end the kernel's words where a hypervisor is handed them
    return words + ("" if tuple(operations) == OPERATIONS else f" prism.ops={'+'.join(operations)}")


def parse(row: Row, text: str) -> None:
    """Takes the benchmark guest's lines into the row."""
    for name, count, ticks in ROUND.findall(text):
        row.costs.setdefault(name, []).append(int(ticks) / int(count))
    for name, reason in re.findall(r"BENCH-FAIL name=(\w+) reason=(.*)", text):
        row.reasons[name] = reason.strip()
    for name, reason in re.findall(r"BENCH-ABSENT name=(\w+) reason=(.*)", text):
        may_be = name in MAY_BE_ABSENT or (row.mode in ALONE and name in (*NETWORK_OPERATIONS, *macro.NETWORK_LOADS))
        (row.absent if may_be else row.reasons)[name] = reason.strip()
    for name in row.costs.keys() - set(re.findall(r"BENCH-(?:OK|FAIL) name=(\w+)", text)):
        row.reasons[name] = "it did not finish"
    row.unsteady = re.findall(r"BENCH-OK name=(\w+) steady=no", text)
    row.marks = "BENCH-MARKS yes" in text
    row.accounts = accounts.read(text)
    row.sees = fingerprint(text)
    row.ran_as = next(iter(re.findall(r"^BENCH-ROW (.*?)\s*$", text, re.MULTILINE)), "")
    words = re.search(r"BENCH-WORDS (.*)", text)
    if words:
        row.identity["words"] = " ".join(sorted(word for word in words.group(1).split() if word not in row.more.split()))
    for digest, file in re.findall(r"BENCH-SHA256 ([0-9a-f]{64}) +(\S+)", text):
        if file in GUEST_FILES:
            row.identity[GUEST_FILES[file]] = digest
    for kibibytes in re.findall(r"^BENCH-MEMORY (\d{1,15})\s*$", text, re.MULTILINE):
        row.identity["memory"] = f"{int(kibibytes) / 1024:g} MiB"
    for name, value in re.findall(r"BENCH-(CPUS|CLOCKSOURCE) (\w+)\s*$", text, re.MULTILINE):
        if name == "CPUS":
            row.identity["vcpus"] = value
        else:
            row.clocksource = value
    created = [re.search(rf"{word} tsc=(\d+)", text) for word in ("BENCH-CREATE", "BENCH-CREATED")]
    if all(created):
        row.create_ticks = int(created[1].group(1)) - int(created[0].group(1))    # type: ignore[union-attr]


def fingerprint(text: str) -> dict[str, dict[str, str]]:
    """By section and key. Empty, if lines were lost on the way."""
    found, end = SEES.findall(text), SEES_END.search(text)
    sees: dict[str, dict[str, str]] = {}
    for section, key, value in found if end and int(end.group(1)) == len(found) else []:
        sees.setdefault(section, {})[key] = value
    return sees


def check_identical(rows: list[Row]) -> None:
    """Rows are compared only if they ran the same bytes under the same words, and, but for those that are there to show the
    difference, on as many CPUs. One that does not say has failed."""
    told = [row for row in rows if len(row.identity) == len(IDENTITY)]
    for row in told[1:]:
        for what, value in told[0].identity.items():
            if row.identity[what] != (str(row.cpus) if what == "vcpus" else value):
                raise Problem(f"{told[0].name} and {row.name} did not run the same {what}; nothing is compared")


def as_json(row: Row) -> dict[str, object]:
    return {**asdict(row), "name": row.name, "title": row.title, "more": row.more,
            "hypervisor": row.hypervisor and row.hypervisor.name}
