# SPDX-License-Identifier: MIT
"""Faults on purpose: allocations that fail, one after the other; daemons that are killed; interrupts and machine checks that
the machine's own hardware raises; a control domain that crashes. Prism says so, and who is not concerned lives on."""
from __future__ import annotations

import time

from harness import images
from harness.guests import BOOT, create, end, finish, free_frames, heap_use, inside, network, start, state_of
from harness.machine import Run
from harness.testing import Context, Skip, ready, require, require_match, succeed, test

CREATIONS = ("pv", "pvh", "pc")      # of which every allocation fails once
XL_FAILS_AT = (2, 9, 31, 77, 130, 200, 290, 420, 650, 1000)    # with xl there is no knowing which allocation that is
FAIL = "/debug/fail-allocation"
NMI = "NMI on CPU 0: reason unknown"
# Bank 2: valid, uncorrected, enabled, the processor's context is corrupt (APM vol. 2, 9.3.2.2)
MACHINE_CHECK = "mce 0 2 0xb200000000000000 0x5 0x1234000 0"


def debug_only(t: Context) -> None:
    if not t.on_prism or t.build != "debug":
        raise Skip("an allocation is made to fail in Prism's debug build alone")


def every_allocation(run: Run, kind: str) -> None:
    status, text = run.command(f"toolstack-test fail-allocations {kind}", 200)
    lines = [line for line in text.splitlines() if line.startswith("WRONG")] or text.strip().splitlines()[-2:]
    require(status == 0, " | ".join(lines[:6]) + (f" and {len(lines) - 6} more" if len(lines) > 6 else ""))
    allocations = int(require_match(r"^(\d+) allocations", text, "toolstack-test").group(1))
    require(allocations > 40, f"only {allocations} allocations were made to fail")


def created_or_not(run: Run, kind: str, number: int) -> None:
    """xl makes a guest while one of Prism's allocations fails: the guest is there, or xl says why not and has left nothing."""
    succeed(run, f"xenhypfs write {FAIL} {number}")
    status, text = run.command(f"xl create /guests/{kind}.cfg 'name=\"a\"' 2>&1", BOOT)
    text_left = succeed(run, f"xenhypfs cat {FAIL}; xenhypfs write {FAIL} 0")
    left = int(require_match(r"^\d+$", text_left, FAIL).group(0))    # Prism's own lines may stand before it
    if status == 0:
        end(run, "a")
        return
    require(left == 0, f"xl create fails ({text.strip().splitlines()[-1:]}) without allocation {number} having failed")
    require_match(r"error|fail", text, f"what xl says when allocation {number} fails")
    succeed(run, "wait_until 20 '[ $(xl list | wc -l) = 2 ]'", BOOT)


@test("faults-allocation")
def faults_allocation(t: Context) -> None:
    """The n-th allocation fails, for every n of a domain's creation; then for some n while xl creates a guest."""
    debug_only(t)
    with t.run(t.machine(ramdisk=images.TESTS_RAMDISK), limit=300 if not t.soak else 2000) as run:
        before = start(run)
        for kind in CREATIONS:
            with t.check(kind):
                succeed(run, f"toolstack-test fail-allocations {kind} >/dev/null; true", 200)   # what stays is there
                heap = heap_use(run)
                every_allocation(run, kind)
                after = heap_use(run)
                require(heap == after, f"allocated before: {heap}; after: {after}".replace("\n", "; "))
        for turn, number in enumerate(XL_FAILS_AT[::t.rounds(3, 1)]):
            for kind in t.some(("pv", "pvh"), turn):
                with t.check(f"xl-{kind}-{number}"):
                    created_or_not(run, kind, number)
        with t.check("xl-afterwards"):
            create(run, "a", "pvh")
            require_match(r"^here$", inside(run, "a", "echo here"), "the guest")
            end(run, "a")
        finish(t, run, before)


# ---- Daemons

def answers(run: Run) -> None:
    """The guest's kernel: its network needs neither of the daemons once it is there."""
    succeed(run, "ping -c 1 -W 20 10.7.0.2 >/dev/null", BOOT)


def device_model(run: Run) -> None:
    """Its firmware asks QEMU all the time."""
    create(run, "pc", "pvhvm", 'on_crash="preserve"', boots=False)
    # the firmware's lines may stand between those of commands: numbers stay in the shell
    succeed(run, "kill -9 $(xenstore-read /local/domain/$(xl domid pc)/image/device-model-pid)")
    succeed(run, "wait_until 60 \"xl dmesg | grep -q 'd$(xl domid pc) crashed: .*its device model is gone'\"", BOOT)
    require("c" in state_of(run, "pc"), f"the guest's state is {state_of(run, 'pc')}")
    end(run, "pc")


def console_daemon(run: Run) -> None:
    """What the guest says meanwhile waits, or is lost; a daemon that is started again has its console."""
    succeed(run, "guest_type a 'while :; do echo line; usleep 100000; done & sleep 3; kill $!'")
    succeed(run, "sleep 1; kill -9 $(cat /run/xenconsoled.pid); sleep 1")
    answers(run)
    succeed(run, "xl list a >/dev/null; rm -f /run/xenconsoled.pid; "
                 "xenconsoled --pid-file=/run/xenconsoled.pid --log=all --log-dir=/var/log/xen/console")
    succeed(run, "wait_until 30 '[ -c \"$(guest_tty a)\" ]' && sleep 4", BOOT)
    require_match(r"^here-42$", inside(run, "a", "echo here-$((40 + 2))", 60), "the guest at its new console")


def store(run: Run) -> None:
    """Nobody can start xenstored again, and xl, which asks it, has no answer; the hypervisor's own calls have."""
    domain = succeed(run, "xl domid a").split()[-1]
    free = free_frames(run)
    succeed(run, "kill -9 $(cat /run/xenstored.pid); sleep 1")
    answers(run)
    require(free_frames(run) == free, "frames have come or gone with xenstored")
    status, _ = run.command("timeout -s KILL 5 xl list >/dev/null 2>&1", 60)
    require(status != 0, "xl list works without xenstored")
    answers(run)
    succeed(run, f"toolstack-test destroy {domain}", BOOT)
    gained = free_frames(run) - free
    require(gained > 120 << 8, f"a guest of 128 MiB is destroyed, and {gained} frames are free")


@test("faults-daemons")
def faults_daemons(t: Context) -> None:
    """QEMU, xenconsoled and xenstored are killed. Whom they serve suffers; memory comes back; all others go on."""
    if not t.on_prism:
        raise Skip("Debian's Xen leaves a guest without its device model waiting")
    with t.run(t.machine(icount=False, turns=True, cpus=2, ramdisk=images.TESTS_PC_RAMDISK), limit=300) as run:
        start(run)
        create(run, "a", "pv", 'vif=["bridge=xenbr0"]')
        network(run, "a", 2)
        free = free_frames(run)
        with t.check("qemu"):
            device_model(run)
            answers(run)
        with t.check("qemu-memory"):
            kept = free - free_frames(run)
            require(kept <= 64, f"{kept} frames are missing")      # backends of the control domain keep some
        with t.check("xenconsoled"):
            console_daemon(run)
        with t.check("xenstored"):
            store(run)
        with t.check("prism"):
            require_match("Domain memory|Heap|Frames", succeed(run, "xl debug-keys m; xl dmesg | tail -n 20"), "debug key m")


# ---- The machine

def interrupted(run: Run) -> None:
    """Each is said, and is the control domain's."""
    for number in range(1, 4):
        run.qmp.execute("inject-nmi")
        run.expect(f"{NMI}; the control domain is told", 60)
        succeed(run, f"wait_until 20 '[ $(dmesg | grep -c \"NMI received for unknown reason\") = {number} ]'", BOOT)
    require_match(r"^here-42$", inside(run, "a", "echo here-$((40 + 2))", 60), "the guest")


@test("faults-machine")
def faults_machine(t: Context) -> None:
    """NMIs, a machine check and a crash of the control domain, while there is a guest: each time the machine starts again."""
    if not t.on_prism:
        raise Skip("what is said are Prism's words")
    with t.run(t.machine(reboot=True), limit=200) as run:
        start(run)
        create(run, "a", "pv")
        with t.check("nmi"):
            interrupted(run)
        with t.check("machine-check"):
            run.qmp.execute("human-monitor-command", **{"command-line": MACHINE_CHECK})
            run.expect(r"\*\*\* Prism: machine check on CPU 0, status 5\n", 60)
            run.expect(r"Bank 2: status b200000000000000, address 0{9}1234000\n", 20)
            run.expect(r"Panic on CPU 0: Machine check", 20)
            start(run)
        with t.check("control-crash"):
            create(run, "a", "pv")
            run.send("echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger\n")
            run.expect(r"Kernel panic - not syncing: sysrq triggered crash", 60)
            run.expect(r"^\(PRISM\) The control domain crashed$", 60)
            ready(run)


def halts(run: Run) -> bool:
    """Soon: the last line that was waited for is not the last thing that Prism does."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if "HLT=1" in run.qmp.execute("human-monitor-command", **{"command-line": "info registers"}):
            return True
        time.sleep(0.05)        # the processor tells nobody that it halts
    return False


def stopped(run: Run) -> None:
    """It is there, has not started again, and does nothing."""
    require(halts(run), "CPU 0 has not halted")
    require(run.text.count("Prism (Xen ABI") == 1, "the machine has started again")


@test("faults-machine-stays")
def faults_machine_stays(t: Context) -> None:
    """With these words the machine stops, and what it said can be read."""
    if not t.on_prism:
        raise Skip("what is said are Prism's words")
    words = t.machine().hypervisor_words + " noreboot"
    with t.run(t.machine(hypervisor_words=words + " nmi=ignore"), limit=100, suffix="-crash") as run:
        ready(run)
        with t.check("nmi-ignored"):
            succeed(run, "xl dmesg -c >/dev/null")
            run.qmp.execute("inject-nmi")
            require(NMI not in succeed(run, "sleep 1; xl dmesg"), "an NMI is told of that is to be ignored")
        with t.check("control-crash"):
            run.send("echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger\n")
            run.expect(r"^\(PRISM\) The control domain crashed\n\(PRISM\) \"noreboot\" is set: the machine stops$", 60)
            stopped(run)
    with t.run(t.machine(hypervisor_words=words + " nmi=fatal"), limit=100, suffix="-nmi") as run:
        ready(run)
        with t.check("nmi-fatal"):
            run.qmp.execute("inject-nmi")
            run.expect(r"\*\*\* Prism: NMI on CPU 0: reason unknown\n[\s\S]*Panic on CPU 0: NMI: reason unknown", 60)
            stopped(run)
