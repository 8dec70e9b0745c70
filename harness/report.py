# SPDX-License-Identifier: MIT
"""How a benchmark's outcome is shown on the terminal: the table, and what has to be said beside it.

  python3 -m harness.report DIR    writes the page, the pictures and the tables of a result again, without measuring, and
                                   prints its table
"""
from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Sequence

from harness import measured, page, results
from harness.common import fail, main, say
from harness.remarks import WAITS, WALL, number, payer, remarks, waits
from harness.results import Content, Row

RED, PLAIN = "\033[31m", "\033[0m"
CELL = 16
WIDTH = 128    # columns of the terminal; wider tables are broken


def red(text: str) -> str:
    return f"{RED}{text}{PLAIN}" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}x"


def heads_of(content: Content, row: Row) -> list[tuple[str, str, int]]:
    """What stands in a row's columns: two lines of heading, and a width. A row is its cost, then that compared with the bare
    machine's; behind a row of Xen's, Prism's to that."""
    heads = [(row["title"], "", max(CELL, len(row["title"]) + 2))]
    if results.base_of(content, row) and row["mode"] != "native":
        heads.append(("to bare", "machine", 9))
    if row["peer"] and results.peer_of(content, row):
        heads.append(("Prism", "to Xen", 8))
    return heads


def pieces(content: Content) -> list[list[Row]]:
    """The rows in tables that fit side by side on a terminal; what is compared stays together."""
    out: list[list[Row]] = []
    room = 0
    for row in content["rows"]:
        peer = results.peer_of(content, row)
        if row["peer"] and peer:
            continue
        pair = [row, peer] if peer else [row]
        width = sum(width for one in pair for _, _, width in heads_of(content, one))
        if not out or width > room:
            out.append([])
            room = WIDTH - CELL
        out[-1] += pair
        room -= width
    return out


def cells(content: Content, row: Row, operation: str) -> list[str]:
    """As many as the row has heads."""
    widths = iter([width for _, _, width in heads_of(content, row)])
    cost, width = results.cost(row, operation), next(widths)
    failed = results.state(row, operation).startswith("failed")
    texts = [red("FAILED".rjust(width)) if failed else ("-" if cost is None else number(cost)).rjust(width)]
    if results.base_of(content, row) and row["mode"] != "native":
        texts.append(ratio(results.ratio(row, results.base_of(content, row), operation)).rjust(next(widths)))
    prism = results.peer_of(content, row) if row["peer"] else None
    if prism:
        found = results.to_xen(content, prism, operation)
        text = ratio(found).rjust(next(widths))
        texts.append(red(text) if results.dearer(found) else text)
    return texts


def costs(content: Content, shown: Sequence[Row]) -> list[str]:
    """One table: some of the rows side by side."""
    heads = [head for row in shown for head in heads_of(content, row)]
    lines = ["", f"{results.unit(content)} per".ljust(CELL) + "".join(head.rjust(width) for head, _, width in heads),
             ("operation".ljust(CELL) + "".join(second.rjust(width) for _, second, width in heads)).rstrip()]
    return lines + [operation.ljust(CELL) + "".join(text for row in shown for text in cells(content, row, operation))
                    for operation in content["operations"]]


def table(content: Content) -> str:
    """Instructions per operation by row, with ratios, then how long it took to get there, then what is to be said."""
    lines = [line for shown in pieces(content) for line in costs(content, shown)]
    wide = max((len(row["title"]) for row in content["rows"]), default=0) + 2
    for title, fields in WAITS:
        found = waits(content, fields)
        lines += ["", title] if found else []
        lines += [f"  {row.ljust(wide)}{', '.join(texts)}" for row, texts in found.items()]
    lines += [WALL] if any(waits(content, fields) for _, fields in WAITS) else []
    lines += ["", *(red(one.text) if one.grave else one.text for one in remarks(content))]
    return "\n".join(lines).rstrip() + "\n"


def payers(content: Content) -> str:
    """Operations down, rows across: what pays most beside the guest itself, and its share. Empty where nobody has counted."""
    rows = [row for row in content["rows"] if row["accounts"]]
    if not rows:
        return ""
    width = max(CELL + 2, *(len(row["title"]) for row in rows)) + 2
    lines = ["who pays most".ljust(CELL) + "".join(row["title"].rjust(width) for row in rows)]
    for operation in content["operations"]:
        found = [payer(row, operation) for row in rows]
        texts = [f"{one[0]} {100 * one[1]:.0f}%" if one and one else "-" for one in found]
        lines.append(operation.ljust(CELL) + "".join(text.rjust(width) for text in texts))
    return "\n".join(lines) + "\n"


def whole(content: Content) -> str:
    """All that the terminal shows of a result."""
    texts = [table(content), payers(content), measured.table(content)] if content["rows"] else []
    loads = results.loads(content)
    if loads["rows"]:
        texts += ["Known loads: what each costs as a whole", table(loads), payers(loads)]
    return "\n".join(texts)


def entry(words: list[str]) -> int:
    if len(words) != 1:
        fail("say which result: python3 -m harness.report results/...")
    folder = Path(words[0])
    folder = folder if folder.is_dir() else folder.parent
    content = results.load(folder)
    print(whole(content), end="", flush=True)
    results.write_tables(folder, content)
    say(f"prism: {page.write(content, folder)}")
    return 0


if __name__ == "__main__":
    main(entry, sys.argv[1:])
