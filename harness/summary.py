# SPDX-License-Identifier: MIT
"""A result in a few plain sentences, made of its numbers: which row pays most, for what, and where Prism stands beside Xen."""
from __future__ import annotations

import statistics
from typing import Sequence

from harness import results, terms
from harness.remarks import number, payer

SHOWN = 3        # examples of a kind
MOST = 8         # cells by name
EVEN = 1.05      # to the bare machine's: no dearer than that is told as the same
PERCENT = f"{100 * (EVEN - 1):.0f}%"

WHO = {"privileged": "privileged instructions", "platform": "the platform", "interrupts": "interrupts and timers", "io": "I/O",
       "control": "the control domain"}
COUNTS = {"tcg": "A number is how many instructions one execution of an operation takes, of all who have to work for it: "
                 "guest, control domain, hypervisor. They are counted, not timed: an instruction is a nanosecond of the "
                 "emulated machine.",
          "kvm": "A number is how many cycles of this computer's TSC one execution of an operation takes, measured."}
LIMITS = {"tcg": (
    "Instructions are not time. A VM exit, a change of page tables or a flush of the TLB is one instruction here, and hundreds "
    "of cycles on hardware: the modelled cycles further down put a price on them, under an assumption that is named there.",
    "The same images give the same numbers, but for what is said under the table. Another build moves them by about a "
    "hundredth.",
    "Each operation is measured alone, warmed up, in rounds; a cell is the median of the rounds' means. Nothing else runs."),
    "kvm": ("Cycles hold whatever the computer did meanwhile; the spread says how much that may be.",
            "Each operation is measured alone, warmed up, in rounds; a cell is the median of the rounds' means.")}
BOOT = ("boot_process and boot_read are read off the guest's kernel's own clock, which begins when the kernel has one: the "
        "loader, the firmware and the unpacking of the kernel are left out. What those take is in the times from power-on and "
        "of xl create.")
UNCHARGED = "Nobody can say who pays for {}: what they measure is not the whole between two marks."


def times(value: float) -> str:
    """How many times as much."""
    return f"{value:,.0f} times" if value >= 10 else f"{value:.1f} times"


def beside(value: float) -> str:
    return f"{times(value)} the bare machine's" if value > EVEN else f"within {PERCENT} of the bare machine's" \
        if value > 1 / EVEN else "less than the bare machine's"


def known(content: results.Content, row: results.Row) -> dict[str, float]:
    """Each operation's ratio to the bare machine's, the dearest first."""
    base = results.base_of(content, row)
    found = {name: ratio for name in content["operations"] if (ratio := results.ratio(row, base, name))}
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def charged(row: results.Row, names: Sequence[str]) -> str:
    """For which of these operations who pays most: the payers by how often."""
    found: dict[str, list[str]] = {}
    for name in names:
        if most := payer(row, name):
            found.setdefault(most[0], []).append(name)
    texts = [f"{WHO[who]} in {len(names)} ({', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''})"
             for who, names in sorted(found.items(), key=lambda pair: -len(pair[1]))]
    return f"Beside the guest itself, most goes to {'; '.join(texts)}." if texts else ""


def of_row(content: results.Content, row: results.Row) -> str:
    """What a row of Prism's costs beside the bare machine, and who pays."""
    ratios = known(content, row)
    if not ratios:    # without the bare machine
        text = charged(row, content["operations"])
        return f"{row['title']}: {text}" if text else ""
    dear = {name: ratio for name, ratio in ratios.items() if ratio > EVEN}
    text = (f"{row['title']}: {len(dear)} of {len(ratios)} operations cost over {PERCENT} more than on the bare machine; the "
            f"middle one of all is {beside(statistics.median(ratios.values()))}. ")
    if dear:
        text += "Dearest: " + ", ".join(f"{name} ({times(ratio)})" for name, ratio in list(dear.items())[:SHOWN]) + ". "
    return text + charged(row, [name for name in content["operations"] if dear.get(name, 1) > 1 or name not in ratios])


def of_group(content: results.Content, rows: Sequence[results.Row], group: str, names: Sequence[str]) -> str:
    """Which of Prism's rows pays most for a kind of operation, and which least."""
    middles = {}
    for row in rows:
        ratios = known(content, row)
        found = [ratios[name] for name in names if name in ratios]
        if found:
            middles[row["title"]] = statistics.median(found)
    if len(middles) < 2:
        return ""
    title = terms.GROUPS[group].capitalize()
    most, least = max(middles, key=lambda title: middles[title]), min(middles, key=lambda title: middles[title])
    if middles[most] <= EVEN:
        return f"{title}: in every row the middle one is {beside(middles[most])}."
    return f"{title}: {most} pays most, the middle one is {beside(middles[most])}; {least} least, {beside(middles[least])}."


def beside_xen(content: results.Content) -> list[str]:
    """In how many cells Prism costs less than Xen, in how many more, and in which."""
    found = {(row["title"], name): ratio for row in content["rows"] for name in content["operations"]
             if (ratio := results.to_xen(content, row, name)) is not None}
    if not found:
        return []
    dear = {key: ratio for key, ratio in sorted(found.items(), key=lambda pair: -pair[1]) if results.dearer(ratio)}
    less = sum(1 for ratio in found.values() if ratio < 1 / results.DEARER)
    lines = [f"Beside Xen, the same guest by the same toolstack: of {len(found)} pairs of numbers, Prism's is lower in {less}, "
             f"the same within {100 * (results.DEARER - 1):.1f}% in {len(found) - less - len(dear)}, higher in {len(dear)}."]
    if dear:
        cells = [f"{name} in {title.removesuffix(', Prism')} ({ratio:.2f} of Xen's)" for (title, name), ratio in dear.items()]
        lines.append("Dearer than Xen, the most first: " + "; ".join(cells[:MOST])
                     + (f"; and {len(cells) - MOST} more, which the table shows" if len(cells) > MOST else "") + ".")
    return lines


def doubts(content: results.Content) -> list[str]:
    """Numbers that a reader should not build on, and those that are missing."""
    failed = [f"{name} in {row['title']}" for row in content["rows"] for name in content["operations"]
              if results.state(row, name).startswith("failed")]
    apart = [f"{name} in {row['title']} ({number(found[0])} to {number(found[1])})" for row in content["rows"]
             for name in content["operations"] if (found := results.span(row, name))]
    lines = ["The run was interrupted: what is missing was not measured."] if not content["complete"] else []
    for text, names in (("Failed", failed), ("Rounds did not come to agree, so these are no exact numbers", apart)):
        if names:
            lines.append(f"{text}: {'; '.join(names[:MOST])}{f'; and {len(names) - MOST} more' if len(names) > MOST else ''}.")
    return lines


def sentences(content: results.Content) -> list[str]:
    """The result in words, the doubts last."""
    rows = [row for row in content["rows"] if row["mode"] != "native" and not row["peer"]]
    lines = [of_row(content, row) for row in rows]
    lines += [of_group(content, rows, group, names) for group, names in terms.grouped(content["operations"]).items()]
    return [line for line in [*lines, *beside_xen(content), *doubts(content)] if line]


def limits(content: results.Content) -> list[str]:
    """What the numbers are, and are not."""
    accel = results.accel(content)
    boot = [BOOT] if any(name in terms.UNEXPLAINED for name in content["operations"]) else []
    names = [name for name in content["operations"] if not any(name in row["accounts"] for row in content["rows"])
             and any(results.cost(row, name) is not None for row in content["rows"])]
    uncharged = [UNCHARGED.format(", ".join(names))] if names and any(row["accounts"] for row in content["rows"]) else []
    return [COUNTS[accel], *LIMITS[accel], *boot, *uncharged]
