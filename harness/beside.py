# SPDX-License-Identifier: MIT
"""Another commit of this source beside the tree: checked out under build/, built there, and measured by its own harness, with
the packages of this computer."""
from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Sequence

from harness import results
from harness.common import BUILD, ROOT, Problem, fail, require_space, run, say
from harness.packages import DEBS

SOURCE = BUILD / "regress" / "source"
MEBIBYTES = 1200          # its objects, packages and images
OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL")    # what the make above has been told is not for the others


def git(*words: str | Path) -> str:
    return run("git", "-C", ROOT, *words).strip()


def commit(word: str) -> str:
    """The whole name of a commit. Problem: there is none, or this is no checkout of git's."""
    try:
        here = Path(git("rev-parse", "--show-toplevel")).resolve() == ROOT
    except Problem:
        here = False
    if not here:
        fail("this source is no git checkout, so no other commit can be run beside it; compare two results (make compare)")
    try:
        return git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}")
    except Problem:
        fail(f"BASE={word} is no commit of this checkout: name one that git log shows")


def commit_of(result: results.Content, where: Path) -> str:
    """The commit that has made a result. Problem: it was made of something that was not committed."""
    name = str(result["commit"])
    if name.endswith("-dirty") or name == "unknown":
        fail(f"{where} is of a source that was not committed ({name}): say which commit to run instead, with BASE=")
    try:
        return commit(name)
    except Problem as problem:
        if "BASE=" not in str(problem):
            raise
        fail(f"{where} is of commit {name}, which this checkout does not have: fetch it, or say which to run, with BASE=")


def check_out(name: str) -> None:
    """Its files under build/. What was built there of another commit stays, for make to look through."""
    git("worktree", "prune")
    if (SOURCE / ".git").exists():
        run("git", "-C", SOURCE, "checkout", "--quiet", "--force", "--detach", name)
        return
    shutil.rmtree(SOURCE, ignore_errors=True)
    SOURCE.parent.mkdir(parents=True, exist_ok=True)
    git("worktree", "add", "--quiet", "--force", "--detach", SOURCE, name)


def share_packages() -> None:
    """What was fetched for this tree is not fetched again."""
    target = SOURCE / DEBS.relative_to(ROOT)
    target.mkdir(parents=True, exist_ok=True)
    for package in DEBS.glob("*.deb"):
        with contextlib.suppress(FileExistsError):
            os.link(package, target / package.name)


def prepare(name: str, debug: bool) -> Path:
    """The commit's source, with its prism.elf built in the same way as this tree's."""
    require_space(BUILD, MEBIBYTES, "another commit")
    say(f"prism: building {name[:12]} in {SOURCE.relative_to(ROOT)}")
    check_out(name)
    share_packages()
    for variable in OF_MAKE:
        os.environ.pop(variable, None)
    run("make", "-s", "--no-print-directory", f"-j{os.cpu_count() or 1}", f"DEBUG={int(debug)}", "prism.elf", cwd=SOURCE)
    return SOURCE


def measure(tree: Path, out: Path, words: Sequence[str]) -> results.Content:
    """make bench in a tree, with its own harness; its progress is on the terminal, its table in the page that it leaves.
    Problem: it has not come to a result, and has said why."""
    with subprocess.Popen([sys.executable, "-m", "harness.bench", "--out", str(out), *words], cwd=tree,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as running:
        try:
            status = running.wait()
        except KeyboardInterrupt:    # it has been told as well, and ends its machines
            running.wait()
            raise
    if status == 130:
        raise KeyboardInterrupt
    if status not in (0, 1):
        fail(f"the benchmark of {tree} has not come to a result (status {status})")
    return results.load(out)
