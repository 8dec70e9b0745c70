# SPDX-License-Identifier: MIT
"""Debian's tools for traces and counters in the control domain: xentrace records while guests work, xenalyze finds in it
what they did, xenperf counts."""
from __future__ import annotations

import re

from harness.common import TESTS_RAMDISK
from harness.guests import BOOT, create, end, start
from harness.machine import Run
from harness.testing import Context, Skip, power_off, require, require_match, succeed, test

TOOLS = "/usr/lib/xen-4.17/bin"
TRACE = "/tmp/trace"
FORKS = 20


def record(run: Run, during: str, options: str = "-e all -c all") -> str:
    """Runs a command of the control domain while xentrace writes TRACE. Returns xenalyze's summary."""
    succeed(run, f"rm -f {TRACE}; ({TOOLS}/xentrace -D {options} {TRACE} >/tmp/said 2>&1 &); sleep 1", BOOT)
    succeed(run, f"{during}; sleep 1; kill $(pidof xentrace); while pidof xentrace >/dev/null; do usleep 100000; done", BOOT)
    succeed(run, f"xenalyze --svm-mode -s {TRACE} >/tmp/summary 2>/tmp/complaints", BOOT)
    return succeed(run, "cat /tmp/summary")


def of_domain(text: str, number: int) -> str:
    """The summary's part about one domain."""
    parts = re.split(r"\|-- (?:Domain (\d+)|[^|]*) --\|", text)
    found = [part for name, part in zip(parts[1::2], parts[2::2]) if name == str(number)]
    require(len(found) == 1, f"xenalyze says nothing of domain {number}: {text[-200:]}")
    return found[0]


def counted(text: str, name: str) -> int:
    """All of that name that the vCPUs of a domain did."""
    return sum(int(n) for n in re.findall(rf"^ *{name} +(?:\[ *\d+\]: +)?(\d+)", text, re.MULTILINE))


def work(name: str) -> str:
    return f'guest_do {name} "i=0; while [ \\$i -lt {FORKS} ]; do (true); i=\\$((i+1)); done" 60'


def pv(run: Run) -> None:
    text = record(run, work("a"))
    for number in (0, 1):
        part = of_domain(text, number)
        require_match(r"^ +running: +\d+ +\d+\.\d+s", part, "runstates")
        for name in ("hypercall", "mmu_update", "mmuext_op", "sched_op", "emulate privop"):
            require(counted(part, name) > 0, f"domain {number}: no {name}")
    guest = of_domain(text, 1)
    for name, least in (("page_fault", FORKS), ("mmuext_op", FORKS), ("ptwr", 1)):
        require(counted(guest, name) >= least, f"{counted(guest, name)} of {name} for {FORKS} forks")
    succeed(run, f"xenalyze --svm-mode -a {TRACE} 2>&1 | grep -q ' d1v0 page_fault'", BOOT)


def container(run: Run) -> None:
    if not re.search(r"virt_caps +:.*\bhvm\b", succeed(run, "xl info")):
        raise Skip("the machine has no hardware container")
    create(run, "b", "pvh")
    guest = of_domain(record(run, 'guest_do b "cat /proc/cpuinfo >/dev/null; sleep 1" 60'), 2)
    for name in ("VMEXIT_HLT", "VMEXIT_VMMCALL", "hlt"):
        require(counted(guest, name) > 0, f"no {name}")
    require_match(r"^Guest interrupt counts:\s+\[ *\d+\] \d+", guest, "interrupts")
    end(run, "b")


def masks(run: Run) -> None:
    """What is not asked for is not there."""
    text = of_domain(record(run, "ls >/dev/null", "-e 0x0002f000 -c all"), 0)
    require_match(r"^ +running: +\d+", text, "runstates")
    require(counted(text, "hypercall") == 0, "hypercalls are recorded among what the scheduler does")
    record(run, "ls >/dev/null", "-e all -c 1")
    pcpus = set(re.findall(r"Activating pcpu (\d+)", succeed(run, "cat /tmp/complaints")))
    require(pcpus == {"1"}, f"records of CPU 1 alone were asked for, there are some of {sorted(pcpus)}")


def counter(run: Run, name: str) -> int:
    return int(require_match(rf"^{name} +T= *(\d+)", succeed(run, f"{TOOLS}/xenperf"), "xenperf").group(1))


def counters(run: Run) -> None:
    """They rise, and a reset takes them back to nearly nothing."""
    before = counter(run, "privileged: hypercall")
    require(0 < before < counter(run, "privileged: hypercall"), "hypercalls are not counted")
    succeed(run, f"{TOOLS}/xenperf -r")
    require(counter(run, "privileged: hypercall") < before, "a reset changes nothing")


@test("trace")
def trace(t: Context) -> None:
    with t.run(t.machine(cpus=2, ramdisk=TESTS_RAMDISK), limit=900) as run:
        start(run)
        create(run, "a", "pv")
        with t.check("pv"):
            pv(run)
        end(run, "a")
        with t.check("masks"):
            masks(run)
        with t.check("pvh"):
            container(run)
        if t.on_prism:    # Debian's Xen is built without counters
            with t.check("counters"):
                counters(run)
        power_off(run)
