# SPDX-License-Identifier: MIT
"""How long a step of a run may take by the machine's own clock, which is the same on every computer."""
from __future__ import annotations

PIECES = 3    # of a step's time; no reading takes more than one: a guest that sets the clock once does not end its step
STILL = 10    # readings, a second or more from one to the next


class Patience:
    """A step's time, which begins at the first reading."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._passed = 0.0
        self._before: int | None = None
        self._still = 0

    def over(self, now: int | None, asleep: bool) -> str:
        """Told what the machine's clock shows, in seconds (None: unknown), and whether nothing in the emulator runs. Says why
        the step will not be waited for any longer; empty: it will."""
        before, self._before = self._before, now
        if now is None or before is None:
            return ""
        self._passed += min(max(0, now - before), self.seconds / PIECES)
        if self._passed >= self.seconds:
            return f"in {self.seconds:.0f} s of the machine's own time"
        self._still = self._still + 1 if asleep and now == before else 0
        return "before the machine stood still, with no timer armed" if self._still >= STILL else ""
