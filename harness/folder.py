# SPDX-License-Identifier: MIT
"""The folder in which a run of the benchmark leaves its result. From the run's start to its end there is a results.json in it
that says what has been measured so far, and that this is not all; nothing of an earlier result is left beside it."""
from __future__ import annotations

import contextlib
import fcntl
import os
import re
import threading
import time
from pathlib import Path
from typing import Callable, Iterator, Sequence

from harness import results
from harness.common import ROOT, fail, require_space
from harness.rows import MODES, Row, as_json

RESULTS = ROOT / "results"
NOT_ENDED = "it had not ended"
MEBIBYTES = 100          # the page, logs, pictures, and the disks of two machines
ROW = rf"(?:xen-)?(?:{'|'.join(MODES)})(?:-[0-9]+cpus)?"
OF_A_RESULT = re.compile(rf"report\.html|(?:bench|relative|cpus|payers|events|rounds)(?:-[\w-]+)?\.(?:svg|png|gnuplot|dat)"
                         rf"|explain-{ROW}-\w+\.txt|{ROW}(?:-loads)?\.(?:log|img)|[\w.]+\.[0-9]+\.new")


def new_folder(parent: Path = RESULTS) -> Path:
    """A folder named after the time. Whoever starts in the same second gets another."""
    stamp = time.strftime("%Y-%m-%dT%H-%M-%S", time.gmtime())
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        folder = parent / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            continue
    fail(f"{parent} has a thousand results of this second: choose another place (OUT=)")


@contextlib.contextmanager
def claimed(chosen: Path | None) -> Iterator[Path]:
    """The folder for a run's result, to which no other run writes meanwhile. Problem, OSError: there can be none. One in which
    nothing is left in the end goes again."""
    require_space(chosen or RESULTS, MEBIBYTES, "a result")
    if chosen and chosen.exists() and not chosen.is_dir():
        fail(f"{chosen} is no folder: name one for the results (OUT=)")
    folder = chosen or new_folder()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        fail(f"another run is leaving its results in {folder}: choose another place (OUT=), or wait for its end")
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()
        os.close(descriptor)


def clear(folder: Path) -> None:
    """Removes what an earlier result has beside its results.json."""
    for path in folder.iterdir():
        if OF_A_RESULT.fullmatch(path.name) and path.is_file():
            path.unlink()


class Keeper:
    """Keeps results.json up to date. `finish` makes a result of operations' rows, loads' rows and whether that is all. `lock`
    guards `told` and the file."""

    def __init__(self, folder: Path, rows: Sequence[Row], loads_rows: Sequence[Row],
                 finish: Callable[[list[results.Row], list[results.Row], bool], results.Content]) -> None:
        self.folder, self.finish, self.parts = folder, finish, (list(rows), list(loads_rows))
        self.lock = threading.Lock()
        self.told = [[{**as_json(row), "reason": NOT_ENDED} for row in part] for part in self.parts]
        results.write(folder, self.finish(*self.told, False))
        clear(folder)

    def end(self, row: Row) -> None:
        """A row has ended. A file that cannot be written now is tried again with the next row, and complained of at the end."""
        with self.lock:
            for part, told in zip(self.parts, self.told):
                told[:] = [as_json(one) if one is row else old for one, old in zip(part, told)]
            try:
                results.write(self.folder, self.finish(*self.told, False))
            except OSError:
                pass

    def all(self, complete: bool) -> results.Content:
        """The whole result, when no row runs any more; the caller writes it."""
        return self.finish(*([as_json(row) for row in part] for part in self.parts), complete)
