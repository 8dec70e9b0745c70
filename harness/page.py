# SPDX-License-Identifier: MIT
"""report.html: a result as one page that needs nothing else, tables and pictures in it. What one looks up, further down on the
page, is in page_tables.py."""
from __future__ import annotations

import re
from html import escape
from pathlib import Path

from harness import macro, measured, page_tables, plots, results, summary, terms
from harness.common import ROOT, write_atomically
from harness.gnuplot import Drawn
from harness.html import STYLE, bullets, folded, left, table
from harness.remarks import WAITS, WALL, number, payer, remarks, waits
from harness.rows import MODES

SHORT = {**{column: column for column in terms.COLUMNS}, "io": "I/O", "control": "control domain"}
COLUMN_TITLES = {"privileged": "privileged instructions", "platform": "platform", "interrupts": "interrupts and timers",
                 "io": "I/O", "control": "control domain"}

UNDER = ("Under each: times the bare machine's; on Prism, times Xen's (a coloured cell: Prism is dearer); and who pays most "
         "beside the guest itself, with its share, if that is at least 1%. Where the rounds did not come to agree, the lowest "
         "and the highest are shown in red. The number leads to its story, or to the command that tells it.")
COUNTED = "Executed instructions of one operation: guest, control domain and hypervisor together. " + UNDER
MEASURED = ("TSC cycles of one operation, measured: guest, control domain and hypervisor together, the median of all rounds. "
            "Under each stands the spread, too. " + UNDER)
NO_PICTURES = "<p>There is nothing to draw, or no gnuplot.</p>\n"
EXPLAIN = """<h2 id="explain">One execution, as a story</h2>
<p>Of a number above there may be a story: each crossing between program, kernel, hypervisor and control domain, why, which
functions handled it, and who is charged. Where this folder has one, the number leads to it. Else it leads here, to the
command that makes it and writes this page again. <code>MODE=pv,pvh</code> tells two modes beside each other. The boot's
operations have none: no program can be watched at them.</p>
"""


# ---- The table of costs

def story(row: results.Row, operation: str, folder: Path | None) -> tuple[str, str] | None:
    """Where one execution of it is told, and the command that makes that; None: of this cell there can be no story."""
    if operation in terms.UNEXPLAINED or operation not in terms.OPERATIONS or results.cpus_of(row) > 1:
        return None
    where = f" OUT={folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder}" if folder else ""
    command = f"make explain OP={operation} MODE={row['mode']}{' PEER=1' if row['peer'] else ''}{where}"
    file = f"explain-{row['name']}-{operation}.txt"
    return (file if folder and (folder / file).exists() else f"#explain-{row['name']}-{operation}"), command


def cell(content: results.Content, row: results.Row, operation: str, folder: Path | None = None, stories: bool = True) -> str:
    """A cost, how far it can be trusted, its ratios, and who pays most."""
    state = results.state(row, operation)
    if state != "ok":
        what, _, why = state.partition(": ")
        text = "FAILED" if what == "failed" else "-"
        return f'<td{" class=bad" if what == "failed" else ""} title="{escape(why)}">{text}</td>'
    told = story(row, operation, folder) if stories else None
    link = f'<a class="n" href="{escape(told[0])}" title="{escape(told[1])}">%s</a>' if told else '<span class="n">%s</span>'
    lines = [link % number(results.cost(row, operation) or 0)]
    span, found = results.span(row, operation), row.get("measured", {}).get(operation)
    if span:
        lines.append(f'<span class="s apart">{number(span[0])} to {number(span[1])}</span>')
    if found:
        lines.append(f'<span class="s">spread {measured.percent(found["spread"])}</span>')
    ratio, to_xen = results.ratio(row, results.base_of(content, row), operation), results.to_xen(content, row, operation)
    if ratio and row["mode"] != "native":
        lines.append(f'<span class="s">{ratio:.2f}x bare</span>')
    if to_xen:
        lines.append(f'<span class="s">{to_xen:.2f}x Xen</span>')
    most = payer(row, operation)
    if most:
        lines.append(f'<span class="s">{SHORT[most[0]]} {100 * most[1]:.0f}%</span>')
    return f"<td{' class=dear' if results.dearer(to_xen) else ''}>{'<br>'.join(lines)}</td>"


def costs_table(content: results.Content, folder: Path | None = None) -> str:
    rows, lines = content["rows"], []
    for group, names in terms.grouped(content["operations"]).items():
        lines.append([escape(terms.GROUPS[group])])
        lines += [[f'<span title="{escape(terms.OPERATIONS.get(name, ("", ""))[1])}">{escape(name)}</span>',
                   *(cell(content, row, name, folder) for row in rows)] for name in names]
    return table(["operation", *(row["title"] for row in rows)], lines)


def commands(content: results.Content, folder: Path | None) -> str:
    """Where the numbers lead that have no story yet: each shows when it is led to."""
    text = EXPLAIN
    for row in content["rows"]:
        for name in content["operations"]:
            told = story(row, name, folder) if results.state(row, name) == "ok" else None
            if told and told[0].startswith("#"):
                text += f'<p class="command" id="{escape(told[0][1:])}"><code>{escape(told[1])}</code></p>\n'
    return text


# ---- What is to be said with it

def said(content: results.Content) -> str:
    return "".join(f"<p class=s>{'<b>' if one.grave else ''}{escape(one.text)}{'</b>' if one.grave else ''}</p>\n"
                   for one in remarks(content))


def times(content: results.Content) -> str:
    """How long it took to get to a first process, by the clocks there are."""
    text = ""
    for title, fields in WAITS:
        found = waits(content, fields)
        if found:
            text += f"<h3>{escape(title.capitalize() if title[0] == 'p' else title)}</h3>\n" \
                + left([escape(row), escape(", ".join(texts))] for row, texts in found.items())
    return text + f"<p class=s>{escape(WALL)}</p>\n" if text else ""


def definitions(content: results.Content) -> str:
    """Rows, columns and operations of this result."""
    modes = dict.fromkeys(row["mode"] for row in content["rows"])
    rows = left([f"<b>{escape(MODES.get(mode, mode))}</b>", escape(terms.ROWS.get(mode, ""))] for mode in modes)
    columns = left([f"<b>{COLUMN_TITLES[name]}</b>", escape(what)] for name, what in terms.COLUMNS.items())
    lines: list[list[str]] = []
    for group, names in terms.grouped(content["operations"]).items():
        lines.append([escape(terms.GROUPS[group])])
        lines += [[escape(name), escape(terms.OPERATIONS.get(name, ("", ""))[1])] for name in names]
    return ("<h3>The rows: how a kernel is run</h3>\n" + rows
            + "<h3>Who pays: the four columns of the virtualization spectrum, and the control domain</h3>\n" + columns
            + folded("What each operation is", table(["", ""], lines, "l")))


def introduction(content: results.Content) -> str:
    return (f"<h2>In short</h2>\n{bullets(summary.sentences(content))}"
            f"<h2>What the words mean</h2>\n{definitions(content)}"
            f"<h3>What the numbers are, and are not</h3>\n{bullets(summary.limits(content))}")


# ---- Its sections

def loads(content: results.Content, pictures: dict[str, Drawn]) -> str:
    """The section of the known loads; empty, if none were run."""
    part = results.loads(content)
    if not part["rows"]:
        return ""
    lines = ([f"{escape(name)}<br><span class=s>{escape(macro.LOADS[name][1]) if name in macro.LOADS else ''}</span>",
              *(cell(part, row, name, None, False) for row in part["rows"])] for name in part["operations"])
    return (f"<h2>Known loads</h2>\n<p>Of a whole load, {results.unit(content)} with skipped idle time, in machines of their "
            "own: a fixed amount of work, which is verified. Under each: times the bare machine's and Xen's, and who pays "
            "most.</p>\n"
            + table(["load", *(row["title"] for row in part["rows"])], lines) + said(part) + times(part)
            + "".join(figure(name, drawn) for name, drawn in pictures.items() if of_loads(name))
            + "<h3>Accounts of the loads</h3>\n" + page_tables.sums(part) + page_tables.events(part)
            + "<h3>What ran the loads</h3>\n" + page_tables.machines(part))


def of_loads(name: str) -> bool:
    return "-loads" in name


def figure(name: str, drawn: Drawn) -> str:
    """gnuplot's SVG, without what only a file of its own needs; its ids are made the picture's own."""
    text = re.sub(r"^.*?(?=<svg)", "", drawn.path.read_text(), flags=re.DOTALL)
    text = re.sub(r'(\bid=["\']|href=["\']#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r"<title>.*?</title>|<desc>.*?</desc>", "", text, flags=re.DOTALL)
    return f"<figure>{text}<figcaption>{escape(drawn.caption)}</figcaption></figure>\n"


def operations(content: results.Content, pictures: dict[str, Drawn], folder: Path | None) -> str:
    """The sections about operations, which are what there is but for known loads; empty, if none were measured."""
    if not content["rows"]:
        return ""
    figures = "".join(figure(name, drawn) for name, drawn in pictures.items() if not of_loads(name))
    counted = results.accel(content) == "tcg"
    of_cycles = f"<h2>Cycles, modelled</h2>\n{page_tables.cycles(content)}" if counted else \
        f"<h2>Cycles, measured</h2>\n{page_tables.measured_cycles(content)}"
    return (f"{introduction(content)}<h2>What each operation costs</h2>\n<p>{COUNTED if counted else MEASURED}</p>\n"
            f"{costs_table(content, folder)}{said(content)}{commands(content, folder)}"
            f"<h2>How long it took to get there</h2>\n{times(content)}<h2>Pictures</h2>\n{figures or NO_PICTURES}{of_cycles}"
            f"<h2>Accounts</h2>\n{page_tables.ACCOUNTS}{page_tables.sums(content)}"
            f"<h2>Events</h2>\n{page_tables.EVENTS}{page_tables.events(content)}")


def heading(content: results.Content) -> str:
    made = content["versions"]
    build = f", {made['build']} build of Prism" if made["build"] else ""
    return f"{made['date'][:10]}, commit {content['commit']}{build}, {content['emulator']}. Further down stands what ran."


def make(content: results.Content, pictures: dict[str, Drawn], folder: Path | None = None) -> str:
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Prism: what each mode costs</title>'
            f"<style>{STYLE}</style></head><body>\n<h1>What each mode costs, and who pays</h1>\n"
            f"<p class=s>{escape(heading(content))}</p>\n"
            f"{operations(content, pictures, folder)}{loads(content, pictures)}<h2>What ran</h2>\n"
            f"{page_tables.surroundings(content)}{page_tables.machines(content)}</body></html>\n")


def write(content: results.Content, folder: Path) -> Path:
    """Draws the pictures and writes the page; its path."""
    path = folder / "report.html"
    write_atomically(path, make(content, plots.draw(content, folder), folder.resolve()).encode())
    return path
