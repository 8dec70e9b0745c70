# SPDX-License-Identifier: MIT
"""The page's tables that one looks up: cycles, accounts, the ledger's events, and what ran."""
from __future__ import annotations

from html import escape
from typing import Any

from harness import accounts, costs, ledger, measured, results
from harness.html import folded, left, table
from harness.remarks import number

ACCOUNTS = ("<p>Of one operation, marks left out of the columns. The parts add up to the whole, which is the time of all CPUs; "
            "idle time and the remainder are nobody's. What is left is shown.</p>\n")
EVENTS = ("<p>What the hypervisor's ledger has counted between the marks of an operation, by row and operation: crossings into "
          "Prism, with what Prism has spent on each, and what happened within them, which has a count alone (its price is the "
          "crossing's). Whose: the guest's that is measured, or the control domain's, which works for it. events.csv has all "
          "of this.</p>\n")


# ---- Cycles

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
                   escape(price["processor"]), escape(price["source"])] for kind, price in model["prices"].items()), "l")


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
    return ("<p>TSC cycles of the computer named below, measured. Spread: the distance of the quartiles, as share of the "
            "median. Modelled: what an earlier run under the instruction clock has come to, of the same images, and how far "
            "either end of it is from the median.</p>\n" + table(heads, lines) + conditions(content["machine"]))


def conditions(machine: dict[str, Any]) -> str:
    lines = [[escape(name), escape(str(value))] for name, value in machine.items() if not isinstance(value, dict)]
    for title in ("processor", "mitigations"):
        lines += [[f"{title}: {escape(name)}", escape(str(value))] for name, value in machine[title].items()]
    return table(["the computer", ""], lines, "l")


# ---- Who paid, for what

def sums(content: results.Content) -> str:
    """Each account's parts for one operation, and what is left of the whole; a table for each row."""
    text = ""
    heads = ["", "whole", *(accounts.NAMES[part] for part in accounts.PARTS), "not accounted for"]
    for row in (row for row in content["rows"] if row["accounts"]):
        lines = []
        for name in (name for name in content["operations"] if name in row["accounts"]):
            account = row["accounts"][name]
            each = accounts.each(account)
            lines.append([escape(name), number(account["ticks"] / account["operations"]),
                          *(number(each[part]) for part in accounts.PARTS), str(accounts.missing(account))])
        text += folded(f"{escape(row['title'])}: {len(lines)} accounts", table(heads, lines))
    return text or "<p>No row has an account.</p>\n"


def events(content: results.Content) -> str:
    """The ledger of each row, operation by operation, folded."""
    text = ""
    unit = results.unit(content)
    for row in (row for row in content["rows"] if row["accounts"]):
        inner = ""
        for name in (name for name in content["operations"] if name in row["accounts"]):
            found = ledger.events(row["accounts"][name])
            crossings = sum(event.count for event in found if event.ticks and event.name != "mark")
            whole = sum(event.ticks for event in found if event.name != "mark")
            title = f"{escape(name)}: {few(crossings)} crossings, {number(whole)} {unit} of Prism's"
            inner += folded(title, events_table(found, unit)) if found else ""
        text += folded(f"{escape(row['title'])}: events of an operation", inner)
    return text


def few(value: float) -> str:
    """A count that may be a small part of one."""
    return number(value) if value >= 0.01 or not value else f"{value:.1g}"


def events_table(found: list[ledger.Event], unit: str) -> str:
    lines = [[f"<td>{escape(event.name)}</td>", escape(ledger.OWNERS[event.owner]), event.column, few(event.count),
              number(event.ticks) if event.ticks else "", f"{100 * event.share:.1f}%" if event.ticks else "",
              f'<td style="text-align:left" class="s">{escape(ledger.meaning(event.name))}</td>'] for event in found]
    return table(["event", "whose", "column", "an operation", f"{unit} of Prism's", "of the whole", ""], lines)


# ---- What ran

def surroundings(content: results.Content) -> str:
    made = content["versions"]
    lines = [["begun", escape(made["date"])], ["took", took(made["seconds"])], ["commit", escape(content["commit"])],
             ["build of Prism", escape(made["build"] or "none ran")], ["emulator", escape(content["emulator"])],
             ["host", escape(content["host"])],
             ["cost table", escape(f"{content['model']['table']}: {content['model']['name']}")],
             ["schema of results.json", str(content["schema"])]]
    files = [[escape(name), f"<code>{escape(digest)}</code>"] for name, digest in made["files"].items()]
    packages = [[escape(name), escape(version)] for name, version in made["packages"].items()]
    return (left(lines) + "<h3>Files, by SHA-256</h3>\n" + left(files)
            + folded("Debian's packages, installed or unpacked", left(packages)))


def took(seconds: float) -> str:
    return f"{seconds / 60:.1f} min of wall time" if seconds >= 100 else f"{seconds:.0f} s of wall time"


def machines(content: results.Content) -> str:
    if not content["rows"]:
        return ""
    first = dict(next((row["identity"] for row in content["rows"] if row["identity"]), {}))
    first.pop("vcpus", None)
    lines = [[f"{name}, the same in all rows", f"<code>{escape(value)}</code>"] for name, value in sorted(first.items())]
    lines.append(["vCPUs", ", ".join(str(count) for count in sorted({results.cpus_of(row) for row in content["rows"]}))])
    lines += [[f"{row['title']}: machine", f"<code>{escape(' '.join(row['arguments']))}</code>"] for row in content["rows"]]
    return left(lines)
