# SPDX-License-Identifier: MIT
"""What a run of the benchmark is at, and how long the rest of it takes: by what the same steps took before, in this run or in
an earlier one on this computer."""
from __future__ import annotations

import json
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Sequence

from harness.common import say, write_atomically


def steps(guest: bool, operations: Sequence[str]) -> list[str]:
    """What a row's machine goes through, by the names that Progress.say is told."""
    return ["booting", *(["xl create"] if guest else []), *operations, "ending"]


def read(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Seconds by pace, row and step; nothing, if the file is none of ours."""
    try:
        content = json.loads(path.read_text())
        return {pace: {row: {step: float(took) for step, took in steps.items()} for row, steps in rows.items()}
                for pace, rows in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


class Forecast:
    """Seconds that steps take. pace: what they depend on beside row and step. `lock` guards all that changes."""

    def __init__(self, path: Path, pace: str, jobs: int) -> None:
        self.path, self.pace, self.jobs = path, pace, jobs
        self.lock = threading.Lock()
        self.known = read(path).get(pace, {})
        self.left: dict[str, list[str]] = {}       # steps to come, of rows that have not ended
        self.begun: dict[str, float] = {}          # when the first of these began

    def expect(self, row: str, names: Sequence[str]) -> None:
        self.left[row] = list(names)

    def begin(self, row: str, step: str, now: float) -> None:
        """A row has come to a step: the one before it is over."""
        with self.lock:
            left = self.left.get(row, [])
            if step not in left:
                return
            if row in self.begun and left.index(step) == 1:
                self.known.setdefault(row, {})[left[0]] = now - self.begun[row]
            self.left[row], self.begun[row] = left[left.index(step):], now

    def end(self, row: str, whole: bool, now: float) -> None:
        """A row has ended; whole: with its last step. What is known is kept for the next run, if it can be."""
        with self.lock:
            left, begun = self.left.pop(row, []), self.begun.pop(row, None)
            if whole and begun is not None:
                self.known.setdefault(row, {})[left[0]] = now - begun
            content = {**read(self.path), self.pace: self.known}
        try:
            write_atomically(self.path, json.dumps(content, indent=1, sort_keys=True).encode())
        except OSError:
            pass    # it is for the next run's comfort only

    def of(self, row: str, step: str) -> float | None:
        """How long a step takes in a row, or in the mean in others."""
        if step in self.known.get(row, {}):
            return self.known[row][step]
        elsewhere = [names[step] for names in self.known.values() if step in names]
        return statistics.mean(elsewhere) if elsewhere else None

    def rest(self, now: float) -> float | None:
        """Seconds to the end of all rows, so many at a time; None: nobody knows yet."""
        with self.lock:
            rows = []
            for row, names in self.left.items():
                each = [self.of(row, step) for step in names]
                spent = now - self.begun.get(row, now)
                rows.append(sum(took or 0.0 for took in each[1:]) + max(0.0, (each[0] or 0.0) - spent) if each else 0.0)
                if None in each:
                    return None
            return max(*rows, sum(rows) / self.jobs, 0.0) if rows else 0.0


def about(rest: float | None) -> str:
    """A time for people; empty where it is not known, or over."""
    if not rest or rest < 1:
        return ""
    return f"about {rest:.0f} s to go" if rest < 90 else f"about {rest / 60:.0f} min to go"


class Progress:
    """What runs now: on one line of the terminal that changes, for all rows under way together; or, where there is no
    terminal, a line for each when it ends."""
    lock = threading.Lock()                    # guards shown, and the terminal
    shown: "dict[Progress, str]" = {}

    def __init__(self, title: str, row: str = "", operations: Sequence[str] = (), forecast: Forecast | None = None) -> None:
        self.title, self.row, self.operations, self.forecast = title, row, list(operations), forecast
        self.start = time.monotonic()
        self.live = sys.stderr.isatty()

    def place(self, what: str) -> str:
        return f"{what} {self.operations.index(what) + 1}/{len(self.operations)}" if what in self.operations else what

    def rest(self) -> str:
        return about(self.forecast.rest(time.monotonic())) if self.forecast else ""

    def say(self, what: str) -> None:
        if self.forecast:
            self.forecast.begin(self.row, what, time.monotonic())
        with self.lock:
            self.shown[self] = self.place(what)
            self.draw()

    def draw(self) -> None:
        if self.live and self.shown:
            now = time.monotonic()
            texts = [f"{one.title}: {what} ({now - one.start:.0f} s)" for one, what in self.shown.items()]
            text = " | ".join(filter(None, (*texts, self.rest())))
            print(f"\r\033[K{text[:shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)

    def end(self, number: str, reason: str, whole: bool = True) -> None:
        """whole: its last step is over too, and not only given up."""
        if self.forecast:
            self.forecast.end(self.row, whole, time.monotonic())
        with self.lock:
            self.shown.pop(self, None)
            if self.live:
                print("\r\033[K", end="", file=sys.stderr)
            rest = self.rest()
            say(f"{number}{self.title}: {'FAILED: ' + reason if reason else 'done'}, {time.monotonic() - self.start:.0f} s"
                + (f"; {rest}" if rest else ""))
            self.draw()
