# SPDX-License-Identifier: MIT
"""Test kernels (tests/guests) made by xl, PV and PVH: each one's verdict stands in its console's log, whatever it does
ends itself alone, and all its memory comes back."""
from __future__ import annotations

import re
import tempfile
from functools import partial
from pathlib import Path

from harness.common import ROOT
from harness.guests import ramdisk_with_kernels
from harness.machine import Run
from harness.testing import (VERDICT, Context, Failure, Skip, kernel_modes, page_of_source, power_off, ready, require,
                             require_match, succeed, test)

# a mode of tests/guests/guests.mk: the folder of its kernels, and their type for xl
MODES = {"pv": ("pv64", "pv"), "pvh64": ("pvh64", "pvh"), "pvh32": ("pvh32", "pvh"), "pvh32np": ("pvh32np", "pvh")}
CONTAINERS = ("pvh64", "pvh32", "pvh32np")
CRASHED = r"d\d+ crashed|Domain \d+ \(vcpu#\d+\) crashed"    # as Prism says it, and as Xen does
SECONDS = 60     # that a kernel has, by the clock of the emulated machine


def kernels(mode: str, together: bool) -> list[str]:
    """The tests for a mode. Those of two vCPUs at the same time have a machine of their own kind."""
    sources = sorted((ROOT / "tests/guests").glob("test_*.c"))
    return [source.stem for source in sources
            if mode in kernel_modes(source) and source.stem.startswith("test_smp_") == together]


def memory_words(name: str) -> list[str]:
    """What the third line of a test kernel's source has xl give it."""
    found = re.match(r"// xl: (.*)", (ROOT / "tests/guests" / f"{name}.c").read_text().splitlines()[2])
    return found.group(1).split() if found else ["memory=32"]


def free_memory(run: Run) -> int:
    text = succeed(run, "sleep 1; xl info free_memory")
    return int(require_match(r"^\d+$", text, "xl info free_memory").group(0))


def one(run: Run, mode: str, name: str, vcpus: int) -> None:
    """Makes a domain of a kernel and waits for its end. Raises what its verdict says."""
    log = f"/var/log/xen/console/guest-{name}.log"
    before = free_memory(run)
    words = [f'name="{name}"', f'type="{MODES[mode][1]}"', f'kernel="/guests/tests/{MODES[mode][0]}/{name}.elf"',
             *memory_words(name), f"vcpus={vcpus}", 'on_crash="destroy"', 'on_reboot="destroy"']
    succeed(run, f"rm -f {log}; xl dmesg -c >/dev/null; xl create /dev/null {' '.join(f''''{word}' ''' for word in words)}")
    ended, _ = run.command(f"domain_end {name} {SECONDS}", 2 * SECONDS)
    text = succeed(run, f"tr -d '\\r' <{log}; true")
    messages = succeed(run, "xl dmesg")
    if ended:
        succeed(run, f"xl destroy {name}; domain_end {name} 20")
    verdicts = re.findall(VERDICT, text + "\n")
    require(verdicts, f"no verdict: {' | '.join((text + messages).strip().splitlines()[-4:])}")
    verdict, _, detail = verdicts[-1]
    after = free_memory(run)
    if verdict == "skip":
        raise Skip(detail or "the test kernel gave no reason")
    if verdict == "crash-expected":
        require(re.search(CRASHED, messages), f"no crash of the domain but: {messages.strip()[-200:]}")
    elif verdict != "success":
        raise Failure(f"{verdict}: {detail}")
    require(not ended, "the domain has not ended")
    require(after == before, f"{before} MiB were free before, {after} are after the domain's end")


def parts(modes: tuple[str, ...], together: bool) -> dict[str, str]:
    """Each test in each of these modes, with its page."""
    return {f"{mode}-{name.removeprefix('test_')}": page_of_source(ROOT / f"tests/guests/{name}.c")
            for mode in modes for name in kernels(mode, together)}


def run_all(t: Context, modes: tuple[str, ...], together: bool) -> None:
    work = [(mode, name) for mode in modes for name in kernels(mode, together)
            if t.wants(f"{mode}-{name.removeprefix('test_')}")]
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        machine = t.machine(ramdisk=ramdisk_with_kernels(Path(folder)), cpus=2 if together else 1, icount=not together)
        with t.run(machine, limit=120 + 30 * len(work)) as run:
            ready(run)
            for mode, name in work:
                with t.check(f"{mode}-{name.removeprefix('test_')}"):
                    one(run, mode, name, vcpus=2 if together else 1)
            power_off(run)


for each, which, at_once in (("pv", ("pv",), False), ("pvh", CONTAINERS, False), ("smp", tuple(MODES), True)):
    test(f"kernels-{each}", parts=parts(which, at_once))(partial(run_all, modes=which, together=at_once))
