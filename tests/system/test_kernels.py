# SPDX-License-Identifier: MIT
"""Test kernels (tests/guests) made by xl, PV, PVH and with a PC: each one's verdict stands in its console's log or in the
hypervisor's, whatever it does ends itself alone, and all its memory comes back."""
from __future__ import annotations

import re
import tempfile
from functools import partial
from pathlib import Path

from harness.common import PC_RAMDISK, RAMDISK, ROOT
from harness.guests import free_memory, ramdisk_with_kernels
from harness.machine import Run
from harness.testing import (ENDS, VERDICT, Context, Failure, Skip, kernel_modes, page_of_source, power_off, ready, require,
                             succeed, test)

CONTAINERS = ("pvh64", "pvh32", "pvh32np")
NARROW = ("pvh32", "pvh32np")
PCS = ("hvm64", "hvm32", "hvm32np", "real")     # started by a PC's firmware
# A guest with a PC takes the emulator six seconds: what is done of them in every run. The others have the same paths through
# the hypervisor as in a container without one.
OFTEN = {"hvm64-hw_structures", "hvm32-hw_devices", "hvm32np-hw_boot", "real-real_mode", "real-real_pc"}
SECONDS = 60     # that a kernel has, by the clock of the emulated machine
PATIENCE = 180   # that this takes at most: a kernel that does nothing but spin takes the emulator two seconds a second


def kernels(mode: str, together: bool) -> list[str]:
    """The tests for a mode. Those of two vCPUs at the same time have a machine of their own kind."""
    sources = sorted((ROOT / "tests/guests").glob("test_*.c"))
    return [source.stem for source in sources
            if mode in kernel_modes(source) and source.stem.startswith("test_smp_") == together]


def kind_words(mode: str, name: str) -> list[str]:
    """What xl is told for a mode of tests/guests/guests.mk."""
    kernel = f"/guests/tests/{'pv64' if mode == 'pv' else mode}/{name}"
    if mode not in PCS:
        return [f'type="{"pv" if mode == "pv" else "pvh"}"', f'kernel="{kernel}.elf"']
    disk = f'disk=["vdev=hda,format=raw,backendtype=qdisk,target={kernel}.img"]'
    return ['type="hvm"', disk if mode == "real" else f'kernel="{kernel}.img"', 'vga="none"', "vnc=0"]


def memory_words(name: str) -> list[str]:
    """What the third line of a test kernel's source has xl give it."""
    found = re.match(r"// xl: (.*)", (ROOT / "tests/guests" / f"{name}.c").read_text().splitlines()[2])
    return found.group(1).split() if found else ["memory=32"]


def memory_back(run: Run, before: int) -> str:
    """As many MiB are free as there were, soon: a domain's last frames come back when nobody refers to it any more. Else how
    many are."""
    condition = f"[ $(xl info free_memory) = {before} ]"
    return run.command(f"wait_until 3 '{condition}' || xl info free_memory")[1].strip()


def one(run: Run, mode: str, name: str, vcpus: int) -> None:
    """Makes a domain of a kernel and waits for its end. Raises what its verdict says."""
    log = f"/var/log/xen/console/guest-{name}.log"
    before = free_memory(run)
    words = [f'name="{name}"', *kind_words(mode, name), *memory_words(name), f"vcpus={vcpus}", 'on_crash="destroy"',
             'on_reboot="destroy"']
    succeed(run, f"rm -f {log}; xl dmesg -c >/dev/null; xl create /dev/null {' '.join(f''''{word}' ''' for word in words)}")
    ended, _ = run.command(f"domain_end {name} {SECONDS}", PATIENCE)
    text = succeed(run, f"tr -d '\\r' <{log}; true")
    messages = succeed(run, "xl dmesg")
    if ended:
        succeed(run, f"xl destroy {name}; domain_end {name} 20")
    verdicts = re.findall(VERDICT, f"{text}\n{messages}\n")
    require(verdicts, f"no verdict: {' | '.join((text + messages).strip().splitlines()[-4:])}")
    verdict, _, detail = verdicts[-1]
    after = memory_back(run, before)
    if verdict == "skip":
        raise Skip(detail or "the test kernel gave no reason")
    if verdict == "crash-expected":
        require(re.search(ENDS[detail], messages), f"no {detail} of the domain but: {messages.strip()[-200:]}")
    elif verdict != "success":
        raise Failure(f"{verdict}: {detail}")
    require(not ended, "the domain has not ended")
    require(not after, f"{before} MiB were free before, {after} are after the domain's end")


def parts(modes: tuple[str, ...], together: bool) -> dict[str, str]:
    """Each test in each of these modes, with its page."""
    return {f"{mode}-{name.removeprefix('test_')}": page_of_source(ROOT / f"tests/guests/{name}.c")
            for mode in modes for name in kernels(mode, together)}


def often(mode: str, name: str) -> bool:
    """Whether it is done in every run: of guests with a PC a few; of 32-bit kernels each in one of its modes, some in this one
    and some in that, those of two vCPUs only if they are not for 64 bits."""
    if mode in PCS:
        return f"{mode}-{name.removeprefix('test_')}" in OFTEN
    modes = kernel_modes(ROOT / f"tests/guests/{name}.c")
    if mode in NARROW and "pvh64" in modes and name.startswith("test_smp_"):
        return False
    return mode not in NARROW or not set(NARROW) <= set(modes) or mode == NARROW[len(name) % len(NARROW)]


def chosen(t: Context, modes: tuple[str, ...], together: bool) -> list[tuple[str, str]]:
    """Mode and name of those that were asked for; not all, if not by name or mode or for a long run."""
    all_asked = t.parts in (None, frozenset(parts(modes, together)))
    work = [(mode, name, f"{mode}-{name.removeprefix('test_')}") for mode in modes for name in kernels(mode, together)]
    return [(mode, name) for mode, name, part in work
            if t.wants(part) and (t.soak or not all_asked or often(mode, name))]


def carry_out(t: Context, run: Run, work: list[tuple[str, str]], vcpus: int) -> None:
    ready(run)
    for mode, name in work:
        with t.check(f"{mode}-{name.removeprefix('test_')}"):
            one(run, mode, name, vcpus)
    power_off(run)


def run_all(t: Context, modes: tuple[str, ...], together: bool) -> None:
    """Two vCPUs at once have CPUs of their own, but for containers' in every run: with a thread for each CPU the emulator ends
    one of some hundred by a triple fault (docs/CAVEATS.md)."""
    work = chosen(t, modes, together)
    image = PC_RAMDISK if any(mode in PCS for mode, _ in work) else RAMDISK
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        ramdisk = ramdisk_with_kernels(Path(folder), image)
        for turns in (False, True):
            part = [(mode, name) for mode, name in work if turns == (together and not t.soak and mode != "pv")]
            if part:
                machine = t.machine(ramdisk=ramdisk, cpus=2 if together else 1, icount=not together, turns=turns)
                with t.run(machine, limit=120 + PATIENCE + 30 * len(part), suffix="-turns" if turns else "") as run:
                    carry_out(t, run, part, vcpus=2 if together else 1)


for each, which, at_once in (("pv", ("pv",), False), ("pvh", CONTAINERS, False), ("hvm", PCS, False),
                             ("smp", ("pv", *CONTAINERS, *PCS), True)):
    test(f"kernels-{each}", parts=parts(which, at_once))(partial(run_all, modes=which, together=at_once))
