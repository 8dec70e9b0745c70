# SPDX-License-Identifier: MIT
"""What every part of the harness needs: where things are, how to say and how to fail."""
from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import hashlib
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator, NoReturn, Sequence

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
IMAGES = BUILD / "images"
KERNEL = IMAGES / "vmlinuz"
RAMDISK = IMAGES / "control.img"
PC_RAMDISK = IMAGES / "control-pc.img"    # the same, and what emulates a PC for guests
GUEST_RAMDISK = IMAGES / "guest.img"
# For tests: Debian's kernel as it is once it has unpacked itself, and both ramdisks of the control domain with that for guests.
UNPACKED_KERNEL = IMAGES / "vmlinux"
TESTS_RAMDISK, TESTS_PC_RAMDISK = IMAGES / "tests.img", IMAGES / "tests-pc.img"
PRISM = ROOT / "prism.elf"
BUILDS = {"release": "DEBUG=0", "debug": "DEBUG=1"}   # folders in BUILD of a prism.elf each, and make's word for them


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
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        new.write_bytes(content)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Waits until nobody else on this computer does what the file `path` is the lock of."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"prism: waiting for another run that is {what}")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def require_space(folder: Path, mebibytes: int, what: str) -> None:
    """Problem: the file system on which `folder` is, or will be, has no room for so much."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free >> 20
    if free < mebibytes:
        fail(f"{what} may take {mebibytes} MiB, and {there} has {free} MiB left: make room there, or choose another place")


# ---- What a command line may say

class Parser(argparse.ArgumentParser):
    """Of an entry point: wrong words are a Problem."""

    def __init__(self, prog: str, description: str | None, **more: Any) -> None:
        super().__init__(prog=prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter, **more)

    def error(self, message: str) -> NoReturn:
        more = "HELP=1" if self.prog.startswith("make ") else "--help"
        fail(f"{printable(message, 300)} ({self.prog} {more} says what there is)")


def seconds(text: str) -> float:
    """A time on a command line: a number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def count(text: str) -> int:
    """How many, on a command line: 1 or more."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


# ---- How an entry point ends

REMEDIES = {
    errno.ENOSPC: "make room there, or choose another place",
    errno.EDQUOT: "make room there, or choose another place",
    errno.EACCES: "choose another place, or run as one who may",
    errno.EPERM: "choose another place, or run as one who may",
    errno.EROFS: "choose another place",
    errno.ENOTDIR: "name a folder, or another place",
    errno.EISDIR: "name a file",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOENT: "it has to be there",
}


def described(error: OSError) -> str:
    """What the system has refused, on one line, and what to do about it where that is known."""
    words = [str(error.filename)] if error.filename is not None else []
    words.append(error.strerror or repr(error))
    words += [REMEDIES[error.errno]] if error.errno in REMEDIES else []
    return ": ".join(words)


def main(entry: "object", arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs a command-line entry point: a Problem, or what the system refuses, becomes one line and exit status 2, an interrupt
    status 130."""
    try:
        status = entry(list(sys.argv[1:] if arguments is None else arguments))  # type: ignore[operator]
    except Problem as problem:
        say(f"prism: {problem}")
        status = 2
    except BrokenPipeError:    # who read the output has gone, and so has the place for the rest of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 2
    except OSError as error:
        say(f"prism: {described(error)}")
        status = 2
    except KeyboardInterrupt:
        say("prism: interrupted")
        status = 130
    sys.exit(status or 0)
