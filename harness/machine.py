# SPDX-License-Identifier: MIT
"""The emulated machine: its exact options (docs/machine.md says why each), and a run of it with a console to talk to."""
from __future__ import annotations

import calendar
import codecs
import contextlib
import fcntl
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Mapping

from harness import qmp
from harness.common import BUILD, KERNEL, RAMDISK, Problem, fail, printable, run
from harness.newc import EPOCH
from harness.patience import Patience

EMULATOR = "qemu-system-x86_64"
F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", 1031)
PIPE_SIZE = 1 << 20   # what any user may have
QUIET = 5             # seconds without a word, after which a machine is asked for its own time: normal runs are left alone
ANSWER = 5            # seconds that it may take to say it
CPU = "EPYC,+svm,+npt,-smap,-monitor,-rdtscp"
HOST_CPU = "host,+svm"   # under KVM: what is there, and nested virtualization
# One instruction is one nanosecond of virtual time, idle time is skipped, randomness and the wall clock are fixed.
CLOCK = ["-icount", "shift=0,sleep=off", "-seed", "1", "-rtc", "base=2026-01-01,clock=vm"]
HYPERVISOR_WORDS = "console=com1 com1=115200,8n1 loglvl=all guest_loglvl=all"
# the same for the bare machine and the control domain: the kernel takes whichever of the two consoles exists
KERNEL_WORDS = "console=ttyS0 console=hvc0 mitigations=off panic=-1"


@dataclass(frozen=True)
class Blocks:
    """Code of which the emulator writes down each block that it translates, which it does before the block is first executed."""
    ranges: str                      # of virtual addresses, as its option -dfilter takes them
    read: Callable[[Path], None]     # what was written, once the emulator has ended; the file goes then


@dataclass
class Machine:
    """What is plugged together. memory in MiB; hypervisor None: the kernel runs on the bare machine."""
    hypervisor: Path | None = None
    hypervisor_words: str = HYPERVISOR_WORDS
    dom0_memory: int | None = 1024
    kernel: Path | None = KERNEL           # None: what the disk begins with
    kernel_words: str = KERNEL_WORDS
    ramdisk: Path | None = RAMDISK
    modules: list[str] | None = None       # multiboot modules in full, in place of kernel and ramdisk
    cdrom: Path | None = None              # boot from this image instead
    memory: int = 2048
    cpus: int = 1
    icount: bool = True
    accel: str = "tcg"                     # or kvm: the computer's own processor, SVM nested; no icount
    cpu: str = CPU
    disk: Path | None = None
    disk_device: str = "ide-hd"            # or virtio-blk-pci
    nic: str | None = None                 # e1000, e1000e, virtio-net-pci
    kind: str = "q35"                      # the emulator's machine type
    turns: bool = False                    # CPUs run by turns also where the instruction clock does not make them
    reboot: bool = False                   # a restart of the machine starts it again; else it ends the emulator
    extra: list[str] = field(default_factory=list)
    blocks: Blocks | None = None

    def arguments(self, names: Mapping[Path, str] | None = None) -> list[str]:
        """The emulator's command line without the serial port. names: what files that it boots are called, if not by their
        whole paths."""
        accel = self.accel if self.icount or self.accel == "kvm" else f"tcg,thread={'single' if self.turns else 'multi'}"
        cpu = HOST_CPU if self.accel == "kvm" else self.cpu
        words = [EMULATOR, "-accel", accel, "-machine", self.kind, "-cpu", cpu, "-smp", str(self.cpus), "-m", f"{self.memory}M",
                 "-display", "none", "-monitor", "none", "-name", "prism,debug-threads=on"]
        words += CLOCK if self.icount and self.accel == "tcg" else ["-seed", "1"]
        words += [] if self.reboot else ["-no-reboot"]
        words += ["-netdev", "user,id=n0", "-device", f"{self.nic},netdev=n0"] if self.nic else ["-nic", "none"]
        if self.disk:
            words += ["-drive", f"file={doubled(self.disk.absolute())},format=raw,if=none,id=d0,cache=unsafe",
                      "-device", f"{self.disk_device},drive=d0"]
        return words + self._boot(names or {}) + self.extra

    def _boot(self, names: Mapping[Path, str]) -> list[str]:
        if self.cdrom:
            return ["-cdrom", str(self.cdrom), "-boot", "d"]
        if not self.hypervisor:
            if not self.kernel:
                return []
            words = ["-kernel", str(self.kernel), "-append", self.kernel_words]
            return words + (["-initrd", str(self.ramdisk)] if self.ramdisk else [])
        modules = self.modules
        if modules is None:
            kernel, ramdisk = (names.get(path, path) if path else path for path in (self.kernel, self.ramdisk))
            modules = [f"{doubled(kernel)} {self.kernel_words}", doubled(ramdisk)]
        hypervisor_words = self.hypervisor_words
        if self.dom0_memory:
            hypervisor_words += f" dom0_mem={self.dom0_memory}M"
        words = ["-kernel", str(names.get(self.hypervisor, self.hypervisor)), "-append", hypervisor_words]
        return words + (["-initrd", ",".join(modules)] if modules else [])


def link_boot_files(machine: Machine, folder: Path) -> dict[Path, str]:
    """Short names in a folder for what a multiboot loader is told to load. It hands the names on to what it loads, whose
    instructions then depend on where this source lies on the computer. None, where there may be more that names files."""
    if not machine.hypervisor or machine.cdrom or machine.extra:
        return {}
    names = {path: path.name for path in (machine.hypervisor, machine.kernel, machine.ramdisk) if path}
    if len(set(names.values())) < len(names):
        return {}
    for path, name in names.items():
        (folder / name).symlink_to(path.absolute())
    return names


def doubled(path: Path | str | None) -> str:
    """A file name inside one of the emulator's comma-separated lists."""
    return str(path).replace(",", ",,")


def make_disk(path: Path, mebibytes: int = 64) -> Path:
    """A fresh disk of zeros."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with path.open("wb") as stream:
        stream.truncate(mebibytes << 20)
    return path


def make_filesystem(path: Path, mebibytes: int) -> Path:
    """A fresh disk that is one empty ext4 filesystem, the same bytes each time."""
    make_disk(path, mebibytes)
    same = "5a5a5a5a-0000-4000-8000-000000000001"
    run("env", f"E2FSPROGS_FAKE_TIME={EPOCH}", "/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-U", same, "-E",
        f"hash_seed={same},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0", path)
    return path


def busy() -> float:
    """How many times longer things take here now than on a computer that has nothing else to do."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


class Expired(Exception):
    """The machine did not say what was waited for in time, or ended before."""


class Run:
    """A running machine whose serial port this program reads and writes. Use it in a with statement."""

    def __init__(self, machine: Machine, log: Path | None = None, limit: float = 120) -> None:
        if not shutil.which(EMULATOR):
            fail(f"{EMULATOR} is not installed (Debian package qemu-system-x86)")
        self.machine = machine
        self.limit = limit        # seconds that it may run
        self.started = time.monotonic()
        self.text = ""            # all that was said so far, without carriage returns
        self.position = 0         # how far it was waited for
        self.quiet: float = QUIET
        self._heard = self.started
        self._log = None
        if log:
            log.parent.mkdir(parents=True, exist_ok=True)
            self._log = log.open("wb")
        # Two named pipes, with room for more than a boot says: a reader that comes late must not hold up the serial
        # port, or the host's load would show in virtual time.
        self._folder = tempfile.TemporaryDirectory(prefix="prism-")
        pipe = Path(self._folder.name) / "serial"
        for end in (".in", ".out"):
            os.mkfifo(f"{pipe}{end}")
        self._out = os.open(f"{pipe}.out", os.O_RDONLY | os.O_NONBLOCK)
        self._in = os.open(f"{pipe}.in", os.O_RDWR)
        fcntl.fcntl(self._out, F_SETPIPE_SZ, PIPE_SIZE)
        # The monitor is connected from the start, so that nobody has to wait for a socket to appear.
        ours, monitor = socket.socketpair()
        self.qmp = qmp.Client(ours)
        self._errors = tempfile.TemporaryFile()
        boot = Path(self._folder.name) / "boot"
        boot.mkdir()
        names = link_boot_files(machine, boot)
        self._blocks = Path(self._folder.name) / "blocks"
        logged = ["-d", "in_asm", "-dfilter", machine.blocks.ranges, "-D", str(self._blocks)] if machine.blocks else []
        # setpriv: the emulator must not outlive a harness that was killed
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *machine.arguments(names), *logged,
             "-chardev", f"pipe,id=serial0,path={doubled(pipe)}", "-serial", "chardev:serial0",
             "-chardev", f"socket,id=monitor0,fd={monitor.fileno()}", "-mon", "chardev=monitor0,mode=control"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._errors,
            start_new_session=True, pass_fds=[monitor.fileno()], cwd=boot if names else None)
        monitor.close()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def kill(self) -> None:
        """Ends the emulator at once; from any thread. Who reads its serial port finds it ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.kill()
            self.process.wait()
        for descriptor in (self._out, self._in):
            if descriptor >= 0:
                os.close(descriptor)
        self._out = self._in = -1
        self.qmp.close()
        if self.machine.blocks and self._blocks.exists():
            self.machine.blocks.read(self._blocks)
        self._folder.cleanup()
        if self._log:
            self._log.close()
            self._log = None

    def steady(self) -> bool:
        """Makes the disk's latency vanish from virtual time. The emulator's I/O threads share one host CPU with the
        emulated ones and come before them, so that a request is complete before the guest's next instructions; otherwise
        the guest goes idle for as long as the host pleases, and skipped idle time counts as instructions. Needs root."""
        allowed = sorted(os.sched_getaffinity(0))
        mine = allowed[self.process.pid % len(allowed)]
        try:
            cpus = {cpu["thread-id"] for cpu in self.qmp.execute("query-cpus-fast")}
            for thread in self._threads():
                os.sched_setaffinity(thread, {mine})
                if thread not in cpus:
                    os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(1))
        except (OSError, Problem):
            return False
        return True

    def _threads(self) -> dict[int, str]:
        """The emulator's threads, and what each does: R, it runs, D, it waits for a disk, S, it sleeps (proc(5))."""
        found = {}
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):    # it ended meanwhile
                found[int(task.name)] = (task / "stat").read_text().rpartition(")")[2].split()[0]
        return found

    def begun(self) -> None:
        """Waits until the emulator has set up all that it was told to. Raises Expired."""
        try:
            self.qmp.execute("query-status")
        except Problem as problem:
            raise Expired(f"{problem}; {self.last_words()}") from problem

    def virtual_seconds(self) -> int | None:
        """What the machine's real-time clock shows, in seconds since 1970: virtual time under the instruction clock, else the
        host's. It is the guest's to set, so that only differences tell something. None: there is no clock, or no answer."""
        try:
            shown = self.qmp.execute("qom-get", within=ANSWER, path="/machine", property="rtc-time")
            return calendar.timegm((1900 + shown["tm_year"], 1 + shown["tm_mon"], shown["tm_mday"], shown["tm_hour"],
                                    shown["tm_min"], shown["tm_sec"]))
        except (Problem, ValueError):    # a guest may have set it to the 13th month
            return None

    def cpu_seconds(self) -> float:
        """The host's CPU time that the emulator has used: what wall time would be on a computer with nothing else to do."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _receive(self, timeout: float) -> bool:
        """Takes in what the machine says within the timeout; False once it has ended."""
        ready, _, _ = select.select([self._out], [], [], max(0.0, timeout))
        if not ready:
            return self.process.poll() is None
        block = os.read(self._out, 65536)
        if not block:   # the emulator has closed the pipe: it is ending
            self.process.wait()
            return False
        if self._log:
            self._log.write(block)
            self._log.flush()
        self.text += self._decoder.decode(block).replace("\r", "")
        self._heard = time.monotonic()
        return True

    def _keep_registers(self) -> None:
        """Beside the log, its CPUs' registers, some times, and the first one's local APIC: whoever looks for what it waits for
        sees where they are, and whether an interrupt is still to come."""
        if self._log:
            with contextlib.suppress(Problem), Path(f"{self._log.name}.registers").open("w") as file:
                for asked in (*["info registers -a"] * 3, "info lapic"):
                    file.write(self.qmp.execute("human-monitor-command", within=ANSWER, **{"command-line": asked}))
                    time.sleep(0.1)

    def emulator_errors(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").splitlines()
        return "; ".join(line for line in lines if "module ui-" not in line and "TCG doesn't support" not in line)

    def expect(self, pattern: str, timeout: float = 60, virtual: float | None = None) -> re.Match[str]:
        """Waits until what was said since the last match holds the pattern (multi-line). Raises Expired. virtual: seconds of
        the machine's own time that it may take once the machine has been silent for a while; without the instruction clock
        that is the host's time."""
        compiled = re.compile(pattern, re.MULTILINE)
        start = time.monotonic()
        patience = Patience(virtual) if virtual else None
        alive, why = True, ""
        while True:
            found = compiled.search(self.text, self.position)
            if found:
                self.position = found.end()
                return found
            if not alive:
                raise Expired(f"the machine ended without /{pattern}/; {self.last_words()}")
            if why or self._late(start, timeout):
                self._keep_registers()
                raise Expired(f"no /{pattern}/ {why or f'in {timeout:.0f} s'}; {self.last_words()}")
            alive = self._receive(min(1.0, self.quiet))
            if alive and patience and time.monotonic() - max(self._heard, start) >= self.quiet:
                heard = self._heard
                asleep = set(self._threads().values()) <= {"S"}    # seen before it has an answer to give
                why = patience.over(self.virtual_seconds(), asleep)
                alive = self._receive(0)
                if self._heard != heard:    # it has spoken while it was asked
                    why = ""

    def listen(self, last: str) -> bool:
        """Takes in what the machine has said; False if it has ended, or has said what means that it will say no more."""
        while len(before := self.text) < len(self.text if self._receive(0) else before):
            pass
        return self.process.poll() is None and not re.search(last, self.text)

    def wait(self, timeout: float = 60) -> str:
        """Until the machine ends; all it said."""
        start = time.monotonic()
        while self._receive(1.0):
            if self._late(start, timeout):
                self._keep_registers()
                raise Expired(f"the machine did not end in {timeout:.0f} s; {self.last_words()}")
        self.process.wait()
        return self.text

    def _late(self, start: float, timeout: float) -> bool:
        """Has what began at `start` taken longer than `timeout`, or the run than it may?"""
        now = time.monotonic()
        return now - start >= timeout * busy() or now - self.started >= self.limit * busy()

    def last_words(self) -> str:
        lines = [line for line in self.text.splitlines() if line.strip()]
        errors = self.emulator_errors() if self.process.poll() is not None else ""
        return f"last said: {printable(lines[-1]) if lines else 'nothing'}" + (f"; emulator: {errors}" if errors else "")

    def send(self, text: str) -> None:
        """Types text, in pieces: a serial port's queue is short."""
        data = text.encode()
        for start in range(0, len(data), 16):
            os.write(self._in, data[start:start + 16])
            if start + 16 < len(data):
                end = time.monotonic() + 0.02
                while time.monotonic() < end and self._receive(end - time.monotonic()):
                    pass

    def command(self, command: str, timeout: float = 60) -> tuple[int, str]:
        """For an image that runs prism.do=tests: carries out one shell command; its status and what it printed."""
        start = self.position
        self.send(command + "\n")
        found = self.expect(r"@@ status (\d+)$", timeout)
        return int(found.group(1)), self.text[start:found.start()].strip("\n")


def interactive(machine: Machine) -> int:
    """The machine with its serial port on this terminal; returns the emulator's status."""
    if not shutil.which(EMULATOR):
        fail(f"{EMULATOR} is not installed (Debian package qemu-system-x86)")
    words = machine.arguments()
    words[words.index("-monitor"):words.index("-monitor") + 2] = []
    return subprocess.call(words + ["-serial", "mon:stdio"], stderr=None)


def log_path(name: str) -> Path:
    return BUILD / "logs" / f"{name}.log"
