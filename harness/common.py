# SPDX-License-Identifier: MIT
"""What every part of the harness needs: where things are, how to say and how to fail."""
from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn, Sequence

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
IMAGES = BUILD / "images"
KERNEL = IMAGES / "vmlinuz"
RAMDISK = IMAGES / "control.img"
PC_RAMDISK = IMAGES / "control-pc.img"    # the same, and what emulates a PC for guests
GUEST_RAMDISK = IMAGES / "guest.img"
PRISM = ROOT / "prism.elf"


class Problem(Exception):
    """Something the user can understand and mend: shown as one line, without a trace."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    raise Problem(text)


def run(*command: str | Path, cwd: Path | None = None, quiet: bool = True) -> str:
    """Runs a command to its end and returns what it printed; its failure is a Problem that shows its last line."""
    words = [str(word) for word in command]
    environment = dict(os.environ, LC_ALL="C", DEBIAN_FRONTEND="noninteractive")
    try:
        done = subprocess.run(words, cwd=cwd, env=environment, text=True, errors="replace", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT if quiet else None)
    except FileNotFoundError:
        fail(f"{words[0]}: not installed")
    if done.returncode:
        lines = [line for line in (done.stdout or "").splitlines() if line.strip()]
        fail(f"{' '.join(words)}: failed with {done.returncode}: {lines[-1] if lines else 'no output'}")
    return done.stdout or ""


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def printable(text: str, limit: int = 200) -> str:
    """One line fit for a terminal: a machine that went wrong may have said anything."""
    clean = "".join(letter if letter.isprintable() else "." for letter in text.rstrip())
    return clean if len(clean) <= limit else clean[:limit] + " ..."


def write_atomically(path: Path, content: bytes) -> None:
    """So that an interrupted run leaves the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    new.replace(path)


def main(entry: "object", arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs a command-line entry point: a Problem becomes one line and exit status 2, an interrupt status 130."""
    try:
        status = entry(list(sys.argv[1:] if arguments is None else arguments))  # type: ignore[operator]
    except Problem as problem:
        say(f"prism: {problem}")
        status = 2
    except KeyboardInterrupt:
        say("prism: interrupted")
        status = 130
    sys.exit(status or 0)
