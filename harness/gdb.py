# SPDX-License-Identifier: MIT
"""The emulator's debugger port: as much of the GDB remote protocol as it takes to stop a machine at places and to look.
https://sourceware.org/gdb/current/onlinedocs/gdb.html/Remote-Protocol.html"""
from __future__ import annotations

import select
import socket
import time
from pathlib import Path
from typing import Callable

from harness.machine import Expired


class Debugger:
    """A connection to a machine that was started with -S and has begun (Run.begun): it stands until go()."""

    def __init__(self, path: Path, alive: Callable[[], bool]) -> None:
        """alive: whether the emulator still runs. It is asked in every wait, and may take in what the machine says."""
        self.alive = alive
        self.watching: Callable[[], None] = lambda: None    # called in every wait
        self.socket = socket.socket(socket.AF_UNIX)
        self.input = b""
        try:
            self.socket.connect(str(path))
        except OSError as error:
            raise Expired("the emulator does not offer its debugger port") from error

    def close(self) -> None:
        self.socket.close()

    def _receive(self, end: float) -> None:
        while not select.select([self.socket], [], [], 0.2)[0]:
            self.watching()
            if not self.alive():
                raise Expired("the machine ended")
            if time.monotonic() > end:
                raise Expired("the machine hangs, or takes longer than LIMIT says")
        block = self.socket.recv(65536)
        if not block:
            raise Expired("the machine ended")
        self.input += block

    def _packet(self, end: float) -> bytes:
        while True:
            start = self.input.find(b"$")
            stop = self.input.find(b"#", start)
            if start >= 0 and stop >= 0 and len(self.input) >= stop + 3:
                content, self.input = self.input[start + 1:stop], self.input[stop + 3:]
                self.socket.sendall(b"+")
                return content
            self._receive(end)

    def _send(self, words: str) -> None:
        data = words.encode()
        self.socket.sendall(b"$" + data + b"#%02x" % (sum(data) & 0xff))

    def ask(self, words: str, timeout: float = 60) -> str:
        self._send(words)
        return self._packet(time.monotonic() + timeout).decode("latin-1")

    def monitor(self, command: str) -> str:
        """A command of the emulator's own monitor; what it printed."""
        answer, text = self.ask(f"qRcmd,{command.encode().hex()}"), ""
        while answer.startswith("O") and answer != "OK":
            text += bytes.fromhex(answer[1:]).decode("latin-1")
            answer = self._packet(time.monotonic() + 60).decode("latin-1")
        return text

    def place(self, address: int, on: bool) -> None:
        self.ask(f"{'Z' if on else 'z'}0,{address:x},1")

    def memory(self, address: int, size: int) -> bytes | None:
        """By the page tables in force. None: nothing is there."""
        answer = self.ask(f"m{address:x},{size:x}")
        return None if answer.startswith("E") else bytes.fromhex(answer)

    def number(self, address: int, size: int = 8) -> int:
        return int.from_bytes(self.memory(address, size) or b"", "little")

    def go(self, timeout: float) -> None:
        """On, until a place is reached. Raises Expired."""
        self._send("c")
        self._packet(time.monotonic() + timeout)

    def leave(self) -> None:
        """On, for good."""
        self.ask("D")
