# SPDX-License-Identifier: MIT
"""The pictures of a result, drawn by gnuplot: each as SVG, for the page, and as PNG. The scripts hold their data and stay
beside the pictures, so that anyone can draw them again."""
from __future__ import annotations

from pathlib import Path
from typing import Callable, Sequence

from harness import accounts, costs, results, terms
from harness.gnuplot import (BARS_STYLE, HEAD, SIZE, Drawn, Picture, block, by_count, by_group, clustered, colour_of, dot,
                             label, lighter, named, pieces, plot, remove, shown, together)

COLOURS = {"own": "#9aa5b1", "privileged": "#c0392b", "platform": "#e67e22", "interrupts": "#8e44ad", "io": "#16a085",
           "control-user": "#1a5276", "control": "#2471a3", "control-hv": "#85c1e9", "idle": "#ecf0f1", "mark": "#f7dc6f",
           "other": "#2c3e50"}
KIND_COLOURS = ("#c0392b", "#2471a3", "#e67e22", "#8e44ad", "#16a085", "#7f8c8d", "#d4ac0d", "#1b2631", "#d98880")
COUNTED = {"vcpu-switch": "switch between vCPUs", "upcall": "event or interrupt delivered",
           "device-model-request": "request to the device model"}
PANEL = (1250, 400)              # of one group in bench.png
RARE = 0.01                      # events an operation that are not worth a dot
TALL = 3                         # so many times as far from the median as nine rounds in ten: at the edge, with its number
KINDS = ("relative", "cpus", "payers", "events", "rounds")


# ---- What each row costs

def relative(content: results.Content) -> dict[str, Picture]:
    """What each row costs, with the bare machine as 1."""
    rows = [row for row in content["rows"] if row["mode"] != "native" and results.base_of(content, row)]
    every = shown(content) if rows else []
    names = [name for name in every if any(results.ratio(row, results.base_of(content, row), name) for row in rows)]
    drawn = terms.grouped(names)

    def draw(groups: Sequence[str], piece: Sequence[str]) -> Picture:
        left_out = [name for name in every if name not in names
                    and (terms.group_of(name) in groups or terms.group_of(name) not in drawn)]
        return relative_piece(content, rows, named(groups), piece, left_out)

    return by_group("relative", names, len(rows), draw)


def relative_piece(content: results.Content, rows: Sequence[results.Row], group: str, names: Sequence[str],
                   left_out: Sequence[str]) -> Picture:
    series = [(row, [results.ratio(row, results.base_of(content, row), name) for name in names]) for row in rows]
    without = f"Not shown, since the bare machine has no number: {', '.join(left_out)}." if left_out else ""
    title = f"Cost of {group}: {results.unit(content)}, with the bare machine as 1"
    title += f"\\n{label(without)}" if without else ""
    script = HEAD.format(title=title, ylabel="times the bare machine's") + BARS_STYLE.format(base=2, form="%gx", lowest=0.5) + \
        'set arrow from graph 0,first 1 to graph 1,first 1 nohead lc rgb "#000000" dt 2 front\n' + clustered(names, series)
    unit = results.unit(content)
    return Picture(script, f"Cost of {group} by row: guest's, control domain's and hypervisor's {unit} together, "
                   f"as multiples of the bare machine's. The scale is logarithmic. {without}".rstrip())


def overview(content: results.Content) -> str:
    """The script of bench.png: what each row costs, a panel for each group."""
    panels = [(part, named(groups), names) for part in by_count(content).values()
              for groups, names in together(shown(part), len(part["rows"]))]
    width, height = PANEL[0], PANEL[1] * len(panels)
    unit = results.unit(content)
    script = f'set terminal pngcairo size {width},{height} noenhanced font "sans,11"\nset output "bench.png"\n' \
        f"set multiplot layout {len(panels)},1\n"
    for part, group, names in panels:
        series = [(row, [results.cost(row, name) for name in names]) for row in part["rows"]]
        title = f"{group}: {unit} of one operation (fewer is better)"
        script += "reset\n" + HEAD.format(title=title, ylabel=unit) + \
            BARS_STYLE.format(base=10, form="%.0s%c", lowest="*") + clustered(names, series)
    return script + "unset multiplot\nset output\n"


def cpus(content: results.Content) -> dict[str, Picture]:
    """What an operation costs with one CPU, with two, ...: only where there are rows of different numbers."""
    counts = sorted({results.cpus_of(row) for row in content["rows"]})
    names = shown(content) if len(counts) > 1 else []
    return by_group("cpus", names, 4 * len(counts), lambda groups, piece: cpus_piece(content, counts, named(groups), piece))


def cpus_piece(content: results.Content, counts: Sequence[int], group: str, names: Sequence[str]) -> Picture:
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
        look = dot(rows[0]) + (" dt 2" if rows[0]["peer"] else "")
        curves.append(f'$d{at} using 1:2 with linespoints lw 2 {look} title "{label(title)}"')
    for place, name in enumerate(names):
        middle = f"\\n{label(name)}"
        tics += [f'"{count}{middle if at == (len(counts) - 1) // 2 else ""}" {spot(place, counts, count):.3f}'
                 for at, count in enumerate(counts)]
    unit = results.unit(content)
    head = HEAD.format(title=f"Cost of {group} against the number of vCPUs, which is below each point",
                       ylabel=f"{unit} of an operation")
    return Picture(head + blocks + f"set bmargin 4\nset xtics norotate ({', '.join(tics)})\n"
                   f"set xrange [-0.6:{len(names) - 0.4}]\nset logscale y\nset format y \"%.0f\"\nplot {', '.join(curves)}\n",
                   f"Cost of {group} against vCPUs: a line for each row, within each operation from the "
                   "fewest vCPUs to the most.")


def spot(place: int, counts: Sequence[int], count: int) -> float:
    return place + 0.7 * ((counts.index(count) + 0.5) / len(counts) - 0.5)


# ---- Who pays

def payers(content: results.Content) -> dict[str, Picture]:
    """Who pays: each cell's whole, but for the marks around it, as 100%, by part."""
    rows = [row for row in content["rows"] if row["accounts"]]
    names = [name for name in shown(content) if any(name in row["accounts"] for row in rows)]
    unit = results.unit(content)
    return by_group("payers", names, 2 * len(rows) + 3, lambda groups, piece: payers_piece(rows, unit, named(groups), piece))


def payers_piece(rows: Sequence[results.Row], unit: str, group: str, names: Sequence[str]) -> Picture:
    blocks, curves = "", []
    paid_by = [accounts.parts(row["accounts"][name]) for row in rows for name in names if name in row["accounts"]]
    parts = [part for part in accounts.PARTS if part != "mark" and any(paid[part] for paid in paid_by)]
    for at, name in enumerate(names):
        lines = []
        for row in (row for row in rows if name in row["accounts"]):
            paid = accounts.parts(row["accounts"][name])
            whole = max(1, row["accounts"][name]["ticks"] - paid["mark"])
            lines.append(f'"{label(row["title"].replace(", Prism", ""))}" '
                         + " ".join(f"{100 * paid[part] / whole:.4g}" for part in parts))
        blocks += block(f"d{at}", lines)
        curves.append(f'newhistogram "{label(name)}" offset 0,-2.4')
        for column, part in enumerate(parts, start=2):
            title = f'title "{accounts.NAMES[part]}"' if at == 0 else "notitle"
            curves.append(f'$d{at} using {column}:xtic(1) {title} lc rgb "{COLOURS[part]}"')
    head = HEAD.format(title=f"Who pays for {group}: guest, columns of the spectrum, control domain", ylabel=f"% of the {unit}")
    return Picture(head + blocks + "set key at screen 0.5,0.99 center top vertical maxrows 4\nset tmargin 7\n"
                   "set style data histogram\n"
                   "set style histogram rowstacked gap 1\nset boxwidth 0.8\nset yrange [0:100]\n"
                   f"set xtics rotate by -90\nset bmargin 8\nplot {', '.join(curves)}\n",
                   f"Who pays for {group}: all between two marks but for the marks themselves, as the hypervisor's "
                   "ledger has charged it; on several CPUs, all CPUs' time.")


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


def events(content: results.Content, row: results.Row) -> dict[str, Picture]:
    """Pictures of one row, of operations that have events at all."""
    counted = {name: kinds(row, name) for name in shown(content) if name in row["accounts"]}
    names = [name for name, found in counted.items() if max(found.values(), default=0) >= RARE]
    titles = [title for title in [*costs.KINDS.values(), *COUNTED.values()]
              if any(counted[name].get(title, 0) >= RARE for name in names)]
    found = [events_piece(row, titles, {name: counted[name] for name in piece}) for piece in pieces(names, len(titles) + 1)]
    return {f"events-{row['name']}" + (f"-{at}" if at > 1 else ""): picture for at, picture in enumerate(found, start=1)}


def events_piece(row: results.Row, titles: Sequence[str], counted: dict[str, dict[str, float]]) -> Picture:
    blocks, curves = "", []
    for at, title in enumerate(titles):
        lines = [f"{place + 0.7 * ((at + 0.5) / len(titles) - 0.5):.3f} {found[title]:.5g}"
                 for place, found in enumerate(counted.values()) if found.get(title, 0) >= RARE]
        if not lines:
            continue
        blocks += block(f"d{at}", lines)
        colour = KIND_COLOURS[at % len(KIND_COLOURS)]
        curves += [f'$d{at} using 1:2 with impulses lw 2 lc rgb "{lighter(colour, 0.5)}" notitle',
                   f'$d{at} using 1:2 with points pt 7 ps 0.9 lc rgb "{colour}" title "{title}"']
    tics = ", ".join(f'"{label(name)}" {place}' for place, name in enumerate(counted))
    groups = named(list(terms.grouped(list(counted))))
    head = HEAD.format(title=f"Events of an operation: {label(row['title'])}", ylabel="events an operation")
    return Picture(head + blocks + f"set xtics ({tics})\nset xrange [-0.6:{len(counted) - 0.4}]\nset logscale y\n"
                   f"set format y \"%g\"\nset yrange [{RARE}:*]\nplot {', '.join(curves)}\n",
                   f"Events by kind in {row['title']} ({groups}), the guest's and the control domain's. What has fewer than "
                   f"{RARE:g} of each kind is left out, as getppid in a container: nothing but a timer interrupt now and then.")


# ---- How far rounds lie apart

def rounds(content: results.Content) -> dict[str, Picture]:
    rows = content["rows"]
    names = [name for name in shown(content) if any(len(row["costs"].get(name, [])) > 1 for row in rows)]
    return by_group("rounds", names, len(rows), lambda groups, piece: rounds_piece(rows, named(groups), piece))


def rounds_piece(rows: Sequence[results.Row], group: str, names: Sequence[str]) -> Picture | None:
    apart = {(at, place): [100 * (cost - middle) / middle for cost in row["costs"][name]]
             for at, row in enumerate(rows) for place, name in enumerate(names) if (middle := results.cost(row, name))}
    limit = edge([abs(one) for found in apart.values() for one in found])
    blocks, curves = "", []
    for at, row in enumerate(rows):
        lines, far = [], []
        for place, _ in enumerate(names):
            x, found = place + 0.8 * ((at + 0.5) / len(rows) - 0.5), apart.get((at, place), [])
            lines += [f"{x:.3f} {one:.5g}" for one in found if abs(one) <= limit]
            ends = max(found, default=0), min(found, default=0)
            far += [f'{x:.3f} {limit if one > 0 else -limit:g} "{one:+.3g}%" {9 if one > 0 else 11}' for one in ends
                    if abs(one) > limit]
        blocks += block(f"d{at}", lines or ["-9 0"])
        curves.append(f'$d{at} using 1:2 with points {dot(row)} title "{label(row["title"])}"')
        if far:
            blocks += block(f"f{at}", far)
            curves += [f'$f{at} using 1:2:4 with points pt variable ps 1.2 lc rgb "{colour_of(row)}" notitle',
                       f'$f{at} using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle']
    tics = ", ".join(f'"{label(name)}" {place}' for place, name in enumerate(names))
    head = HEAD.format(title=f"Rounds of {group}: how far each round's mean is from the median of all",
                       ylabel="% from the median")
    return Picture(head + blocks + f"set xtics ({tics})\nset xrange [-0.6:{len(names) - 0.4}]\n"
                   f"set yrange [{-1.08 * limit:g}:{1.08 * limit:g}]\nset xzeroaxis\nplot {', '.join(curves)}\n",
                   f"Rounds of {group}. A dot is the mean of one round, which is many executions: this shows whether rounds "
                   "repeat, not how single executions are spread. A triangle at the edge is a round that is farther off, by "
                   "what it says.")


def edge(distances: Sequence[float]) -> float:
    """Where the scale ends, in percent: at the farthest round, or where few far ones would flatten all others, nearer."""
    order = sorted(distances)
    most, usual = (order[-1], max(1, TALL * order[len(order) * 9 // 10])) if order else (0, 1)
    return most or 1 if most <= 2 * usual else usual


# ---- All

def pictures(content: results.Content) -> dict[str, Picture]:
    """What there is to draw, by name, in order."""
    loads = results.loads(content)
    found = {**counted(content, relative), **cpus(content), **counted(content, payers)}
    for row in content["rows"]:
        found.update(events(content, row))
    return {**found, **counted(content, rounds), **counted(loads, relative), **counted(loads, payers)}


def counted(content: results.Content, draw: Callable[[results.Content], dict[str, Picture]]) -> dict[str, Picture]:
    """A kind of picture for each number of CPUs."""
    return {name + (f"-{count}cpus" if count > 1 else ""): picture for count, part in by_count(content).items()
            for name, picture in draw(part).items()}


def draw(content: results.Content, folder: Path) -> dict[str, Drawn]:
    """Draws what there is data for. Gives those for the page by name, in order, without those that could not be drawn; beside
    them is bench.png, all costs in one."""
    drawn, size, found = {}, f"{SIZE[0]},{SIZE[1]}", pictures(content)
    remove(folder, KINDS, list(found))
    for name, picture in found.items():
        text = f'set terminal svg size {size} dynamic noenhanced font "sans-serif,13" background "white"\n' \
            f'set output "{name}.svg"\n{picture.script}set terminal pngcairo size {size} noenhanced font "sans,11"\n' \
            f'set output "{name}.png"\nreplot\nset output\n'
        if plot(folder, name, text):
            drawn[name] = Drawn(folder / f"{name}.svg", picture.caption)
    if shown(content):
        plot(folder, "bench", overview(content))
    return drawn
