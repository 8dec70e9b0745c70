# SPDX-License-Identifier: MIT
"""The rules of the house that a program can check in the source itself."""
from __future__ import annotations

import re
from pathlib import Path

from harness.common import ROOT
from harness.test import RELEASE
from harness.testing import Context, registered, require, test

# Each of these asks which mode a domain is in, or reaches one by name; the core may only go through domain->row.
MODE_TESTS = (
    r"\bis_(pv|pvh|pvhvm|hvm)\w*\s*\(", r"\bROW_(PV|PVH|PVHVM|PVIO|HVM)\b", r"\bANSWER_\w+", r"(->|\.)answer\b",
    r"(->|\.)row\s*[=!]=\s*[^=]", r'#\s*include\s+"modes/(?!spectrum\.h")', r"\bto_pv(_const|_domain)?\s*\(",
    r"strn?cmp\s*\([^;]*->name\s*,\s*\"(PV|HVM)",
)
COLUMNS = 128


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".c", ".h", ".S"))


def code_lines(path: Path) -> list[tuple[int, str]]:
    """The file's lines with comments blanked out."""
    text = path.read_text()
    text = re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found.group(0)), text, flags=re.DOTALL)
    return [(number, line.split("//")[0]) for number, line in enumerate(text.splitlines(), start=1)]


@test("source-no-mode-test")
def no_mode_test(_: Context) -> None:
    found = [f"{path.relative_to(ROOT)}:{number}: {line.strip()}" for path in sources("xen")
             for number, line in code_lines(path) for pattern in MODE_TESTS if re.search(pattern, line)]
    require(not found, f"xen/ asks for a mode: {' | '.join(found[:5])}")


@test("source-style")
def style(_: Context) -> None:
    wrong = []
    for path in sources("xen", "modes", "devmodel", "tests"):
        lines = path.read_text().splitlines()
        name = path.relative_to(ROOT)
        if not lines or "SPDX-License-Identifier: MIT" not in lines[0]:
            wrong.append(f"{name}: no licence line")
        wrong += [f"{name}:{number}: {len(line)} columns" for number, line in enumerate(lines, start=1) if len(line) > COLUMNS]
    require(not wrong, " | ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""))


# Prism's own names begin like this; others that pages tell of are Linux's, QEMU's and xl's.
OWN = r"(?:asid|board|container|devmodel|domain|evtchn|frame|grant|hw|hypercall|irq|lapic|mm|p2m|pc|pv|svm|trace|vcpu)_"


@test("source-names")
def names(_: Context) -> None:
    """What pages say is in a file is there; functions of Prism's that they name exist."""
    texts = {path: path.read_text() for path in (*sources("xen", "modes", "devmodel", "tests"),
                                                 *(ROOT / "harness").glob("*.py"), *(ROOT / "tests").rglob("*.py"))}
    everywhere = set(re.findall(r"\w+", "\n".join(texts.values())))
    wrong = []
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text()
        for name, file in re.findall(r"`(\w+)`\s+\(`([\w./]+\.(?:[chS]|py))`", text):
            places = [path for path in texts if path.match(file)]
            if not any(re.search(rf"\b{name}\b", texts[path]) for path in places):
                wrong.append(f"{page.name}: {name} is not in {file}" if places else f"{page.name}: there is no {file}")
        wrong += [f"{page.name}: there is no {name}" for name in re.findall(rf"`({OWN}\w+?)(?:\(\))?`", text)
                  if name not in everywhere]
    require(not wrong, " | ".join(wrong[:5]))


@test("source-lists")
def lists(_: Context) -> None:
    """What `make soak` and `make peer-test` select, and the release build is for: there is such a test; and whatever makes guests
    is in the first."""
    makefile = (ROOT / "harness/harness.mk").read_text().replace("\\\n", " ")
    chosen = dict(re.findall(r"^(SOAK|PEER)_TESTS := (.+)$", makefile, re.MULTILINE))
    every = [one.name for one in registered]
    wrong = [f"{which}_TESTS: no test is called {word}" for which, words in chosen.items() for word in words.split()
             if not any(word in name for name in every)]
    wrong += [f"RELEASE: no test's name begins {word}" for word in RELEASE if not any(name.startswith(word) for name in every)]
    for one in registered:
        source = ROOT / "tests/system" / f"{getattr(one.function, 'func', one.function).__module__}.py"
        if re.search(r"harness\.guests|xl [c]reate|[l]ibxl-guest|prism\.guest=", source.read_text()) \
                and not any(word in one.name for word in chosen["SOAK"].split()):
            wrong.append(f"make soak leaves out {one.name}")
    require(not wrong, " | ".join(wrong[:5]))


@test("source-pages")
def pages(_: Context) -> None:
    """Links between pages lead somewhere, and every page can be found from the first ones."""
    texts = {path: path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
    links = {path: {(path.parent / link).resolve() for link in re.findall(r"\]\(([\w./-]+)", text)}
             for path, text in texts.items()}
    wrong = [f"{path.relative_to(ROOT)}: no {link.name}" for path in links for link in links[path] if not link.exists()]
    for first in (ROOT / "README.md", ROOT / "docs/reading-order.md"):
        wrong += [f"{first.name} does not name {path.name}" for path in texts
                  if path.parent.name == "docs" and path not in links[first] | {first}]
    require(not wrong, " | ".join(wrong[:5]))
