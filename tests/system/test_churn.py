# SPDX-License-Identifier: MIT
"""Guests whose disk, processor and network are at work all the time (tests/load/work.sh: fio, stress-ng, streams by TCP), while
others are made and destroyed beside them: no byte is lost, no frame, no object, and the watchdog has nobody to name. Under the
instruction clock, where the guests' disks are files in the control domain's memory: nothing waits for the host."""
from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness import images, packages
from harness.common import BUILD, ROOT, run as carry_out
from harness.guests import BOOT, create, end, finish, free_frames, heap_use, inside, network, ramdisk_with, start
from harness.machine import HYPERVISOR_WORDS, Run, make_disk
from harness.newc import Archive
from harness.testing import Context, require, require_match, succeed, test

PROGRAMS = ("/usr/bin/fio", "/usr/bin/stress-ng")
PROGRAMS_MIB = 160        # of a filesystem that has them with their libraries
LOADED = {"pv": 2, "pvh": 3, "pvhvm": 4}    # rows, and the last numbers of their addresses; 1 is the control domain
FEW = ("pv", "pvh")       # at work in a run of few rounds, and those that come and go
MEMORY = 224              # MiB of a guest at work
DISK = "/dev/xvda"
PROGRAMS_DISK = "xvde"    # the fifth: of the first four a PC guest's device model would have to take the read-only one
WEIGHT = 64               # of a guest at work: the control domain makes the others
CONTROL_WEIGHT = 512
BATCH = 50                # small guests, between those with Debian's kernel
PC_EVERY = 2              # batches, in a long run
WARM = 3 * BATCH          # rounds, after which all kinds have been there
PART = 4 * BATCH          # rounds, after which each guest is asked how it goes
PATIENCE = 4              # seconds that the watchdog has for CPUs; for vCPUs twice that
MODULES = {"filesystem": ["ext4", "crc32c_generic"]}


# ---- What the machine starts with

def programs(folder: Path) -> Path:
    """A filesystem with them and the libraries that the dynamic linker loads for them, where they look for each other."""
    tree = folder / "programs"
    for name in {*PROGRAMS, *(library for program in PROGRAMS for library in images.shared_libraries(Path(program)))}:
        place = tree / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(name).resolve(), place)
    image = make_disk(folder / "programs.img", PROGRAMS_MIB)
    carry_out("/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", tree, image)
    return image


def ramdisk(folder: Path, image: Path) -> Path:
    modules = Archive()
    images.add_modules(modules, packages.unpack(*images.kernel_wanted()), MODULES)
    (folder / "modules").write_bytes(modules.pack())
    work = ROOT / "tests/load/work.sh"
    kernels = {f"guests/tests/{kernel.parent.name}/{kernel.name}": kernel
               for kernel in (BUILD / "guests").glob("*/load_spin.*")}
    return ramdisk_with(image, folder, {"guests/programs.img": programs(folder), "guests/tools/modules": folder / "modules",
                                        "guests/tools/work": work, "bin/work": work, "bin/churn": ROOT / "tests/load/churn.sh",
                                        **kernels})


# ---- The guests at work

@dataclass
class Crowd:
    """Guests at work, each with its row's name. Streams go round: from the control domain to the first, and so on, and back."""
    run: Run
    modes: tuple[str, ...]

    def create(self) -> None:
        for mode in self.modes:
            succeed(self.run, f"dd if=/dev/zero of=/tmp/{mode}.img bs=1M count=2 2>/dev/null")
            disks = f'disk=["file:/tmp/{mode}.img,xvda,w", "file:/guests/programs.img,{PROGRAMS_DISK},r"]'
            words = (disks, 'vif=["bridge=xenbr0"]', f"memory={MEMORY}", f"cpu_weight={WEIGHT}")
            if images.GUEST_MODES[mode] == "hvm":
                create(self.run, mode, mode, *words, boots=False, verb="create -p")
                succeed(self.run, f"guest_run {mode} '{images.GUEST_ROWS[mode]}'")
            else:
                create(self.run, mode, mode, *words, boots=False)
        for mode in self.modes:
            succeed(self.run, f"guest_ready {mode} {BOOT}", 2 * BOOT)
            self.prepare(mode)

    def prepare(self, mode: str) -> None:
        """The programs' data is more than the guest has memory, if all of it were used."""
        network(self.run, mode, LOADED[mode])
        inside(self.run, mode, "cd /; wget -q -O - http://10.7.0.1/modules | cpio -i; cd /bin; for each in work stream; do "
                               "wget -q http://10.7.0.1/$each; chmod +x $each; done; cd /")
        inside(self.run, mode, f"load disk; load filesystem; wait_for_disk; mount -r -t ext4 /dev/{PROGRAMS_DISK} /mnt && "
                               "ln -s /mnt/lib /mnt/lib64 /mnt/usr / && echo 1 >/proc/sys/vm/overcommit_memory")

    def begin(self) -> None:
        round_about = [1, *(LOADED[mode] for mode in self.modes)]
        for number, node in enumerate(round_about):
            words = f"work begin {node} {round_about[number - 1]} {round_about[(number + 1) % len(round_about)]}"
            if node == 1:
                succeed(self.run, words)
            else:
                inside(self.run, self.modes[number - 1], f"{words} {DISK}")

    def goes_on(self) -> None:
        for mode in self.modes:
            inside(self.run, mode, "work on", 2 * BOOT)

    def everywhere(self, command: str) -> list[dict[str, int]]:
        """Counts, of the control domain and of each guest."""
        texts = [succeed(self.run, command, BOOT), *(inside(self.run, mode, command) for mode in self.modes)]
        return [{kind: int(number) for kind, number in re.findall(r"^(\w+)=(\d+)$", text, re.MULTILINE)} for text in texts]

    def end(self) -> None:
        """Each kind has had its rounds, and what was sent has come."""
        own = self.everywhere("work end")
        for number, counts in enumerate(own):
            require(counts.keys() == ({"disk", "out", "processor"} if number else {"out"}) and all(counts.values()),
                    f"rounds of work: {counts}")
        for number, mode in enumerate(("", *self.modes)):
            sent = own[number - 1]["out"]
            command = f"work came {sent}"
            text = inside(self.run, mode, command) if mode else succeed(self.run, command, BOOT)
            require_match(rf"^in={sent}$", text, f"{sent} streams were sent")

    def still(self) -> tuple[int, list[str]]:
        """Frames that are free or hold small objects, and what objects there are, while nothing moves in these guests. Which
        frames objects share depends on what was there when they were made."""
        names = " ".join(self.modes)
        succeed(self.run, f"for name in {names}; do xl pause $name; done; sleep 1")
        free, heap = free_frames(self.run), heap_use(self.run)
        succeed(self.run, f"for name in {names}; do xl unpause $name; done")
        shared = int(require_match(r"of domains, (\d+) of small objects", heap, "debug key m").group(1))
        return free + shared, re.findall(r"^Objects by size:.*|^Heap: .*frames;", heap, re.MULTILINE)


# ---- Those that come and go

def larger(run: Run, number: int) -> None:
    """Debian's kernel with a disk and a network: it ends while it boots, while it writes, or by itself."""
    kind = FEW[number % len(FEW)]
    create(run, "larger", kind, 'disk=["file:/tmp/larger,xvda,w"]', 'vif=["bridge=xenbr0"]', boots=False)
    if number % 3 == 0:
        end(run, "larger")
        return
    succeed(run, f"guest_ready larger {BOOT}", 2 * BOOT)
    network(run, "larger", 9)
    inside(run, "larger", "load disk; wait_for_disk; while :; do dd if=/dev/urandom of=/dev/xvda bs=64k oflag=direct; done "
                          ">/dev/null 2>&1 &")
    if number % 3 == 1:
        end(run, "larger")
    else:
        succeed(run, "guest_type larger 'poweroff -f'; domain_end larger 60", BOOT)


def with_pc(run: Run) -> None:
    """A small kernel in a guest with a PC, whose device model is in the control domain."""
    settings = ('name="pc"', 'type="hvm"', 'kernel="/guests/tests/hvm32/load_spin.img"', "memory=64", 'vga="none"', "vnc=0",
                f"cpu_weight={WEIGHT}")
    succeed(run, f"rm -f /var/log/xen/console/guest-pc.log; xl create /dev/null {' '.join(map(shlex.quote, settings))}", BOOT)
    succeed(run, "wait_until 60 'grep -q LOAD /var/log/xen/console/guest-pc.log'", 2 * BOOT)
    end(run, "pc")


def churn(run: Run, first: int, rounds: int, batch: int) -> None:
    """In each batch the last one has Debian's kernel; at times one has a PC."""
    for number in range(first, first + rounds, batch):
        pc = batch == BATCH and number // batch % PC_EVERY == 0
        succeed(run, f"churn {number} {batch - 1 - pc}", 60 * batch)
        larger(run, number // batch)
        if pc:
            with_pc(run)


def silent(run: Run) -> None:
    """The watchdog; afterwards what it would have said is gone."""
    text = succeed(run, "xl dmesg -c")
    require("Watchdog: d" not in text, f"the watchdog says: {' | '.join(re.findall('Watchdog: d.*', text))}")


def rounds_of(t: Context, crowd: Crowd, warm: int, rounds: int, batch: int) -> None:
    """The first ones are for what the control domain's tables grow by once, and stay."""
    run = crowd.run
    if warm:
        with t.check(f"rounds-{warm}"):
            churn(run, 0, warm, batch)
            silent(run)
    free, heap = crowd.still() if t.on_prism else (0, [])
    for first in range(warm, rounds, PART):
        with t.check(f"rounds-{min(first + PART, rounds)}"):
            churn(run, first, min(PART, rounds - first), batch)
            silent(run)
            crowd.goes_on()
    if t.on_prism:
        with t.check("nothing-left"):
            free_now, heap_now = crowd.still()
            require(free == free_now, f"{free} frames were free or small objects' before, {free_now} are after")
            require(heap == heap_now and len(heap) == 2, f"allocated before: {heap}; after: {heap_now}")


@test("load-churn")
def load_churn(t: Context) -> None:
    """With many rounds also guests with a PC: one that works, and now and then one that comes and goes."""
    t.long_only()
    rounds = int(os.environ.get("CHURN_ROUNDS") or 1000)
    many = rounds >= WARM + BATCH
    modes = tuple(LOADED) if many else FEW
    words = f"{HYPERVISOR_WORDS} watchdog watchdog_timeout={PATIENCE}"
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        image = ramdisk(Path(folder), images.TESTS_PC_RAMDISK if many else images.TESTS_RAMDISK)
        machine = t.machine(ramdisk=image, hypervisor_words=words, dom0_memory=2048 if many else 1024, memory=4096)
        with t.run(machine, limit=300 + 9 * rounds) as run:
            before = start(run)
            succeed(run, f"httpd -p 10.7.0.1:80 -h /guests/tools; xl sched-credit2 -d 0 -w {CONTROL_WEIGHT}; "
                         "for each in churn larger; do dd if=/dev/zero of=/tmp/$each bs=1M count=4 2>/dev/null; done")
            crowd = Crowd(run, modes)
            with t.check("begin"):
                crowd.create()
                crowd.begin()
                crowd.goes_on()
            if t.failed:      # there is no load
                return
            rounds_of(t, crowd, WARM if many else 0, rounds, BATCH if many else 3)
            with t.check("no-byte-lost"):
                crowd.end()
            for mode in modes:
                end(run, mode)
            finish(t, run, before, slack=1)      # the control domain's tables stay as large as they were
