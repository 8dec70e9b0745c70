# SPDX-License-Identifier: MIT
"""Booting: by multiboot 1 and by GRUB, on 1, 2 and 4 CPUs, with little memory and much, without SVM, and twice alike."""
from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import zip_longest
from pathlib import Path

from harness.common import BUILD, BUILDS, KERNEL, ROOT, UNPACKED_KERNEL
from harness.machine import CPU
from harness.testing import TESTS_WORDS, Context, Failure, Skip, check_warnings, power_off, ready, require, \
    require_match, succeed, test

SMALL, LARGE = 512, 16384


def boot_on_cpus(t: Context, cpus: int) -> None:
    """To the toolstack and down again, and every CPU is there; once with the kernel as its package has it, packed."""
    if cpus > 1:      # so boot devices-*, on two CPUs, and stress-smp4
        t.long_only()
    with t.run(t.machine(cpus=cpus, kernel=KERNEL if cpus == 1 else UNPACKED_KERNEL)) as run:
        with t.check("up"):
            ready(run)
            require_match(rf"^{cpus}$", succeed(run, "nproc"), "nproc")
            require_match(rf"^nr_cpus +: {cpus}$", succeed(run, "xl info"), "xl info")
        check_warnings(t, run)
        with t.check("poweroff"):
            power_off(run)


def boot_with_memory(t: Context, memory: int) -> None:
    """dom0_mem= not given: the control domain gets all that is left."""
    if memory != SMALL:
        t.long_only()
    if memory == LARGE:
        available = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemAvailable"))
        if available >> 10 < LARGE + 512:
            raise Skip(f"this computer has {available >> 20} GiB of free memory, the machine needs {LARGE >> 10}")
    with t.run(t.machine(memory=memory, dom0_memory=1024 if memory == LARGE else None), limit=300) as run:
        ready(run, 280)
        total = int(require_match(r"^total_memory +: (\d+)$", succeed(run, "xl info"), "xl info").group(1))
        require(memory - 16 <= total <= memory, f"xl info: total_memory is {total} of {memory}")
        succeed(run, "dd if=/dev/zero of=/tmp/fill bs=1M count=64 2>/dev/null && rm /tmp/fill")
        power_off(run)


def iso(t: Context) -> Path:
    """An image of our own beside the user's: other words for the kernel."""
    if not t.on_prism:
        raise Skip("the ISO image holds Prism")
    image = BUILD / "tests" / t.build / "test.iso"
    done = subprocess.run(["make", "--no-print-directory", "-s", BUILDS[t.build], f"ISO={image}",
                           f"ISO_KERNEL_OPTIONS={TESTS_WORDS}", "ISO_OPTIONS=console=com1 com1=115200,8n1 loglvl=all dom0_mem=1024M", "iso"], cwd=ROOT,
                          text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise Failure(f"make iso: {' | '.join(done.stdout.splitlines()[-3:])}")
    return image


@test("boot-grub")
def boot_grub(t: Context) -> None:
    """The one image by multiboot 2, on every number of CPUs."""
    image = iso(t)
    for cpus in (1, 2, 4) if t.soak else (2,):
        with t.check(f"smp{cpus}"):   # each on a machine of its own
            with t.run(t.machine(cdrom=image, hypervisor=None, cpus=cpus), suffix=f"-smp{cpus}") as run:
                ready(run)
                require_match(rf"^{cpus}$", succeed(run, "nproc"), "nproc")
                power_off(run)


for count in (1, 2, 4):
    test(f"boot-smp{count}")(partial(boot_on_cpus, cpus=count))
for amount in (SMALL, 4096, LARGE):
    test(f"boot-memory-{amount}M")(partial(boot_with_memory, memory=amount))


@test("boot-no-svm")
def boot_no_svm(t: Context) -> None:
    """Without SVM there is PV all the same, and xl says that there is nothing else."""
    with t.run(t.machine(cpu=CPU.replace("+svm,+npt", "-svm,-npt"))) as run:
        ready(run)
        require_match(r"^virt_caps +: pv\b(?!.*hvm)", succeed(run, "xl info"), "xl info")
        power_off(run)


@test("boot-reboot")
def boot_reboot(t: Context) -> None:
    """The control domain's reboot starts the machine again, from the firmware on."""
    with t.run(t.machine(reboot=True)) as run:
        ready(run)
        run.send("reboot -f\n")
        ready(run)
        power_off(run)


@test("boot-repeats", alone=True)
def boot_repeats(t: Context) -> None:
    """Under the instruction clock two runs of the same images say the same to the last byte, here one beside the other. A
    host that is busy elsewhere can hold up the emulator's own threads (docs/machine.md), so a third run decides when the first
    two differ."""
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(partial(one_run, t), ("a", "b")))
    if said[0] == said[1]:
        return
    first, second = next(pair for pair in zip_longest(said[0].splitlines(), said[1].splitlines()) if pair[0] != pair[1])
    require(one_run(t, "c") in said, f"three runs differ; the first two at {first!r}, {second!r}")


def one_run(t: Context, turn: str) -> str:
    """The second one is asked for its time over and over, which must not show."""
    machine = t.machine(kernel_words=TESTS_WORDS.replace("prism.do=tests", "prism.do=bench prism.bench=quick"))
    with t.run(machine, suffix=f"-{turn}") as run:
        if turn == "b":
            run.quiet = 0.05
            run.expect("PRISM-INIT bench-status=", 200, 10000)
        return run.wait(200)
