# SPDX-License-Identifier: MIT
"""What a guest's operations cost while others sit idle beside it: as much as alone, within a few percent."""
from __future__ import annotations

import statistics

from harness.common import BUILD
from harness.guests import BOOT, create, end, finish, inside, start
from harness.machine import Run, make_filesystem
from harness.rows import ROUND
from harness.testing import Context, require, succeed, test
from test_guests import KINDS

NEIGHBOURS = 15
OPERATIONS = ("getppid", "page_fault", "fork_exit", "pipe_trip", "read_4k")
MORE = 1.05       # of an operation's cost alone
KEPT = 1          # MiB that the control domain's tables may have grown by


def costs(run: Run, name: str) -> dict[str, float]:
    """Of the guest's operations, in instructions: the median of the rounds."""
    rounds: dict[str, list[float]] = {}
    text = inside(run, name, f"/bench /dev/xvda - quick only={'+'.join(OPERATIONS)}", 3 * BOOT)
    for operation, count, ticks in ROUND.findall(text):
        rounds.setdefault(operation, []).append(int(ticks) / int(count))
    require(rounds.keys() == set(OPERATIONS), f"measured in {name}: {', '.join(rounds) or text[-200:]}")
    return {operation: statistics.median_low(found) for operation, found in rounds.items()}


@test("load-neighbours")
def neighbours(t: Context) -> None:
    t.long_only()
    image = make_filesystem(BUILD / "tests" / "neighbours.img", 32)
    machine = t.machine(disk=image, dom0_memory=768, memory=1536 + 140 * (NEIGHBOURS + len(KINDS)))
    with t.run(machine, limit=1500) as run:
        before = start(run)
        succeed(run, "machine_disk")
        for kind in KINDS:
            succeed(run, f"dd if=/dev/zero of=/mnt/{kind}.img bs=1M count=8 2>/dev/null")
            create(run, kind, kind, f'disk=["file:/mnt/{kind}.img,xvda,w"]')
            inside(run, kind, "load disk; wait_for_disk")
        alone = {kind: costs(run, kind) for kind in KINDS}
        names = [f"n{number}" for number in range(NEIGHBOURS)]
        for number, name in enumerate(names):
            create(run, name, KINDS[number % len(KINDS)])
        for kind in KINDS:
            with t.check(kind):
                beside = costs(run, kind)
                dearer = [f"{operation}: {alone[kind][operation]:,.0f} alone, {cost:,.0f}" for operation, cost in beside.items()
                          if cost > MORE * alone[kind][operation]]
                require(not dearer, f"beside {NEIGHBOURS} idle guests: {'; '.join(dearer)}")
        for name in (*KINDS, *names):
            end(run, name)
        succeed(run, "machine_disk_off", 90)
        finish(t, run, before, slack=KEPT)
