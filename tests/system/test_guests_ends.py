# SPDX-License-Identifier: MIT
"""What becomes of a guest that powers off, reboots or crashes, by what its configuration says; and that guests made and
ended one after the other leave nothing behind."""
from __future__ import annotations

import re

from harness.guests import BOOT, create, end, finish, heap_use, inside, start, state_of
from harness.machine import Run
from harness.testing import Context, require, require_match, succeed, test
from test_guests import KINDS

DUMPS = "/var/lib/xen/dump"
# Lives of a guest: how it ends, and what its configuration says to that. All but the last leave one that runs.
LIVES = (
    {"crash": "coredump-restart", "poweroff": "restart", "reboot": "destroy"},
    {"reboot": "rename-restart", "crash": "restart", "poweroff": "preserve"},
    {"poweroff": "rename-restart", "crash": "preserve"},
    {"crash": "rename-restart", "reboot": "preserve"},
    {"crash": "coredump-destroy"},
    {"crash": "destroy"},
)                              # a guest that reboots or powers off by xl's defaults: test_guests.py
STATES = {"crash": "c", "poweroff": "s", "reboot": "s"}
ROUNDS = 10


def id_of(run: Run) -> int:
    return int(require_match(r"^\d+$", succeed(run, "xl domid a"), "xl domid").group(0))


def bring_about(run: Run, how: str) -> None:
    if how == "crash":
        inside(run, "a", "echo 1 >/proc/sys/kernel/sysrq")    # Debian's kernel allows only some of them
        succeed(run, "xl sysrq a c")
    else:
        succeed(run, f"xl {'shutdown' if how == 'poweroff' else 'reboot'} a")


def renamed(run: Run, old: int) -> None:
    """The old domain is kept under a name with the time in it."""
    text = succeed(run, f"wait_until 30 'xl domname {old} | grep -q ^a-'; xl list")
    require_match(rf"^a-\d{{8}}T\d{{4}}Z +{old} ", text, "xl list")
    succeed(run, f"xl destroy {old}; wait_until 30 '! xl domname {old}'")


def dumped(run: Run) -> None:
    name = succeed(run, f"wait_until 60 'ls {DUMPS}/*'; ls {DUMPS}/*").split()[-1]
    size = int(succeed(run, f"wc -c <{name}; rm {name}"))
    require(size > 128 << 20, f"the dump of a guest of 128 MiB has {size} bytes")


def one_end(run: Run, how: str, action: str) -> None:
    """The guest ends in this way, and this comes of it."""
    old = id_of(run)
    at = succeed(run, "wc -c </var/log/xen/console/guest-a.log").split()[-1]
    bring_about(run, how)
    if action == "rename-restart":
        renamed(run, old)
    if action.endswith("restart"):
        succeed(run, f"wait_until 60 'xl domid a | grep -qv \"^{old}$\"'", BOOT)
        succeed(run, f"guest_said a {at} 'PRISM-TESTS ready' {BOOT // 2}", BOOT)
    elif action == "preserve":
        succeed(run, f"wait_until 60 'xl list a | grep -q \" [r-][b-][p-]s\"'", BOOT)
        require(STATES[how] in state_of(run, "a") and id_of(run) == old, f"a guest that is kept: {succeed(run, 'xl list')}")
        end(run, "a")
    else:
        succeed(run, f"domain_end a {BOOT // 2}", BOOT)
    if action.startswith("coredump"):
        dumped(run)


@test("guests-ends")
def guests_ends(t: Context) -> None:
    with t.run(t.machine(), limit=900) as run:
        before = start(run)
        for number, life in enumerate(LIVES):
            dumped_too = any(action.startswith("coredump") for action in life.values())
            # dumps of PV guests only: of others libxc looks for a million frames, one by one
            for kind in KINDS[:1] if dumped_too else t.some(KINDS, number):
                words = [f'on_{how}="{action}"' for how, action in life.items()]
                with t.check("-".join((kind, *(f"{how}-{action}" for how, action in life.items())))):
                    succeed(run, f"rm -f {DUMPS}/*")
                    create(run, "a", kind, *words)
                    for how, action in life.items():
                        one_end(run, how, action)
                succeed(run, "for id in $(xl list | awk 'NR > 2 { print $(NF - 4) }'); do xl destroy $id; done")
        finish(t, run, before)


@test("guests-rounds")
def guests_rounds(t: Context) -> None:
    """Guests are created and destroyed, row by row: free memory comes back to the frame, and Prism has the same objects."""
    rounds = t.rounds(ROUNDS, 200)
    with t.run(t.machine(), limit=120 + 20 * rounds) as run:
        before = start(run)
        for kind in (*KINDS, *KINDS):        # what is allocated once and stays
            create(run, "a", kind, boots=False)
            end(run, "a")
        free, heap = free_frames(run), heap_use(run) if t.on_prism else ""
        with t.check(f"rounds-{rounds}"):
            for number in range(rounds):
                create(run, "a", KINDS[number % len(KINDS)], "vcpus=2", boots=False)
                end(run, "a")
            after = free_frames(run)
            # Xen keeps some frames of its own as domain ids grow
            require(free - after <= (0 if t.on_prism else 64), f"{free} frames were free before, {after} are after")
        if t.on_prism:
            with t.check("heap"):
                now = heap_use(run)
                require(heap == now, f"allocated before: {heap}; after: {now}".replace("\n", "; "))
        finish(t, run, before)


def free_frames(run: Run) -> int:
    return int(re.findall(r"^\d+$", succeed(run, "toolstack-test free"), re.MULTILINE)[-1])
