# SPDX-License-Identifier: MIT
"""Budgets of the fast paths: beside each path stands in the source what it may cost, as `Budget: NAME N instructions`, where
NAME is the event that the ledger charges, or the function that does the work. Executions are watched block by block (as by make
explain); the cheapest of each kind is held against its budget, which must not be far above it either."""
from __future__ import annotations

import re
from pathlib import Path

from harness import explain
from harness.common import ROOT
from harness.rows import Row
from harness.story import Entry
from harness.testing import Context, Skip, require, test

BUDGET = re.compile(r"Budget: ((?:[a-z][a-z0-9_-]* [\d,]+(?:, )?)+) instructions")
FOLDERS = ("xen", "modes", "devmodel")
RUNS = (("pv", "pipe_trip"), ("pv", "page_fault"), ("pvh", "cpuid"))
ROOM = 1.15       # a budget may be so much above what is needed
LIMIT = 300


def budgets(folders: tuple[str, ...] = FOLDERS) -> dict[str, tuple[Path, int]]:
    found: dict[str, tuple[Path, int]] = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.[cS]")):
            for many in BUDGET.findall(re.sub(r"\n \* ", " ", path.read_text())):
                for name, number in re.findall(r"([a-z][a-z0-9_-]*) ([\d,]+)", many):
                    found[name] = (path, int(number.replace(",", "").strip()))
    return found


def cheapest(name: str, entries: list[Entry]) -> int | None:
    """Of the stretches of Prism's that are this event, or go through this function."""
    costs = [entry.count for entry in entries
             if entry.who == "Prism" and (name in entry.way or entry.why.split(" (")[0] == name)]
    return min(costs, default=None)


def judged(name: str, budget: int, cost: int | None) -> str | None:
    """What is wrong, if anything."""
    if cost is None:
        return f"{name}: in no execution that was watched"
    if cost > budget:
        return f"{name}: {cost} instructions, and its budget is {budget}"
    if budget > ROOM * cost:
        return f"{name}: {cost} instructions, far below its budget of {budget}, which can be lowered"
    return None


@test("budgets-judged")
def judgement(_: Context) -> None:
    entries = [Entry("Prism", 70, "syscall"), Entry("Prism", 57, "syscall"), Entry("guest kernel", 9, "syscall"),
               Entry("Prism", 445, "msr (exception 13 #GP)", ["a", "b"])]
    require(cheapest("syscall", entries) == 57 and cheapest("msr", entries) == 445 and cheapest("b", entries) == 445, "costs")
    require(cheapest("iret", entries) is None, "what is not there has a cost")
    require(judged("a", 57, 57) is None and judged("a", 60, 57) is None, "what keeps to its budget is wrong")
    require(all(judged("a", *pair) for pair in ((56, 57), (90, 57), (57, None))), "what does not keep to its budget is right")
    require({"syscall", "iret", "cpuid"} <= set(budgets()), f"budgets in the source: {', '.join(budgets())}")


@test("budgets")
def kept(t: Context) -> None:
    if not t.on_prism:
        raise Skip("the fast paths are Prism's")
    entries: list[Entry] = []
    for mode, operation in RUNS:
        told = explain.explain(Row(mode, hypervisor=t.hypervisor), operation, LIMIT)
        require(not told.reason, f"{operation} in {mode}: {told.reason}")
        entries += told.entries
    wrong = [problem for name, (_, budget) in budgets().items() if (problem := judged(name, budget, cheapest(name, entries)))]
    require(not wrong, "; ".join(wrong))
