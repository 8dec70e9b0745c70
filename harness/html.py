# SPDX-License-Identifier: MIT
"""Pieces of HTML that the parts of a result's page are put together from."""
from __future__ import annotations

from html import escape
from typing import Iterable, Sequence

STYLE = """body{font:15px/1.45 sans-serif;max-width:1200px;margin:2em auto;padding:0 1em;color:#1b2631}
table{border-collapse:collapse;margin:1em 0;font-size:13px}
td,th{padding:.25em .6em;border-bottom:1px solid #d5d8dc;text-align:right;vertical-align:top}
td:first-child,th:first-child,.l td,.l th{text-align:left}th{border-bottom:2px solid #1b2631}
.n{font-weight:bold;color:inherit}.s{color:#566573;font-size:12px;white-space:nowrap}
.bad{background:#fadbd8}.dear{background:#fdebd0}.apart{color:#c0392b}.g td{font-weight:bold;background:#f4f6f7}
figure{margin:1.5em 0}figcaption,p.s{color:#566573;white-space:normal}svg{width:100%;height:auto}.wide{overflow-x:auto}
code{word-break:break-all}details{margin:.4em 0}details details{margin-left:1.5em}summary{cursor:pointer}
.command{display:none}.command:target{display:block;background:#fef9e7;padding:.5em}"""


def table(heads: Sequence[str], lines: Iterable[Sequence[str]], kind: str = "") -> str:
    """Cells are HTML; one that begins with <td is the whole cell. kind "l": all of it is text. A line of one cell is a heading
    within the table."""
    body = ""
    for line in lines:
        if len(line) == 1:
            body += f'<tr class="g"><td colspan="{len(heads)}">{line[0]}</td></tr>\n'
        else:
            body += "<tr>" + "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in line) + "</tr>\n"
    head = f'<tr>{"".join(f"<th>{escape(head)}</th>" for head in heads)}</tr>\n' if any(heads) else ""
    return f'<div class="wide"><table{f" class={kind}" if kind else ""}>{head}{body}</table></div>\n'


def left(lines: Iterable[Sequence[str]]) -> str:
    """A table of names and what they say."""
    return table(["", ""], lines, "l")


def folded(title: str, content: str, opened: bool = False) -> str:
    """What is read only if asked for. title is HTML."""
    return f"<details{' open' if opened else ''}><summary>{title}</summary>\n{content}</details>\n"


def bullets(texts: Iterable[str]) -> str:
    """texts are no HTML."""
    return "<ul>\n" + "".join(f"<li>{escape(text)}</li>\n" for text in texts) + "</ul>\n"
