# SPDX-License-Identifier: MIT
"""What has to be said beside a result's numbers, on the terminal as on the page: what failed, what is missing and why, what did
not repeat, what was not the same everywhere, and how long it took to get there."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from harness import accounts, results

ALONE = ("native", "control")    # no control domain beside the kernel that is measured
# By what a machine is waited for: the fields of a row for it, by clock.
WAITS = (("power-on to the first process", {"wall": "boot_wall_seconds", "CPU": "boot_cpu_seconds"}),
         ("xl create to the guest's first process",
          {"wall": "create_wall_seconds", "CPU": "create_cpu_seconds", "virtual": "create_ticks"}))


WALL = ("Wall and CPU time are the emulator's on this computer, where two rows may run at once: no property of the rows. "
        "Virtual time repeats.")
TOLD = 0.01    # who pays less than that is not named


@dataclass(frozen=True)
class Remark:
    text: str
    grave: bool = False    # a number is wrong or missing that should be there


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")


def listed(titles: Sequence[str], content: results.Content) -> str:
    """Titles have commas themselves."""
    return "; ".join(titles) if len(titles) < len(content["rows"]) or len(titles) < 2 else "all rows"


def rows_by(rows: Sequence[results.Row], what: str) -> dict[str, list[str]]:
    """Titles of rows by what they say in a field; those that say nothing are left out."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.get(what):
            found.setdefault(str(row[what]), []).append(row["title"])
    return found


def states(content: results.Content) -> list[Remark]:
    """Why cells have no number: those of one row with one reason together, and rows with the same."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in content["rows"]:
        reasons = {} if row["reason"] else {name: results.state(row, name) for name in content["operations"]}
        for text in dict.fromkeys(reasons.values()):
            if text != "ok":
                names = ", ".join(name for name, state in reasons.items() if state == text)
                found.setdefault((names, text), []).append(row["title"])
    failed = [Remark(f"{row['title']}: {row['reason']}", True) for row in content["rows"] if row["reason"]]
    lines = [Remark(f"{listed(titles, content)}: {names}: {text}", text.startswith("failed"))
             for (names, text), titles in found.items()]
    return failed + sorted(lines, key=lambda line: not line.grave)


def unsteady(content: results.Content) -> list[Remark]:
    lines = []
    for row in content["rows"]:
        spans = [f"{name} ({number(found[0])} to {number(found[1])})" for name in content["operations"]
                 if (found := results.span(row, name))]
        if spans:
            lines.append(Remark(f"{row['title']}: rounds do not agree within 1%: {', '.join(spans)}"))
    return lines


def words(content: results.Content) -> list[Remark]:
    """Rows whose kernel had words that others had not."""
    lines = []
    for word, titles in rows_by(content["rows"], "more").items():
        late = [one for one in word.split() if one.startswith(("maxcpus=", "lpj="))]
        other = [one for one in word.split() if one not in late]
        who = listed(titles, content)
        if other:
            peers = all(row.get("peer") for row in content["rows"] if row["title"] in titles)
            why = "since Xen leaves this row to the guest" if peers else "without which its CPUs cannot call each other here"
            lines.append(Remark(f"{who}: the guest's kernel is told {' '.join(other)}, {why}."))
        if late:
            then = ("brings up its other CPUs when it has booted" if "maxcpus=1" in late
                    else "does not measure loops on its other CPUs")
            lines.append(Remark(f"{who}: the kernel is told {' '.join(late)}, and {then}."))
    return lines


def host(content: results.Content) -> list[Remark]:
    """What of this computer is in the numbers."""
    loose = [row for row in content["rows"] if not row.get("steady", True) and not row["reason"]
             and results.accel(content) == "tcg"]
    lines = []
    if any(row["mode"] in ALONE for row in loose):
        lines.append(Remark("Not run as root: the host's own disk latency is part of read_4k and write_4k of the bare "
                            "machine."))
    if any(results.cpus_of(row) > 1 for row in loose):
        lines.append(Remark("Not run as root: the turns of several CPUs may depend on the host, and numbers differ from run to "
                            "run."))
    return lines


def clocks(content: results.Content) -> list[Remark]:
    found = rows_by(content["rows"], "clocksource")
    if len(found) < 2:
        return []
    text = ". ".join(f"{name}: {listed(titles, content)}" for name, titles in found.items())
    return [Remark(f"Kernels do not read the same clock, which clock_gettime pays for. {text}.")]


def remarks(content: results.Content) -> list[Remark]:
    """All of them, the gravest first."""
    lines = [] if content["complete"] else [Remark("INCOMPLETE: interrupted", True)]
    lines += states(content) + unsteady(content) + words(content) + host(content) + clocks(content)
    if content["quick"]:
        lines.append(Remark("Fewer rounds than usual (QUICK=1): how far they lie apart is hardly known."))
    return lines


def payer(row: results.Row, operation: str) -> tuple[str, float] | None:
    """Who pays most beside the guest itself, and its share; None: nobody knows, or it is next to nothing."""
    account = row["accounts"].get(operation)
    found = accounts.payer(account) if account else None
    return found if found and found[1] >= TOLD else None


def seconds(row: results.Row, field: str) -> float | None:
    """Virtual time is in nanoseconds, one an instruction."""
    value = row.get(field)
    return value / 1e9 if value is not None and field.endswith("_ticks") else value


def waits(content: results.Content, fields: dict[str, str]) -> dict[str, list[str]]:
    """How long each row took for something, by clock, beside Xen's; rows that did not are left out."""
    found = {}
    for row in content["rows"]:
        peer, texts = None if row["peer"] else results.peer_of(content, row), []
        for clock, field in fields.items():
            taken, other = seconds(row, field), seconds(peer, field) if peer else None
            if taken is not None:
                texts.append(f"{taken:6.2f} s {clock}" + (f" ({taken / other:.2f} of Xen's)" if other else ""))
        if texts:
            found[row["title"]] = texts
    return found
