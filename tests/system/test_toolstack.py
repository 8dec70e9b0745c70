# SPDX-License-Identifier: MIT
"""A toolstack that asks for what it should not, stops half-way, or is killed: tests/toolstack/ from the control domain,
and xl killed at one moment after the other. Nothing that the hypervisor gave out stays with nobody."""
from __future__ import annotations

from functools import partial

from harness.common import TESTS_RAMDISK
from harness.guests import BOOT, create, end, fetch, finish, heap_use, inside, network, start
from harness.machine import Run
from harness.testing import Context, Skip, require, succeed, test
from test_guests import KINDS

KILLED_AFTER = (0.05, 0.15, 0.25, 0.35, 0.45, 0.6, 0.8)   # seconds after the start of xl create
SAVED_FOR = (0.2, 1, 3)   # seconds after the start of xl save
# Frames. Of objects that come and go between those that stay, one that stays may keep a page that was to be given back. Less
# than a frame for each of the eight steps that wrong-calls looks at, so a leak is seen; and "heap" looks at each object.
FRAGMENTS = 2


def calls(t: Context, run: Run, what: str, kind: str) -> None:
    """One of toolstack-test's parts; its complaints are the reason of a failure. Xen keeps some frames of its own as it
    goes; Prism's must come back to the last one."""
    slack = 64 if not t.on_prism else FRAGMENTS if what == "wrong-calls" else 0
    status, text = run.command(f"toolstack-test {what} {kind} {slack}", 200)
    lines = [line for line in text.splitlines() if line.startswith("WRONG")] or text.strip().splitlines()[-2:]
    require(status == 0, " | ".join(lines[:6]) + (f" and {len(lines) - 6} more" if len(lines) > 6 else ""))


def killed(run: Run, kind: str) -> None:
    """xl create ends by a signal, so what it made so far is there without an owner, and without a name perhaps."""
    for seconds in KILLED_AFTER:
        succeed(run, f"timeout -s KILL {seconds} xl create /guests/{kind}.cfg >/dev/null 2>&1; true", BOOT)
        succeed(run, "for id in $(xl list | awk 'NR > 2 { print $(NF - 4) }'); do xl destroy $id; done", BOOT)
        succeed(run, "until [ $(xl list | wc -l) = 2 ]; do usleep 100000; done; xenstore-rm /libxl 2>/dev/null; true")


def saved(run: Run, kind: str) -> None:
    """A guest is destroyed while xl saves it, or after that has failed or is done: both come to an end."""
    for seconds in SAVED_FOR:
        create(run, "a", kind)
        succeed(run, "rm -f /tmp/save.*; (xl save a /tmp/save.image >/tmp/save.log 2>&1; echo $? >/tmp/save.end) & true")
        succeed(run, f"usleep {seconds * 1e6:.0f}; timeout 60 xl destroy a || ! xl domid a", BOOT)
        succeed(run, "wait_until 60 '[ -s /tmp/save.end ]' && domain_end a 20", BOOT)
    succeed(run, "rm -f /tmp/save.*")


def interrupted(t: Context, run: Run, kind: str) -> None:
    """Guests that end while they are made, dumped or saved."""
    with t.check("create-killed"):
        killed(run, kind)
    with t.check("destroyed-while-dumped"):
        create(run, "a", kind, boots=False)
        # of a domain that is gone it goes on to look for every frame there could have been
        succeed(run, "xl dump-core a /tmp/core >/dev/null 2>&1 & dump=$!; sleep 1; timeout 60 xl destroy a", BOOT)
        succeed(run, "kill -KILL $dump; wait $dump; rm -f /tmp/core; domain_end a 20", BOOT)
    if t.soak:
        with t.check("destroyed-while-saved"):
            saved(run, kind)


def unprivileged(run: Run, kind: str) -> None:
    create(run, "a", kind, 'vif=["bridge=xenbr0"]')
    network(run, "a", 2)
    fetch(run, "a", "toolstack-test")
    inside(run, "a", "toolstack-test unprivileged")
    end(run, "a")


def heap_back(t: Context, run: Run, kind: str) -> None:
    calls(t, run, "half-built", kind)
    heap = heap_use(run)
    for part in ("wrong-calls", "mappings", "races"):
        run.command(f"toolstack-test {part} {kind}", 200)
    after = heap_use(run)
    require(heap == after, f"allocated before: {heap}; after: {after}".replace("\n", "; "))


def toolstack(t: Context, kind: str) -> None:
    """In every run one row goes through all of it, the others through what is quick."""
    whole = t.soak or kind == KINDS[0]
    turns = not t.soak or kind != "pv"    # races are closer at the same time; containers cannot (docs/CAVEATS.md)
    with t.run(t.machine(icount=False, turns=turns, cpus=2, ramdisk=TESTS_RAMDISK), limit=600) as run:
        before = start(run)
        calls(t, run, "half-built", kind)   # what is allocated once and stays
        for part in ("half-built", "wrong-calls", *(["every-command"] if whole else []), "mappings", "races"):
            with t.check(part):
                if part == "every-command" and not t.on_prism:
                    raise Skip("Debian's Xen stops the machine: docs/testing.md")
                calls(t, run, part, kind)
        if whole:
            interrupted(t, run, kind)
        with t.check("unprivileged"):
            unprivileged(run, kind)
        if t.on_prism:
            with t.check("heap"):
                heap_back(t, run, kind)
        finish(t, run, before)


for mode in KINDS:
    test(f"toolstack-{mode}")(partial(toolstack, kind=mode))
