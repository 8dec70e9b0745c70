# SPDX-License-Identifier: MIT
"""The emulator's monitor, played by a thread here, and limits in the machine's own time: machines that hang, each with a boot
sector made here for its only program."""
from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

from harness import bench, qmp
from harness.common import BUILD, Problem
from harness.machine import Expired, Machine, Run, make_disk
from harness.patience import PIECES, STILL, Patience
from harness.progress import Progress
from harness.rows import Row
from harness.testing import Context, Failure, require, require_match, test

GREETING = {"QMP": {"version": {}, "capabilities": []}}
EVENT = {"event": "RTC_CHANGE", "data": {"offset": 1}, "timestamp": {"seconds": 1, "microseconds": 0}}
SECTOR = 512
JANUARY = 1_767_225_600      # 2026, of Machine's clock
# Real mode, interrupts on, the firmware's clock interrupt 18 times a second.
IDLE = bytes.fromhex("fb f4 eb fd")                 # sti; hlt; again
BUSY = bytes.fromhex(100 * "90 " + "eb 9a")         # nop, a hundred times; again
# mov al,30h; out 43h,al; mov al,1; out 40h,al; xor al,al; out 40h,al; cli; hlt; again: the timer expires once and never again
STILL_STANDING = bytes.fromhex("b0 30 e6 43 b0 01 e6 40 30 c0 e6 40 fa f4 eb fc")
# mov cx,16384; sti; hlt; loop; mov dx,3f8h; mov al,'K'; out dx,al; mov al,10; out dx,al; hlt; again: a word after 15 minutes
SLOW = bytes.fromhex("b9 00 40 fb f4 e2 fd ba f8 03 b0 4b ee b0 0a ee f4 eb fd")


@contextlib.contextmanager
def played(*answers: Sequence[Any], greeting: Sequence[Any] = (GREETING,)) -> Iterator[tuple[qmp.Client, list[Any]]]:
    """A client whose other side says greeting and, whenever a command has come, the next of answers: messages, or bytes as they
    are; ID stands for the command's own number. Then it closes. Second: the commands that came."""
    ours, theirs = socket.socketpair()
    heard: list[Any] = []

    def say(messages: Sequence[Any], number: int) -> None:
        for message in messages:
            if isinstance(message, dict):
                message = json.dumps({key: number if value == "ID" else value for key, value in message.items()}).encode() + b"\n"
            theirs.sendall(message)

    def play() -> None:
        with theirs, theirs.makefile("r") as stream:
            say(greeting, 0)
            for answer in answers:
                line = stream.readline()
                if not line:
                    return
                heard.append(json.loads(line))
                say(answer, heard[-1]["id"])

    thread = threading.Thread(target=play, daemon=True)
    thread.start()
    client = qmp.Client(ours)
    try:
        yield client, heard
    finally:
        client.close()
        thread.join(10)
    require(not thread.is_alive(), "the connection was not closed")


def refuses(pattern: str, action: Callable[[], Any]) -> None:
    """A Problem of one line, and soon."""
    start = time.monotonic()
    try:
        action()
    except Problem as problem:
        require("\n" not in str(problem), f"more than a line: {problem}")
        require_match(pattern, str(problem), "the problem")
        require(time.monotonic() - start < 5, "it took long to say so")
        return
    raise Failure(f"no problem /{pattern}/")


AGREED = [{"return": {}, "id": "ID"}]


@test("qmp-answers")
def answers(_: Context) -> None:
    with played([EVENT, *AGREED], [EVENT, {"return": 7, "id": 99}, {"return": [1], "id": "ID"}],
                [b'{"return": {"a"', b': 2}, "id": 2}\r\n']) as (client, heard):
        require(not heard, "it said something before it was told to")
        require(client.execute("query-x") == [1], "the first answer")
        require(client.execute("qom-get", path="/machine", property="p") == {"a": 2}, "the second answer")
    require([one["execute"] for one in heard] == ["qmp_capabilities", "query-x", "qom-get"], f"commands: {heard}")
    require("arguments" not in heard[1] and heard[2]["arguments"] == {"path": "/machine", "property": "p"}, f"arguments: {heard}")


@test("qmp-errors")
def errors(_: Context) -> None:
    wrong = {"error": {"class": "GenericError", "desc": "two\nlines"}, "id": "ID"}
    with played(AGREED, [wrong], [{"return": 1, "id": "ID"}]) as (client, _heard):
        refuses(r"^the emulator refuses query-x: two\.lines$", lambda: client.execute("query-x"))
        require(client.execute("query-y") == 1, "the answer after a refusal")
        refuses("has ended", lambda: client.execute("query-z"))
    with played(AGREED, [b"no JSON\n"]) as (client, _heard):
        refuses("speaks no QMP: no JSON", lambda: client.execute("query-x"))
    with played([wrong]) as (client, _heard):
        refuses("does not negotiate", lambda: client.execute("query-x"))
    for greeting in ([b"17\n"], [b"\xff\xfe\n"], [b"[" * 100000 + b"\n"]):
        with played(greeting=greeting) as (client, _heard):
            refuses("speaks no QMP", lambda: client.execute("query-x"))


@test("qmp-ends")
def ends(_: Context) -> None:
    """The emulator may end at any moment."""
    for greeting, said in (((), ()), ((GREETING,), ()), ((GREETING,), (AGREED,)), ((GREETING,), (AGREED, [b'{"return": '])),
                           ((b'{"QM',), ())):
        with played(*said, greeting=greeting) as (client, _heard):
            refuses("has ended", lambda: client.execute("query-x"))
    ours, theirs = socket.socketpair()
    theirs.close()
    refuses("has ended", lambda: qmp.Client(ours).execute("query-x"))
    client = qmp.Client(ours)
    client.close()
    refuses("has ended", lambda: client.execute("query-x"))


@test("qmp-late")
def late(_: Context) -> None:
    """An answer that does not come is not waited for; when it does, it is nobody's, and later ones are told apart."""
    ours, theirs = socket.socketpair()
    client = qmp.Client(ours)

    def tell(*messages: Any) -> None:
        theirs.sendall(b"".join(json.dumps(message).encode() + b"\n" for message in messages))

    with theirs:
        refuses("does not answer", lambda: client.execute("query-x", within=0.1))
        tell(GREETING)
        refuses("does not answer", lambda: client.execute("query-x", within=0.1))
        tell({"return": {}, "id": qmp.AGREEMENT})
        refuses("does not answer", lambda: client.execute("query-x", within=0.1))
        tell({"return": "late", "id": 1}, {"return": "right", "id": 2})
        require(client.execute("query-x", within=5) == "right", "an answer to another command was taken")
        stop = threading.Event()

        def chatter() -> None:
            with contextlib.suppress(OSError):
                while not stop.is_set():
                    tell(EVENT)

        thread = threading.Thread(target=chatter, daemon=True)
        thread.start()
        refuses("does not answer", lambda: client.execute("query-x", within=0.3))
        stop.set()
        client.close()
        thread.join(10)


def turns(patience: Patience, readings: Sequence[int | None], asleep: bool = False) -> tuple[int, str]:
    """Number of readings until it is over."""
    for number, now in enumerate(readings, start=1):
        if why := patience.over(now, asleep):
            return number, why
    return 0, ""


@test("patience")
def patience(_: Context) -> None:
    require(turns(Patience(30), range(1000, 1100)) == (31, "in 30 s of the machine's own time"), "a clock that goes")
    require(turns(Patience(30), [0, 10 ** 6] + [10 ** 6] * 50) == (0, ""), "a clock that is set forward")
    require(turns(Patience(30), [100, 120, 0, 5, 3, 4]) == (0, ""), "a clock that is set back")
    require(turns(Patience(30), [100, None, 200, None, 300, None]) == (0, ""), "a clock that is not there")
    require(turns(Patience(30), range(0, 10 ** 6, 10 ** 4))[0] in (PIECES + 1, PIECES + 2), "idle time that is skipped")
    require(turns(Patience(30), [5] * 100) == (0, ""), "a busy machine whose clock has stopped")
    number, why = turns(Patience(30), [5] * 100, asleep=True)
    require(number == STILL + 1 and "stood still" in why, f"a machine that stands still: {number}, {why}")


def sector(name: str, code: bytes) -> Machine:
    """A machine that does only this, in silence."""
    disk = make_disk(BUILD / "tests" / f"{name}.img", 1)
    with disk.open("r+b") as stream:
        stream.write(code.ljust(SECTOR - 2, b"\0") + b"\x55\xaa")
    return Machine(kernel=None, disk=disk, memory=64)


def hang(run: Run, pattern: str, virtual: float) -> None:
    start = time.monotonic()
    try:
        run.expect("there is no such word", 300, virtual)
    except Expired as expired:
        require_match(pattern, str(expired), "why it is not waited for any longer")
        require(time.monotonic() - start < 200, "it was waited for as if time were the host's")
        return
    raise Failure("what was never said was found")


@test("machine-hangs")
def hangs(t: Context) -> None:
    for name, code, virtual in (("idle", IDLE, 1000), ("busy", BUSY, 3)):
        with t.check(name), t.run(sector(f"hang-{name}", code), 400, f"-{name}") as run:
            hang(run, rf"^no /.*/ in {virtual} s of the machine's own time; last said: nothing$", virtual)
            require((run.virtual_seconds() or 0) >= JANUARY + virtual, "its clock does not go from January 2026 on")
            kept = Path(f"{t.log}.registers").read_text()
            require(len(re.findall(r"\b[ER]IP=", kept)) == 3, f"registers: {kept[:100]}")
    with t.check("still"), t.run(sector("hang-still", STILL_STANDING), 400, "-still") as run:
        hang(run, "before the machine stood still, with no timer armed", 1000)
    with t.check("slow"), t.run(sector("hang-slow", SLOW), 400, "-slow") as run:
        run.quiet = 0.05
        run.expect("K", 300, 10000)
    with t.check("ended"), t.run(sector("hang-ended", IDLE), 400, "-ended") as run:
        run.begun()
        run.kill()
        run.wait(60)
        require(run.virtual_seconds() is None, "a machine that has ended tells its time")


class Silent(Progress):
    def say(self, what: str) -> None:
        """Nothing: the terminal has the tests' results."""


@test("bench-hangs")
def bench_hangs(t: Context) -> None:
    """A row whose machine hangs fails long before its LIMIT."""
    row = Row("pv")
    with t.run(sector("bench-hangs", IDLE), 400) as run:
        try:
            bench.follow(row, run, ["getppid"], 300, Silent(row.title))
        except Expired as expired:
            require_match(rf"in {bench.BOOT_TIME} s of the machine's own time", str(expired), "the reason")
            require(time.monotonic() - run.started < 200, "it took as long as if time were the host's")
            return
    raise Failure("a machine without a kernel has booted")
