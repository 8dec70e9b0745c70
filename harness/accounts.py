# SPDX-License-Identifier: MIT
"""Who paid: the account of each operation that the benchmark has marked, as the hypervisor's ledger kept it.

An account is the whole machine's time in all brackets of one operation, and its parts, in instructions:
  own          the measured guest's own
  privileged, platform, interrupts, io
               the hypervisor's, for that guest, by the column of the spectrum that the crossing is charged to
  control-user the control domain's programs': device models (QEMU), xenstored; 0 where that was not told apart
  control      all else of the control domain's own: its kernel, back ends
  control-hv   the hypervisor's, for the control domain
  idle         nobody's: CPUs without work, and what interrupts did meanwhile
  mark         what the bracket itself costs within its bounds
  other        the remainder: third domains, and on several CPUs what samples of the other CPUs miss (then below 0)
Beside the events that have a price there are counts of what they were: hypercalls by number, exits by reason, exceptions by
vector. Their names have a colon, their ticks are 0.
On several CPUs the time is all CPUs', in ticks of a clock that they share.
"""
from __future__ import annotations

import re
from typing import Any, Mapping

COLUMNS = ("privileged", "platform", "interrupts", "io")
PARTS = ("own", *COLUMNS, "control-user", "control", "control-hv", "idle", "mark", "other")
PAYERS = (*COLUMNS, "control")       # what a mode can be blamed for: "control" is the control domain, programs and crossings
NAMES = {"own": "guest itself", "privileged": "Prism: privileged", "platform": "Prism: platform",
         "interrupts": "Prism: interrupts", "io": "Prism: I/O", "control-user": "control domain: programs",
         "control": "control domain: kernel",
         "control-hv": "Prism for control domain", "idle": "idle", "mark": "mark", "other": "remainder"}

LINE = re.compile(r"BENCH-PAID (\d+) (\w+) ([\w-]+) ([\w:-]+) (\d+) (-?\d+)\s")
ROUND = re.compile(r"BENCH name=(\w+) round=\d+ operations=(\d+) ticks=(\d+) mark=(\d+)\s")
Account = dict[str, Any]
# A domain's own instructions: in one line, or in two where its user mode is known, whose sum is its "own".
OWN = {"own": "own", "own-user": "user", "own-kernel": "kernel"}


def empty() -> Account:
    return {"rounds": 0, "operations": 0, "ticks": 0, "idle": 0, "other": 0,
            "domain": {"own": 0, "events": {}}, "control": {"own": 0, "events": {}}}


def put(account: Account, owner: str, column: str, event: str, count: int, ticks: int) -> None:
    if owner == "all":
        account.update(rounds=count, ticks=ticks)
    elif owner in ("idle", "other"):
        account[owner] = ticks
    elif owner in ("domain", "control") and event in OWN:
        account[owner][OWN[event]] = ticks
    elif owner in ("domain", "control") and column in COLUMNS:
        account[owner]["events"][f"{column}/{event}"] = [count, ticks]


def read(text: str) -> dict[str, Account]:
    """The accounts in a machine's log, by operation. A garbled line is no line: the sum will tell."""
    marked = {int(mark): (name, int(operations)) for name, operations, _, mark in ROUND.findall(text)}
    accounts: dict[str, Account] = {}
    for mark, owner, column, event, count, ticks in LINE.findall(text):
        if int(mark) not in marked:
            continue
        name, operations = marked[int(mark)]
        account = accounts.setdefault(name, empty())
        put(account, owner, column, event, int(count), int(ticks))
        account["operations"] = account["rounds"] * operations
    for account in accounts.values():
        for owner in (account["domain"], account["control"]):
            owner["own"] += owner.get("user", 0) + owner.pop("kernel", 0)
    return {name: account for name, account in accounts.items() if account["operations"]}


def ticks_of(owner: Mapping[str, Any], column: str | None = None) -> int:
    """Of a domain's crossings, the marks left out; column: of that one alone."""
    return sum(ticks for name, (_, ticks) in owner["events"].items()
               if name != "privileged/mark" and (column is None or name.startswith(column + "/")))


def parts(account: Account) -> dict[str, int]:
    """What each part has paid in all rounds together, in instructions: PARTS, in their order. A crossing on another CPU is charged
    when it ends, with what it took before the bracket: what is then below 0 is nobody's, and goes to the remainder."""
    domain, control = account["domain"], account["control"]
    marks = sum(owner["events"].get("privileged/mark", [0, 0])[1] for owner in (domain, control))
    programs = control.get("user", 0)
    controls = (programs, control["own"] - programs)
    other = account["other"] + sum(min(0, ticks) for ticks in (domain["own"], *controls))
    return {"own": max(0, domain["own"]), **{column: ticks_of(domain, column) for column in COLUMNS},
            "control-user": max(0, controls[0]), "control": max(0, controls[1]), "control-hv": ticks_of(control), "idle": account["idle"], "mark": marks,
            "other": other}


def missing(account: Account) -> int:
    """What the parts lack to the whole: 0, or lines were lost on the way."""
    return account["ticks"] - sum(parts(account).values())


def each(account: Account) -> dict[str, float]:
    """The same for one operation."""
    return {part: ticks / account["operations"] for part, ticks in parts(account).items()}


def payer(account: Account) -> tuple[str, float] | None:
    """What pays most beside the guest itself, and its share of the whole less idle and mark, and without a remainder below 0.
    None: nobody pays anything."""
    paid = parts(account)
    whole = account["ticks"] - paid["idle"] - paid["mark"] - min(0, paid["other"])
    sums = {name: paid[name] for name in PAYERS}
    sums["control"] += paid["control-user"] + paid["control-hv"]
    most = max(PAYERS, key=lambda name: sums[name])
    return (most, sums[most] / whole) if sums[most] > 0 and whole > 0 else None


def counts(owner: Mapping[str, Any]) -> dict[str, int]:
    """Events of a domain by their own names; columns do not share names."""
    return {name: count for name, count in every_count(owner).items() if ":" not in name}


def kinds(owner: Mapping[str, Any]) -> dict[str, int]:
    """What a domain's events were: "hypercall:sched_op", "exit:cpuid", "trap:page-fault", and how many of each."""
    return {name: count for name, count in every_count(owner).items() if ":" in name}


def every_count(owner: Mapping[str, Any]) -> dict[str, int]:
    return {name.split("/", 1)[1]: count for name, (count, _) in owner["events"].items()}
