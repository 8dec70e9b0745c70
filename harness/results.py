# SPDX-License-Identifier: MIT
"""results.json: its schema (docs/results.md says what each field is), how it is written, read and looked at."""
from __future__ import annotations

import csv
import io
import json
import statistics
from pathlib import Path
from typing import Any, Sequence

from harness import accounts, costs, ledger, measured
from harness.common import Problem, fail, write_atomically

SCHEMA = 2
NAME = "results.json"
Row = dict[str, Any]
Content = dict[str, Any]

DEARER = 1.005      # to Xen's: what has no exit differs by less, with the timer interrupts that fall into a round

NUMBER, TEXT, FLAG = (int, float), (str,), (bool,)
TOP = {"schema": (int,), "commit": TEXT, "emulator": TEXT, "host": TEXT, "quick": FLAG, "complete": FLAG,
       "operations": (list,), "model": (dict,), "versions": (dict,), "rows": (list,)}
VERSIONS = {"date": TEXT, "build": (str, type(None)), "seconds": NUMBER, "packages": (dict,), "files": (dict,)}
ROW = {"name": TEXT, "title": TEXT, "mode": TEXT, "peer": FLAG, "hypervisor": (str, type(None)), "identity": (dict,),
       "costs": (dict,), "reasons": (dict,), "absent": (dict,), "reason": (str, type(None)), "accounts": (dict,),
       "cycles": (dict,), "arguments": (list,), "log": TEXT}
MACRO = {"operations": (list,), "rows": (list,)}
UNITS = {"tcg": "instructions", "kvm": "TSC cycles"}       # by accelerator, of all costs and accounts
SUMMARY = {"rounds": (int,), "median": NUMBER, "lowest": NUMBER, "first_quartile": NUMBER, "third_quartile": NUMBER,
           "highest": NUMBER, "spread": (int, float, type(None))}
MODELLED = {"low": NUMBER, "high": NUMBER, "error_low": NUMBER, "error_high": NUMBER, "within": FLAG}
ACCOUNT = {"rounds": (int,), "operations": (int,), "ticks": (int,), "idle": (int,), "other": (int,), "domain": (dict,),
           "control": (dict,)}


# ---- Validation: each of these names the first place that is wrong

def is_a(value: object, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def check_fields(where: str, value: Any, fields: dict[str, tuple[type, ...]]) -> None:
    if not isinstance(value, dict):
        fail(f"{where} is not an object")
    for name, types in fields.items():
        if name not in value:
            fail(f"{where} has no field {name}")
        if not is_a(value[name], types):
            fail(f"{where}.{name} is {type(value[name]).__name__}, not {' or '.join(kind.__name__ for kind in types)}")


def check_account(where: str, account: Any) -> None:
    check_fields(where, account, ACCOUNT)
    if account["operations"] <= 0:
        fail(f"{where} is of no operations")
    for owner in ("domain", "control"):
        check_fields(f"{where}.{owner}", account[owner], {"own": (int,), "events": (dict,)})
        for event, pair in account[owner]["events"].items():
            if "/" not in event or not isinstance(pair, list) or [is_a(n, (int,)) for n in pair] != [True, True]:
                fail(f"{where}.{owner}.events.{event} is not column/event with a count and ticks")


def check_row(where: str, row: Any, operations: Sequence[str]) -> None:
    check_fields(where, row, ROW)
    if not is_a(cpus_of(row), (int,)) or cpus_of(row) < 1:
        fail(f"{where}.cpus is no number of CPUs")
    for table in ("measured", "modelled", "sees"):
        check_fields(where, {table: {}, **row}, {table: (dict,)})
    for section, lines in row.get("sees", {}).items():
        if not isinstance(lines, dict) or not all(is_a(value, TEXT) for value in lines.values()):
            fail(f"{where}.sees.{section} is not of values by key")
    for table in ("costs", "accounts", "cycles", "measured", "modelled"):
        for name in row.get(table, {}).keys() - set(operations):
            fail(f"{where}.{table} has {name}, which is no operation of this result")
    for name, rounds in row["costs"].items():
        if not isinstance(rounds, list) or not rounds or not all(is_a(cost, NUMBER) for cost in rounds):
            fail(f"{where}.costs.{name} is not a list of numbers")
    for name, account in row["accounts"].items():
        check_account(f"{where}.accounts.{name}", account)
    for name, band in row["cycles"].items():
        check_fields(f"{where}.cycles.{name}", band, {"low": NUMBER, "high": NUMBER, "events": (dict,), "unpriced": (dict,)})
    for table, fields in (("measured", SUMMARY), ("modelled", MODELLED)):
        for name, one in row.get(table, {}).items():
            check_fields(f"{where}.{table}.{name}", one, fields)


def check_rows(where: str, part: Content) -> None:
    """Operations and their rows, or loads and theirs."""
    if not all(is_a(name, TEXT) for name in part["operations"]):
        fail(f"{where}operations are not names")
    for number, row in enumerate(part["rows"]):
        check_row(f"{where}rows[{number}]", row, part["operations"])
    if len({row["name"] for row in part["rows"]}) != len(part["rows"]):
        fail(f"two of its {where}rows have one name")


def validate(content: Any, where: str) -> Content:
    """The same, if it is a result by this schema; else a Problem of one line."""
    if not isinstance(content, dict) or "schema" not in content:
        fail(f"{where}: no result, or one from before they had a schema number; this harness reads schema {SCHEMA}")
    if content["schema"] != SCHEMA:
        fail(f"{where}: schema {content['schema']}, but this harness reads schema {SCHEMA}; measure again, or use the "
             "harness that made it")
    try:
        check_fields("it", content, TOP)
        check_fields("versions", content["versions"], VERSIONS)
        if accel(content) not in UNITS:
            fail(f"it was measured with {content['accel']}, which is none of {', '.join(UNITS)}")
        if not content["rows"] and "macro" not in content:
            fail("it has no rows")
        check_rows("", content)
        if "macro" in content:
            check_fields("macro", content["macro"], MACRO)
            check_rows("macro.", content["macro"])
    except Problem as problem:
        raise Problem(f"{where}: {problem}") from None
    return content


def load(path: Path) -> Content:
    """A result by its file or its folder. Problem: there is none, it is cut off, or it is of another schema."""
    path = path / NAME if path.is_dir() else path
    try:
        content = json.loads(path.read_text())
    except OSError as error:
        fail(f"{path}: {error.strerror}")
    except (ValueError, RecursionError) as error:
        fail(f"{path}: no whole JSON text: {error}")
    return validate(content, str(path))


# ---- Looking at it. Results from before there were several CPUs and accelerators are of one CPU, by the instruction clock.

def accel(content: Content) -> str:
    return str(content.get("accel", "tcg"))


def unit(content: Content) -> str:
    """What costs and accounts are counted in."""
    return UNITS[accel(content)]


def cpus_of(row: Row) -> int:
    return row.get("cpus", 1)   # type: ignore[no-any-return]


def base_of(content: Content, row: Row) -> Row | None:
    """The bare machine with as many CPUs."""
    return next((other for other in content["rows"] if other["mode"] == "native" and cpus_of(other) == cpus_of(row)), None)


def peer_of(content: Content, row: Row) -> Row | None:
    """The same mode and number of CPUs on the other hypervisor: Xen's beside Prism's, Prism's beside Xen's."""
    return next((other for other in content["rows"] if other["mode"] == row["mode"] != "native"
                 and other["peer"] != row["peer"] and cpus_of(other) == cpus_of(row)), None)


def row_of(content: Content, name: str) -> Row | None:
    return next((row for row in content["rows"] if row["name"] == name), None)


def loads(content: Content) -> Content:
    """The known loads as a result of their own; without rows, if none were run."""
    return {**content, **content.get("macro", {"operations": [], "rows": []})}


def cost(row: Row | None, operation: str) -> float | None:
    """The median of the rounds' means, of an even number the lower one: some round has come to it. None: not measured, or
    wrong."""
    if row is None or operation in row["reasons"] or not row["costs"].get(operation):
        return None
    return statistics.median_low(row["costs"][operation])


def span(row: Row, operation: str) -> tuple[float, float] | None:
    """Lowest and highest round, where the rounds have not come to agree."""
    if operation not in row.get("unsteady", []) or cost(row, operation) is None:
        return None
    return min(row["costs"][operation]), max(row["costs"][operation])


def ratio(row: Row | None, base: Row | None, operation: str) -> float | None:
    mine, other = cost(row, operation), cost(base, operation)
    return mine / other if mine is not None and other else None


def to_xen(content: Content, row: Row, operation: str) -> float | None:
    """What Prism's row costs, with Xen's as 1; None: it is no row of Prism's, or has none of Xen's beside it."""
    return None if row["peer"] else ratio(row, peer_of(content, row), operation)


def dearer(to_peer: float | None) -> bool:
    """Whether Prism costs more than Xen by what is no matter of a timer interrupt more or less in a round."""
    return to_peer is not None and to_peer > DEARER


def state(row: Row, operation: str) -> str:
    """Why a cell is as it is: "ok", "absent: ..." or "failed: ..."."""
    if operation in row["absent"]:
        return f"absent: {row['absent'][operation]}"
    if cost(row, operation) is not None:
        return "ok"
    return f"failed: {row['reasons'].get(operation) or row['reason'] or 'not measured'}"


# ---- Writing it

def finish(content: Content, table: costs.Table, model: Content | None = None, loads_rows: Sequence[Row] = (),
           names: Sequence[str] = ()) -> Content:
    """Adds what follows from the rest: schema number, the model and each cell's cycles; modelled ones where instructions are
    counted; where cycles are, median and spread, and how far the modelled ones in `model` are off. And known loads, if any
    were run."""
    more = {"macro": {"operations": list(names), "rows": list(loads_rows)}} if loads_rows else {}
    for part in (content, *more.values()):
        if accel(content) == "kvm":
            for row in part["rows"]:
                row["cycles"] = {}
                measured.add(row, row_of(model, row["name"]) if model and part is content else None)
        else:
            price(part, table)
    return {"schema": SCHEMA, **content, **more, "model": costs.describe(table)}


def price(part: Content, table: costs.Table) -> None:
    for row in part["rows"]:
        row["cycles"] = {}
        for operation in part["operations"]:
            instructions = cost(row, operation)
            if instructions is not None:
                band = costs.modelled(table, row["mode"], instructions, row["accounts"].get(operation), cpus_of(row))
                if band:
                    row["cycles"][operation] = band


def line(content: Content, row: Row, operation: str) -> list[Any]:
    rounds, account, band = row["costs"].get(operation), row["accounts"].get(operation), row["cycles"].get(operation)
    ok = cost(row, operation) is not None
    payer = accounts.payer(account) if account else None
    each = accounts.each(account) if account else {}
    to_native, to_peer = ratio(row, base_of(content, row), operation), to_xen(content, row, operation)
    return [row["name"], row["mode"], row["hypervisor"] or "", cpus_of(row), operation, state(row, operation),
            cost(row, operation) if ok else "", min(rounds) if ok and rounds else "", max(rounds) if ok and rounds else "",
            "" if operation not in row["costs"] else "no" if operation in row.get("unsteady", []) else "yes",
            "" if to_native is None else round(to_native, 4), "" if to_peer is None else round(to_peer, 4),
            payer[0] if payer else "",
            round(payer[1], 4) if payer else "", *(round(each[part], 3) if each else "" for part in accounts.PARTS),
            band["low"] if band else "", band["high"] if band else ""]


def as_csv(content: Content) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "mode", "hypervisor", "cpus", "operation", "state", unit(content).replace(" ", "_"), "lowest_round",
                     "highest_round", "steady", "to_native", "to_xen", "pays_most", "share",
                     *(f"paid_{part}" for part in accounts.PARTS), "cycles_low", "cycles_high"])
    for part in (content, loads(content)):
        for row in part["rows"]:
            for operation in part["operations"]:
                writer.writerow(line(part, row, operation))
    return text.getvalue()


def write(folder: Path, content: Content) -> None:
    """results.json and its tables, each whole or not at all. What is written can be read again, or nothing is."""
    validate(json.loads(json.dumps(content)), "this result")
    write_atomically(folder / NAME, (json.dumps(content, indent=2, sort_keys=True) + "\n").encode())
    write_tables(folder, content)


def write_tables(folder: Path, content: Content) -> None:
    """results.csv, a line a cell, and events.csv, a line for each event of it."""
    write_atomically(folder / "results.csv", as_csv(content).encode())
    write_atomically(folder / "events.csv", ledger.as_csv(content, loads(content)).encode())
