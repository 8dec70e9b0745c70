# SPDX-License-Identifier: MIT
"""report.html: a result as one page that needs nothing else, tables and pictures in it."""
from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any, Iterable, Sequence

from harness import accounts, costs, macro, measured, plots, results
from harness.common import write_atomically

STYLE = """body{font:15px/1.45 sans-serif;max-width:1200px;margin:2em auto;padding:0 1em;color:#1b2631}
table{border-collapse:collapse;margin:1em 0;font-size:13px}
td,th{padding:.25em .6em;border-bottom:1px solid #d5d8dc;text-align:right;vertical-align:top}
td:first-child,th:first-child{text-align:left}th{border-bottom:2px solid #1b2631}.n{font-weight:bold;color:inherit}
.s{color:#566573;font-size:12px;white-space:nowrap}.bad{background:#fadbd8}.more{color:#c0392b}figure{margin:1.5em 0}
figcaption,p.s{color:#566573;white-space:normal}svg{width:100%;height:auto}.wide{overflow-x:auto}code{word-break:break-all}"""
SHORT = {**{column: column for column in accounts.COLUMNS}, "io": "I/O", "control": "control domain"}
CAPTIONS = {
    "relative": "Cost by mode: guest's, control domain's and hypervisor's together.",
    "cpus": "Cost against vCPUs: a line for each mode, within each operation from the fewest vCPUs to the most.",
    "payers": "Who pays: all between two marks, as the hypervisor's ledger has charged it; on several CPUs, all CPUs' time.",
    "events": "Events by kind, the guest's and the control domain's; a bare machine has none of a hypervisor's.",
    "rounds": "Every dot is the mean of one round."}


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Cells are HTML; one that begins with <td is the whole cell."""
    body = "".join("<tr>" + "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in line) + "</tr>\n"
                   for line in lines)
    return (f'<div class="wide"><table><tr>{"".join(f"<th>{escape(head)}</th>" for head in heads)}</tr>\n{body}'
            "</table></div>\n")


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")


def explained(row: results.Row, operation: str, folder: Path | None) -> tuple[str, str]:
    """Where one execution of it is told, and what makes that: a story in the result's folder, else the note about how."""
    command = f"make explain OP={operation} MODE={row['mode']}{' PEER=1' if row['peer'] else ''}"
    if results.cpus_of(row) > 1:
        return "#explain", f"{command}: on one CPU"
    file = f"explain-{row['name']}-{operation}.txt"
    return (file, command) if folder and (folder / file).exists() else ("#explain", command)


def cell(content: results.Content, row: results.Row, operation: str, folder: Path | None = None, stories: bool = True) -> str:
    """Instructions, their ratio to the bare machine's, and who pays most. The number leads to its story, if there are any."""
    state = results.state(row, operation)
    if state != "ok":
        what, _, why = state.partition(": ")
        text = "FAILED" if what == "failed" else "-"
        return f'<td{" class=bad" if what == "failed" else ""} title="{escape(why)}">{text}</td>'
    target, command = explained(row, operation, folder)
    link = f'<a class="n" href="{escape(target)}" title="{escape(command)}">%s</a>' if stories else "%s"
    lines = [link % number(results.cost(row, operation) or 0)]
    ratio = results.ratio(row, results.base_of(content, row), operation)
    found = row.get("measured", {}).get(operation)
    if found:
        lines.append(f'<span class="s">spread {measured.percent(found["spread"])}</span>')
    if ratio and row["mode"] != "native":
        lines.append(f'<span class="s">{ratio:.2f}x</span>')
    account = row["accounts"].get(operation)
    payer = accounts.payer(account) if account else None
    if payer:
        lines.append(f'<span class="s">{SHORT[payer[0]]} {100 * payer[1]:.0f}%</span>')
    return f"<td>{'<br>'.join(lines)}</td>"


def costs_table(content: results.Content, folder: Path | None = None) -> str:
    rows = content["rows"]
    return table(["operation", *(row["title"] for row in rows)],
                 ([escape(name), *(cell(content, row, name, folder) for row in rows)] for name in content["operations"]))


def loads(content: results.Content) -> str:
    """The section of the known loads; empty, if none were run."""
    part = results.loads(content)
    if not part["rows"]:
        return ""
    return ("<h2>Known loads</h2>\n<p>Executed instructions of a whole load, skipped idle time with them, in machines of their "
            "own: a fixed amount of work, which is verified. Under each: times the bare machine's, and who pays most.</p>\n"
            + table(["load", *(row["title"] for row in part["rows"])],
                    ([f"{escape(name)}<br><span class=s>{escape(macro.LOADS[name][1]) if name in macro.LOADS else ''}</span>",
                      *(cell(part, row, name, None, False) for row in part["rows"])] for name in part["operations"]))
            + remarks(part) + "<h3>Accounts of the loads</h3>\n" + sums(part) + "<h3>What ran the loads</h3>\n"
            + machines(part))


def remarks(content: results.Content) -> str:
    lines = [] if content["complete"] else ["<b>Incomplete: the run was interrupted.</b>"]
    for row in content["rows"]:
        reasons = {name: results.state(row, name) for name in content["operations"]}
        for text in dict.fromkeys(reasons.values()):
            if text != "ok":
                names = ", ".join(name for name, state in reasons.items() if state == text)
                lines.append(f"{escape(row['title'])}, {escape(names)}: {escape(text)}")
    return "".join(f"<p class=s>{line}</p>\n" for line in lines)


def band(row: results.Row, operation: str) -> str:
    found = row["cycles"].get(operation)
    if not found:
        return "-"
    middle = (found["low"] + found["high"]) / 2
    spread = 100 * (found["high"] - middle) / middle if middle else 0
    left_out = f'<br><span class="s">without {escape(", ".join(found["unpriced"]))}</span>' if found["unpriced"] else ""
    return f'{number(found["low"])} to {number(found["high"])} <span class="s">&plusmn;{spread:.0f}%</span>{left_out}'


def prices(model: dict[str, Any]) -> str:
    return table(["event", "cycles", "processor", "source"],
                 ([escape(costs.KINDS.get(kind, kind)), " to ".join(f"{n:g}" for n in dict.fromkeys(price["cycles"])),
                   f"<td>{escape(price['processor'])}</td>", f"<td>{escape(price['source'])}</td>"]
                  for kind, price in model["prices"].items()))


def cycles(content: results.Content) -> str:
    rows = [row for row in content["rows"] if row["cycles"]]
    model = content["model"]
    low, high = model["cpi"]
    without = ", ".join(costs.KINDS.get(kind, kind) for kind in model["unpriced"]) or "nothing"
    lines = ([escape(name), *(f"<td>{band(row, name)}</td>" for row in rows)] for name in content["operations"]
             if any(name in row["cycles"] for row in rows))
    return (f"<p>Modelled, not measured: instructions at {low:g} to {high:g} cycles each (an assumption about "
            f"{escape(model['cpi_name'])}), and events by the cost table <i>{escape(model['name'])}</i>. What no source "
            f"prices: {escape(without)}. What happens inside a guest without Prism's help (its own system calls and faults in "
            "a container, TLB and cache misses) is in the assumption.</p>\n"
            + table(["operation", *(row["title"] for row in rows)], lines) + prices(model))


def measured_cycles(content: results.Content) -> str:
    """Median and spread, and the model's error where there is a model of the same images."""
    lines = []
    for row in content["rows"]:
        for name, found in row.get("measured", {}).items():
            model = row.get("modelled", {}).get(name)
            texts = [f"{number(model['low'])} to {number(model['high'])}",
                     f"{model['error_low']:+.0%} to {model['error_high']:+.0%}"] if model else ["-", "-"]
            lines.append([f"{escape(row['title'])}: {escape(name)}", number(found["median"]), measured.percent(found["spread"]),
                          number(found["first_quartile"]), number(found["third_quartile"]), str(found["rounds"]), *texts])
    heads = ["", "median", "spread", "first quartile", "third quartile", "rounds", "modelled", "the model is off by"]
    return ("<p>TSC cycles of the computer named below, measured. Spread: the distance of the quartiles, as share of the median. "
            "Modelled: what an earlier run under the instruction clock has come to, of the same images, and how far either end "
            "of it is from the median.</p>\n" + table(heads, lines) + conditions(content["machine"]))


def conditions(machine: dict[str, Any]) -> str:
    lines = [[escape(name), escape(str(value))] for name, value in machine.items() if not isinstance(value, dict)]
    for title in ("processor", "mitigations"):
        lines += [[f"{title}: {escape(name)}", escape(str(value))] for name, value in machine[title].items()]
    return table(["the computer", ""], lines)


def sums(content: results.Content) -> str:
    """Each account's parts for one operation, and what is left of the whole."""
    lines = []
    for row in content["rows"]:
        for name, account in row["accounts"].items():
            each = accounts.each(account)
            lines.append([f"{escape(row['title'])}: {escape(name)}", number(account["ticks"] / account["operations"]),
                          *(number(each[part]) for part in accounts.PARTS), str(accounts.missing(account))])
    heads = ["", "whole", *(accounts.NAMES[part] for part in accounts.PARTS), "not accounted for"]
    return table(heads, lines) if lines else "<p>No row has an account.</p>\n"


def surroundings(content: results.Content) -> str:
    lines = [["commit", escape(content["commit"])], ["emulator", escape(content["emulator"])],
             ["host", escape(content["host"])], ["schema of results.json", str(content["schema"])]]
    return left(lines)


def left(lines: Iterable[Sequence[str]]) -> str:
    """A table of names and what they say."""
    return table(["", ""], ([name, f'<td style="text-align:left">{value}</td>'] for name, value in lines))


def machines(content: results.Content) -> str:
    if not content["rows"]:
        return ""
    first = dict(next((row["identity"] for row in content["rows"] if row["identity"]), {}))
    first.pop("vcpus", None)
    lines = [[f"{name}, the same in all rows", f"<code>{escape(value)}</code>"] for name, value in sorted(first.items())]
    lines.append(["vCPUs", ", ".join(str(count) for count in sorted({results.cpus_of(row) for row in content["rows"]}))])
    lines += [[f"{row['title']}: machine", f"<code>{escape(' '.join(row['arguments']))}</code>"] for row in content["rows"]]
    return left(lines)


def figure(name: str, path: Path) -> str:
    """gnuplot's SVG, without what only a file of its own needs; its ids are made the picture's own."""
    text = re.sub(r"^.*?(?=<svg)", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r'(\bid=["\']|href=["\']#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r"<title>.*?</title>|<desc>.*?</desc>", "", text, flags=re.DOTALL)
    caption = CAPTIONS.get(name.split("-")[0], "")
    return f"<figure>{text}<figcaption>{escape(caption)}</figcaption></figure>\n"


EXPLAIN = """<h2 id="explain">One execution, as a story</h2>
<p>Of every number above there is a story: each crossing between program, kernel, hypervisor and control domain, why, which
functions handled it, and who is charged. The command is what shows when the pointer rests on the number, for instance
<code>make explain OP=page_fault MODE=pv</code>, or <code>MODE=pv,pvh</code> for two beside each other. With
<code>OUT=</code> and this folder's name the story is left here, and this page is written again so that the number leads to it.</p>
"""


COUNTED = ("Executed instructions of one operation: guest, control domain and hypervisor together. Under each: times the bare "
           "machine's, and the column of the spectrum (or the control domain) that pays most, with its share.")
MEASURED = ("TSC cycles of one operation, measured: guest, control domain and hypervisor together, the median of all rounds. Under "
            "each: the spread, times the bare machine's, and who pays most of it, where there is an account.")


def operations(content: results.Content, pictures: dict[str, Path], folder: Path | None) -> str:
    """The sections about operations, which are what there is but for known loads; empty, if none were measured."""
    if not content["rows"]:
        return ""
    figures = "".join(figure(name, path) for name, path in pictures.items()) or "<p>gnuplot was not there to draw any.</p>"
    counted = results.accel(content) == "tcg"
    of_cycles = f"<h2>Cycles, modelled</h2>\n{cycles(content)}" if counted else \
        f"<h2>Cycles, measured</h2>\n{measured_cycles(content)}"
    return (f"<p>{COUNTED if counted else MEASURED}</p>\n"
            f"{costs_table(content, folder)}{remarks(content)}{EXPLAIN}<h2>Pictures</h2>\n{figures}{of_cycles}"
            "<h2>Accounts</h2>\n<p>Of one operation, marks left out of the columns. The parts add up to the whole, which is the "
            f"time of all CPUs; idle time and the remainder are nobody's. What is left is shown.</p>\n{sums(content)}")


def make(content: results.Content, pictures: dict[str, Path], folder: Path | None = None) -> str:
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Prism: what each mode costs</title>'
            f"<style>{STYLE}</style></head><body>\n<h1>What each mode costs, and who pays</h1>\n"
            f"{operations(content, pictures, folder)}{loads(content)}<h2>What ran</h2>\n{surroundings(content)}"
            f"{machines(content)}</body></html>\n")


def write(content: results.Content, folder: Path) -> Path:
    """Draws the pictures and writes the page; its path."""
    path = folder / "report.html"
    write_atomically(path, make(content, plots.draw(content, folder), folder).encode())
    return path
