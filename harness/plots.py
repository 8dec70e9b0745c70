# SPDX-License-Identifier: MIT
"""The pictures of a result, drawn by gnuplot: each as SVG, for the page, and as PNG. The scripts hold their data and stay
beside the pictures, so that anyone can draw them again."""
from __future__ import annotations

from pathlib import Path
from typing import Sequence

from harness import accounts, costs, results
from harness.common import Problem, run, say

COLOURS = {"own": "#9aa5b1", "privileged": "#c0392b", "platform": "#e67e22", "interrupts": "#8e44ad", "io": "#16a085",
           "control": "#2471a3", "control-hv": "#85c1e9", "idle": "#ecf0f1", "mark": "#f7dc6f", "other": "#2c3e50"}
ROW_COLOURS = ("#2471a3", "#c0392b", "#16a085", "#e67e22", "#8e44ad", "#7f8c8d", "#d4ac0d", "#1b2631", "#d98880", "#a3e4d7")
KIND_COLOURS = ("#c0392b", "#2471a3", "#e67e22", "#8e44ad", "#16a085", "#7f8c8d", "#d4ac0d", "#1b2631")
COUNTED = {"vcpu-switch": "switch between vCPUs", "upcall": "event or interrupt delivered",
           "device-model-request": "request to the device model"}

SIZE, BARS = "1100,560", 100    # of a picture: pixels, and how many bars side by side can be told apart

HEAD = """set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "{title}"
set ylabel "{ylabel}"
"""


def label(text: str) -> str:
    return text.replace('"', "'").replace("_", " ")


def shown(content: results.Content) -> list[str]:
    """Operations that at least one row has."""
    return [name for name in content["operations"] if any(results.cost(row, name) is not None for row in content["rows"])]


def block(name: str, lines: Sequence[str]) -> str:
    return f"${name} << END\n" + "\n".join(lines) + "\nEND\n"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def clustered(names: Sequence[str], series: Sequence[tuple[str, str, Sequence[float | None]]], style: str) -> str:
    """Bars side by side: names below, for each of the series a title, a colour and a value for each name."""
    lines = [f'"{label(name)}" ' + " ".join(number(values[at]) for _, _, values in series) for at, name in enumerate(names)]
    curves = ", ".join(f'$data using {at}:xtic(1) title "{label(title)}" lc rgb "{colour}"'
                       for at, (title, colour, _) in enumerate(series, start=2))
    return block("data", lines) + "set datafile missing '-'\nset style data histogram\n" + style + f"plot {curves}\n"


def pieces(names: Sequence[str], bars: int) -> list[Sequence[str]]:
    """The operations picture by picture, as even as can be, with `bars` for each of them."""
    most = max(1, BARS // max(1, bars))
    number = -(-len(names) // most)
    return [names[len(names) * at // number:len(names) * (at + 1) // number] for at in range(number)]


def relative(content: results.Content) -> list[str]:
    """What each row costs, with the bare machine as 1."""
    rows = [(row, results.base_of(content, row)) for row in content["rows"] if row["mode"] != "native"]
    names = [name for name in shown(content) if any(results.ratio(row, base, name) for row, base in rows)]
    return [relative_piece(rows, results.unit(content), piece) for piece in pieces(names, len(rows))]


def relative_piece(rows: Sequence[tuple[results.Row, results.Row | None]], unit: str, names: Sequence[str]) -> str:
    series = [(row["title"], ROW_COLOURS[at % len(ROW_COLOURS)], [results.ratio(row, base, name) for name in names])
              for at, (row, base) in enumerate(rows)]
    title = f"{unit[:1].upper()}{unit[1:]} of an operation, the bare machine's being 1"
    return HEAD.format(title=title, ylabel="times the bare machine's") + clustered(names, series, 'set style histogram clustered gap 1\nset boxwidth 0.9\nset logscale y 2\n'
                  'set format y "%gx"\nset yrange [0.5:*]\nset arrow from graph 0,first 1 to graph 1,first 1 nohead '
                  'lc rgb "#000000" dt 2 front\n')


def payers(content: results.Content) -> list[str]:
    """Who pays: each cell's whole as 100%, by part."""
    rows = [row for row in content["rows"] if row["accounts"]]
    names = [name for name in shown(content) if any(name in row["accounts"] for row in rows)]
    return [payers_piece(rows, results.unit(content), piece) for piece in pieces(names, 2 * len(rows) + 2)]


def payers_piece(rows: Sequence[results.Row], unit: str, names: Sequence[str]) -> str:
    blocks, curves = "", []
    for at, name in enumerate(names):
        lines = []
        for row in (row for row in rows if name in row["accounts"]):
            paid, whole = accounts.parts(row["accounts"][name]), max(1, row["accounts"][name]["ticks"])
            lines.append(f'"{label(row["title"].replace(", Prism", ""))}" '
                         + " ".join(f"{100 * paid[part] / whole:.4g}" for part in accounts.PARTS))
        blocks += block(f"d{at}", lines)
        curves.append(f'newhistogram "{label(name)}" offset 0,-2.4')
        for column, part in enumerate(accounts.PARTS, start=2):
            title = f'title "{accounts.NAMES[part]}"' if at == 0 else "notitle"
            curves.append(f'$d{at} using {column}:xtic(1) {title} lc rgb "{COLOURS[part]}"')
    return HEAD.format(title="Who pays for an operation: guest, columns of the spectrum, control domain",
                       ylabel=f"% of the {unit}") + blocks + \
        "set style data histogram\nset style histogram rowstacked gap 1\nset boxwidth 0.8\nset yrange [0:100]\n" \
        f"set xtics rotate by -90\nset bmargin 8\nplot {', '.join(curves)}\n"


def kinds(row: results.Row, name: str) -> dict[str, float]:
    """Events of one operation, by what they are to the hardware, and those that only software counts."""
    account = row["accounts"][name]
    found = {costs.KINDS.get(kind, kind): high
             for kind, (_, high) in costs.events_of(account, row["mode"] not in ("pv", "control")).items()}
    for event, title in COUNTED.items():
        count = sum(accounts.counts(account[owner]).get(event, 0) for owner in ("domain", "control"))
        if count:
            found[title] = count / account["operations"]
    return found


def events(content: results.Content, row: results.Row) -> list[str]:
    names = [name for name in shown(content) if name in row["accounts"]]
    return [script for piece in pieces(names, len(KIND_COLOURS)) if (script := events_piece(row, piece))]


def events_piece(row: results.Row, names: Sequence[str]) -> str | None:
    counted = {name: kinds(row, name) for name in names}
    titles = [title for title in [*costs.KINDS.values(), *COUNTED.values()]
              if any(counted[name].get(title, 0) >= 0.001 for name in names)]
    if not titles:
        return None
    series = [(title, KIND_COLOURS[at % len(KIND_COLOURS)], [counted[name].get(title) or None for name in names])
              for at, title in enumerate(titles)]
    return HEAD.format(title=f"Events of an operation: {label(row['title'])}", ylabel="events an operation") + \
        clustered(names, series, "set style histogram clustered gap 1\nset boxwidth 0.9\nset logscale y\n"
                  'set format y "%g"\nset yrange [0.001:*]\n')


def rounds(content: results.Content) -> list[str]:
    """How far the rounds of each cell lie apart."""
    rows = content["rows"]
    names = [name for name in shown(content) if any(len(row["costs"].get(name, [])) > 1 for row in rows)]
    return [rounds_piece(rows, piece) for piece in pieces(names, len(rows))]


def rounds_piece(rows: Sequence[results.Row], names: Sequence[str]) -> str:
    blocks, curves = "", []
    for at, row in enumerate(rows):
        lines = []
        for place, name in enumerate(names):
            middle = results.cost(row, name)
            if middle:
                x = place + 0.8 * ((at + 0.5) / len(rows) - 0.5)
                lines += [f"{x:.3f} {100 * (cost - middle) / middle:.5g}" for cost in row["costs"][name]]
        blocks += block(f"d{at}", lines)
        curves.append(f'$d{at} using 1:2 with points pt 7 ps 0.8 lc rgb "{ROW_COLOURS[at % len(ROW_COLOURS)]}" '
                      f'title "{label(row["title"])}"')
    tics = ", ".join(f'"{label(name)}" {place}' for place, name in enumerate(names))
    return HEAD.format(title="Rounds of each operation, against their median", ylabel="% above the median") + blocks + \
        f"set xtics ({tics})\nset xrange [-0.6:{len(names) - 0.4}]\nset xzeroaxis\nplot {', '.join(curves)}\n"


def cpus(content: results.Content) -> list[str]:
    """What an operation costs with one CPU, with two, ...: only where there are rows of different numbers."""
    counts = sorted({results.cpus_of(row) for row in content["rows"]})
    names = shown(content) if len(counts) > 1 else []
    return [cpus_piece(content, counts, piece) for piece in pieces(names, 4 * len(counts))]


def cpus_piece(content: results.Content, counts: Sequence[int], names: Sequence[str]) -> str:
    """A line for each mode and operation, a point for each number of CPUs: within an operation's place they go to the right."""
    blocks, curves, tics = "", [], []
    for at, key in enumerate(dict.fromkeys((row["mode"], row["peer"]) for row in content["rows"])):
        rows = sorted((row for row in content["rows"] if (row["mode"], row["peer"]) == key), key=results.cpus_of)
        lines = []
        for place, name in enumerate(names):
            for row in rows:
                cost = results.cost(row, name)
                lines += [f"{spot(place, counts, results.cpus_of(row)):.3f} {cost:.6g}"] if cost else []
            lines.append("")
        blocks += block(f"d{at}", lines)
        title = rows[0]["title"].removesuffix(f", {results.cpus_of(rows[0])} CPUs")
        curves.append(f'$d{at} using 1:2 with linespoints pt 7 ps 0.8 lw 2 lc rgb "{ROW_COLOURS[at % len(ROW_COLOURS)]}" '
                      f'title "{label(title)}"')
    for place, name in enumerate(names):
        middle = f"\\n{label(name)}"
        tics += [f'"{count}{middle if at == (len(counts) - 1) // 2 else ""}" {spot(place, counts, count):.3f}'
                 for at, count in enumerate(counts)]
    unit = results.unit(content)
    return HEAD.format(title="Cost against the number of vCPUs, which is below each point", ylabel=f"{unit} of an operation") + blocks + \
        f"set xtics norotate ({', '.join(tics)})\nset xrange [-0.6:{len(names) - 0.4}]\nset logscale y\n" \
        f"set format y \"%.0f\"\nplot {', '.join(curves)}\n"


def spot(place: int, counts: Sequence[int], count: int) -> float:
    return place + 0.7 * ((counts.index(count) + 0.5) / len(counts) - 0.5)


def scripts(content: results.Content) -> dict[str, str]:
    """What there is to draw, by name, in order: a kind of picture that has too many bars for one has several."""
    kinds = {"relative": relative(content), "cpus": cpus(content), "payers": payers(content)}
    for row in content["rows"]:
        kinds[f"events-{row['name']}"] = events(content, row)
    kinds["rounds"] = rounds(content)
    return {name + (f"-{at}" if at > 1 else ""): script for name, pictures in kinds.items()
            for at, script in enumerate(pictures, start=1)}


def draw(content: results.Content, folder: Path) -> dict[str, Path]:
    """Draws what there is data for. Gives SVG files by name, in order; one that cannot be drawn is missing, with a line that
    says why."""
    drawn = {}
    for name, script in scripts(content).items():
        text = f'set terminal svg size {SIZE} dynamic noenhanced font "sans-serif,13" background "white"\n' \
            f'set output "{name}.svg"\n{script}set terminal pngcairo size {SIZE} noenhanced font "sans,11"\n' \
            f'set output "{name}.png"\nreplot\nset output\n'
        (folder / f"{name}.gnuplot").write_text(text)
        try:
            run("gnuplot", f"{name}.gnuplot", cwd=folder)
        except Problem as problem:
            say(f"prism: no picture {name}: {problem}")
            continue
        drawn[name] = folder / f"{name}.svg"
    return drawn
