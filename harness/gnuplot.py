# SPDX-License-Identifier: MIT
"""What all pictures of a result are made of: colours, groups of operations, and gnuplot's words. A picture is of one group of
operations, or of small ones together, and of as many operations as can be told apart; a row has its colour in all pictures,
Xen's rows a lighter one with the edge of Prism's."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from harness import results, terms
from harness.common import Problem, run, say

ROW_COLOURS = {"native": "#4d5656", "control": "#56b4e9", "pv": "#0072b2", "pvh": "#d55e00", "pvhvm": "#009e73",
               "pvio": "#c4569b", "hvm": "#d9a400"}
LIGHTER = 0.62                # of the way to white, for Xen's rows

SIZE, BARS = (1100, 520), 110    # of a picture: pixels, and how many bars side by side can be told apart
FEW = 60                         # bars that are no picture of their own: small groups are shown together

HEAD = """set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "{title}"
set ylabel "{ylabel}"
"""
BARS_STYLE = """set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y {base}
set format y "{form}"
set yrange [{lowest}:*]
"""


@dataclass(frozen=True)
class Picture:
    script: str
    caption: str


@dataclass(frozen=True)
class Drawn:
    path: Path        # the SVG file
    caption: str


def label(text: str) -> str:
    return text.replace('"', "'").replace("_", " ")


def shown(content: results.Content) -> list[str]:
    """Operations that at least one row has."""
    return [name for name in content["operations"] if any(results.cost(row, name) is not None for row in content["rows"])]


def block(name: str, lines: Sequence[str]) -> str:
    return f"${name} << END\n" + "\n".join(lines) + "\nEND\n"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def by_count(content: results.Content) -> dict[int, results.Content]:
    """The rows with one CPU, with two, ..., each as a result of their own: they are compared with one another."""
    counts = sorted({results.cpus_of(row) for row in content["rows"]})
    return {count: {**content, "rows": [row for row in content["rows"] if results.cpus_of(row) == count]} for count in counts}


# ---- Colours

def lighter(colour: str, share: float) -> str:
    """So much of the way to white."""
    parts = (int(colour[at:at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)


def colour_of(row: results.Row) -> str:
    return ROW_COLOURS.get(row["mode"], "#7f8c8d")


def bar(row: results.Row) -> str:
    """How a row's bars look."""
    colour = colour_of(row)
    fill = lighter(colour, LIGHTER) if row["peer"] else colour
    return f'fs solid 1.0 border lc rgb "{colour}" lc rgb "{fill}"'


def dot(row: results.Row) -> str:
    """How a row's dots look: Xen's are hollow."""
    return f'pt {6 if row["peer"] else 7} ps 0.8 lc rgb "{colour_of(row)}"'


# ---- In groups

def pieces(names: Sequence[str], bars: int) -> list[Sequence[str]]:
    """The operations picture by picture, as even as can be, with `bars` for each of them."""
    most = max(1, BARS // max(1, bars))
    number = -(-len(names) // most)
    return [names[len(names) * at // number:len(names) * (at + 1) // number] for at in range(number)]


Draw = Callable[[Sequence[str], Sequence[str]], Picture | None]


def together(names: Sequence[str], bars: int) -> list[tuple[list[str], list[str]]]:
    """Groups, in order, with their operations; small ones that follow one another are one."""
    found: list[tuple[list[str], list[str]]] = []
    for group, members in terms.grouped(names).items():
        if found and (len(found[-1][1]) + len(members)) * bars <= FEW:
            found[-1][0].append(group)
            found[-1][1].extend(members)
        else:
            found.append(([group], list(members)))
    return found


def named(groups: Sequence[str]) -> str:
    """Their titles."""
    return ", ".join(terms.GROUPS[group] for group in groups)


def by_group(kind: str, names: Sequence[str], bars: int, draw: Draw) -> dict[str, Picture]:
    """A picture for each group, or several where there are too many bars for one, or one for several groups; draw is told the
    groups and the operations. The first group is in the picture's name."""
    found = {}
    for groups, members in together(names, bars):
        for at, piece in enumerate(pieces(members, bars), start=1):
            picture = draw(groups, piece)
            if picture:
                found[f"{kind}-{groups[0]}" + (f"-{at}" if at > 1 else "")] = picture
    return found


def clustered(names: Sequence[str], series: Sequence[tuple[results.Row, Sequence[float | None]]]) -> str:
    """Bars side by side: names below, for each row a value for each name."""
    lines = [f'"{label(name)}" ' + " ".join(number(values[at]) for _, values in series) for at, name in enumerate(names)]
    curves = ", ".join(f'$data using {at}:xtic(1) title "{label(row["title"])}" {bar(row)}'
                       for at, (row, _) in enumerate(series, start=2))
    return block("data", lines) + f"set datafile missing '-'\nplot {curves}\n"


# ---- Drawing

def plot(folder: Path, name: str, script: str) -> bool:
    """False, with a line that says why, where gnuplot cannot."""
    (folder / f"{name}.gnuplot").write_text(script)
    try:
        run("gnuplot", f"{name}.gnuplot", cwd=folder)
    except Problem as problem:
        say(f"prism: no picture {name}: {problem}")
        return False
    return True


def remove(folder: Path, kinds: Sequence[str], but: Sequence[str]) -> None:
    """Removes pictures of these kinds that an earlier drawing has left and the present one has not."""
    for script in folder.glob("*.gnuplot"):
        if script.stem not in but and script.stem.split("-")[0] in kinds:
            for suffix in (".gnuplot", ".svg", ".png"):
                script.with_suffix(suffix).unlink(missing_ok=True)
