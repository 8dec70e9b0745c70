# SPDX-License-Identifier: MIT
"""The emulator's own monitor: as much of QMP as it takes to ask it something.
https://www.qemu.org/docs/master/interop/qmp-spec.html"""
from __future__ import annotations

import json
import socket
import time
from typing import Any

from harness.common import fail, printable

PATIENCE = 20         # seconds that a busy computer's emulator may take to answer
LONGEST = 1 << 22     # bytes of a message
AGREEMENT = 0         # the number of the command that ends the negotiation; others count from 1


class Client:
    """A connection, which says nothing before the first command. For one thread at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._input = b""
        self._number = AGREEMENT
        self._agreed = False

    def close(self) -> None:
        self._socket.close()

    def execute(self, command: str, /, within: float = PATIENCE, **arguments: Any) -> Any:
        """What the emulator returns; what it says of its own accord is passed over. Problem: it refuses, it has ended, or it
        has not answered within so many seconds; an answer that comes later is passed over too."""
        end = time.monotonic() + within
        self._agree(end)
        self._number += 1
        self._send(self._number, command, arguments)
        while True:
            message = self._message(end)
            if "error" in message and message.get("id") in (self._number, None):
                fail(f"the emulator refuses {command}: {refusal(message['error'])}")
            if "return" in message and message.get("id") == self._number:
                return message["return"]

    def _agree(self, end: float) -> None:
        """Greeting and negotiation, or what a call that ran out of time has left of them."""
        while not self._agreed:
            message = self._message(end)
            if "QMP" in message:
                self._send(AGREEMENT, "qmp_capabilities", {})
            elif "error" in message:
                fail(f"the emulator's monitor does not negotiate: {refusal(message['error'])}")
            else:
                self._agreed = "return" in message and message.get("id") == AGREEMENT

    def _send(self, number: int, command: str, arguments: dict[str, Any]) -> None:
        message: dict[str, Any] = {"execute": command, "id": number}
        if arguments:
            message["arguments"] = arguments
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self.close()    # half a message may be out: nothing can follow it
            fail("the emulator has ended, or does not listen to its monitor")

    def _message(self, end: float) -> dict[str, Any]:
        while (length := self._input.find(b"\n")) < 0:
            self._receive(end)
        if time.monotonic() > end:    # for all that it says, nothing of it was the answer
            fail("the emulator does not answer")
        line, self._input = self._input[:length], self._input[length + 1:]
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            fail(f"the emulator's monitor speaks no QMP: {printable(line.decode(errors='replace'))}")
        return message

    def _receive(self, end: float) -> None:
        if len(self._input) > LONGEST:
            fail(f"the emulator's monitor says more than {LONGEST} bytes at once")
        block = b""
        try:
            self._socket.settimeout(max(0.001, end - time.monotonic()))
            block = self._socket.recv(65536)
        except TimeoutError:
            fail("the emulator does not answer")
        except OSError:
            pass    # closed on either side
        if not block:
            fail("the emulator has ended")
        self._input += block


def refusal(error: Any) -> str:
    return printable(str(error.get("desc", error) if isinstance(error, dict) else error))
