# SPDX-License-Identifier: MIT
"""A short make bench: the bare machine and guests, every operation measured, the report's files there; and one that is
interrupted."""
from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from typing import Mapping, Sequence

from harness import accounts, images, results
from harness.rows import DEFAULT_OPERATIONS, IDENTITY, MAY_BE_ABSENT, NETWORK_OPERATIONS, OPERATIONS, UNMARKED
from harness.common import BUILD, ROOT, run as run_program
from harness.testing import Context, Failure, require, require_match, test


def heed_interrupts() -> None:
    """A shell without job control has its background jobs ignore them, and tests may be such a job."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(t: Context, out: Path, *words: str) -> subprocess.Popen[str]:
    shutil.rmtree(out, ignore_errors=True)
    which = ["--hypervisor", str(t.hypervisor)] if t.on_prism else ["--only-peer"]
    return subprocess.Popen([sys.executable, "-m", "harness.bench", "--quick", "--jobs", "1", "--out", str(out), *which,
                             *words], cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, preexec_fn=heed_interrupts)


FORKS = ("copy_on_write", "fork_exit", "fork_exec", "vfork_exec")
FAULT = 12000         # a page fault of the program's on a page that a fork has made shared, in the dearest row


def at_edges(name: str, account: accounts.Account, paid: Mapping[str, float]) -> float:
    """What may lie between a mark and the reading of the clock beside it: some instructions; after forks perhaps a page of the
    program's own that it does not share any more, which depends on where its stack is; and once an interrupt, with who had the
    CPU for it."""
    interrupted = sum(paid[part] for part in ("interrupts", "control-user", "control", "control-hv"))
    return (200 + (FAULT if name in FORKS else 0)) * account["rounds"] + min(interrupted, 20000)


def accounted(row: results.Row) -> None:
    """Each operation has an account; its parts are its whole, nobody has a negative part, nothing is nobody's on one CPU, and
    the whole is what the guest's own clock has shown, but for what the marks themselves take."""
    require(set(row["accounts"]) == set(row["costs"]) - set(UNMARKED), f"{row['mode']}: accounts of {sorted(row['accounts'])}")
    for name, account in row["accounts"].items():
        paid = accounts.parts(account)
        where = f"{row['mode']}, {name}: {paid}"
        require(accounts.missing(account) == 0, f"{where} are not {account['ticks']}")
        require(min(paid.values()) >= 0 and paid["other"] == 0, where)
        require(account["rounds"] == len(row["costs"][name]), f"{where}: {account['rounds']} brackets")
        shown = sum(row["costs"][name]) * account["operations"] / account["rounds"]
        between = account["ticks"] - paid["mark"] - shown
        require(0 <= between <= at_edges(name, account, paid),
                f"{where}: {account['ticks']} ticks, and by the guest's clock {shown}")


@test("bench")
def bench(t: Context) -> None:
    """Every row in a long run; else those that differ most, each of which has something that no other has."""
    out = BUILD / "tests" / "bench"
    modes = list(images.GUEST_ROWS) if t.soak else ["pv", "pvh", "hvm"]
    running = start(t, out, "--modes", " ".join(["native", *modes]))
    text = running.communicate()[0]
    t.log = out / ("hvm.log" if t.on_prism else "xen-hvm.log")
    if running.returncode:
        raise Failure(" | ".join(line for line in text.splitlines() if "FAIL" in line or "prism:" in line)[:400])
    result = results.load(out)
    require(result["complete"], "the result is marked incomplete")
    native, *guests = result["rows"]
    require([row["mode"] for row in guests] == modes, "rows are missing")
    for row in guests:
        require(row["identity"] == native["identity"] and set(row["identity"]) == set(IDENTITY),
                f"{row['mode']} did not run what the bare machine ran")
        require(set(row["costs"]) | set(row["absent"]) == set(DEFAULT_OPERATIONS), f"{row['mode']}: operations are missing")
        require(set(row["absent"]) <= set(MAY_BE_ABSENT), f"{row['mode']}: more than may be is absent")
        require(all(min(rounds) > 0 for rounds in row["costs"].values()), f"{row['mode']}: an operation costs nothing")
        require(row["create_ticks"] > 0 and row["create_wall_seconds"] > 0, f"{row['mode']}: xl create took no time")
        require(row["marks"] == t.on_prism, f"{row['mode']}: marks " + ("are not taken" if t.on_prism else "should be illegal"))
    require(set(native["absent"]) - set(MAY_BE_ABSENT) == set(DEFAULT_OPERATIONS) & set(NETWORK_OPERATIONS),
            "the bare machine has more or less than no network")
    read = {row["mode"]: row["costs"]["read_4k"][0] for row in guests}
    require(guests[0]["costs"]["getppid"][0] > native["costs"]["getppid"][0],
            "a system call in PV costs less than on the machine")
    require(read["hvm"] > 2 * read["pvh"], "reading an emulated disk costs hardly more than a PV disk: which one was it?")
    require((out / "bench.png").read_bytes().startswith(b"\x89PNG"), "no picture")
    require("<svg" in (out / "report.html").read_text() and (out / "results.csv").exists(), "no report")
    if t.on_prism:
        for row in guests:
            accounted(row)
        account = guests[0]["accounts"]["getppid"]
        for event in ("syscall", "iret"):
            count = accounts.counts(account["domain"])[event]
            require(0 <= count - account["operations"] < 100, f"{count} of {event} in {account['operations']} system calls")
        faults = guests[0]["accounts"]["page_fault"]
        count = accounts.kinds(faults["domain"]).get("trap:page-fault", 0)
        require(0 <= count - faults["operations"] < 100, f"{count} page faults arrived, {faults['operations']} were made")
        leaves = guests[1]["accounts"]["cpuid"]["domain"]
        require(accounts.kinds(leaves).get("exit:cpuid") == accounts.counts(leaves)["cpuid"], f"exits: {accounts.kinds(leaves)}")


ROWS_OPERATIONS = ("getppid", "read_4k", "net_trip")


def rows_run(t: Context, turn: str, modes: Sequence[str]) -> dict[str, tuple[results.Row, bytes]]:
    """By mode: its row, and all its machine said."""
    out = BUILD / "tests" / f"bench-rows-{turn}"
    running = start(t, out, "--modes", " ".join(modes), "--ops", " ".join(ROWS_OPERATIONS))
    text = running.communicate()[0]
    t.log = out / f"{modes[-1]}.log"
    require(running.returncode == 0, " | ".join(line for line in text.splitlines() if "FAIL" in line or "prism:" in line)[:400])
    return {row["mode"]: (row, (out / row["log"]).read_bytes()) for row in results.load(out)["rows"]}


def differs(one: tuple[results.Row, bytes], other: tuple[results.Row, bytes]) -> str:
    """Where two runs of a row are not the same to the last instruction and the last byte; empty, if they are."""
    for what in ("costs", "accounts", "create_ticks"):
        if one[0][what] != other[0][what]:
            return f"{what}: {one[0][what]}, {other[0][what]}"[:300]
    return next((f"serial log: {a!r}, {b!r}" for a, b in zip_longest(one[1].splitlines(), other[1].splitlines()) if a != b), "")


@test("bench-rows")
def rows(t: Context) -> None:
    """Few operations in all rows, and in some again: the same instructions, the same bytes, as `regress-bench` and
    `boot-repeats` find them in every run. A host that is busy elsewhere can hold up the emulator's own threads
    (docs/machine.md), so a third run decides where two differ."""
    t.long_only()
    modes, again = list(images.GUEST_ROWS), ("pv", "pvh", "pvhvm", "hvm")
    first = rows_run(t, "a", modes)
    require(list(first) == modes, f"there are the rows {', '.join(first)}")
    for mode, (row, _) in first.items():
        require(set(row["costs"]) == set(ROWS_OPERATIONS), f"{mode}: costs of {sorted(row['costs'])}")
        require(row["identity"] == first[modes[0]][0]["identity"], f"{mode} did not run what {modes[0]} ran")
        if t.on_prism:
            accounted(row)
    second = rows_run(t, "b", again)
    different = {mode: where for mode in again if (where := differs(first[mode], second[mode]))}
    third = rows_run(t, "c", list(different)) if different else {}
    for mode, where in different.items():
        agrees = not differs(first[mode], third[mode]) or not differs(second[mode], third[mode])
        require(agrees, f"{mode}: three runs differ; {where}")


@test("bench-interrupted")
def interrupted(t: Context) -> None:
    """What was measured until then is kept, and says that it is not all."""
    out = BUILD / "tests" / "bench-interrupted"
    running = start(t, out, "--modes", "native pv")
    assert running.stdout
    for line in running.stdout:
        if line.startswith("[1/2] bare machine: done"):
            break
    running.send_signal(signal.SIGINT)
    text = running.communicate()[0]
    require(running.returncode == 130, f"status {running.returncode}, not 130")
    require_match(r"INCOMPLETE", text, "the table")
    result = results.load(out)
    require(not result["complete"], "the result is not marked incomplete")
    native, pv = result["rows"]
    require(set(native["costs"]) == set(DEFAULT_OPERATIONS) - set(native["absent"]) != set(), "what was measured is not kept")
    require(pv["reason"] == "interrupted", f"the row that was interrupted says: {pv['reason']}")


@test("bench-cpus")
def cpus(t: Context) -> None:
    """With two CPUs, what is between CPUs has a price, and the parts of an account add up to the time of both."""
    t.long_only()
    out, names = BUILD / "tests" / "bench-cpus", {"futex_trip", "membarrier_ipi"}
    modes = ["pv", "pvh"]
    running = start(t, out, "--modes", " ".join(modes), "--cpus", "2", "--ops", " ".join(names), "--limit", "600")
    text = running.communicate()[0]
    t.log = out / ("pv-2cpus.log" if t.on_prism else "xen-pv-2cpus.log")
    require(running.returncode == 0,
            " | ".join(line for line in text.splitlines() if "FAIL" in line or "prism:" in line)[:400])
    rows = results.load(out)["rows"]
    require([(row["mode"], row["cpus"], row["identity"]["vcpus"]) for row in rows] == [(mode, 2, "2") for mode in modes],
            f"these are not guests of two vCPUs each: {' '.join(modes)}")
    for row in rows:
        require(set(row["costs"]) == names and not row["absent"], f"{row['mode']}: costs of {sorted(row['costs'])}")
        require(set(row["accounts"]) == (names if t.on_prism else set()),
                f"{row['mode']}: accounts of {sorted(row['accounts'])}")
        for name, account in row["accounts"].items():
            paid = accounts.parts(account)
            where = f"{row['mode']}, {name}: {paid}"
            require(accounts.missing(account) == 0, f"{where} are not {account['ticks']}")
            require(min(paid[part] for part in paid if part != "other") >= 0, where)
            time = sum(row["costs"][name]) * account["operations"] / account["rounds"]
            require(0 <= account["ticks"] / 2 - paid["mark"] - time <= at_edges(name, account, paid),
                    f"{where}: {account['ticks']} ticks of two CPUs, and by the guest's clock {time}")


def refused(*words: str) -> str:
    """What make bench says of words that it does not go on with: one line."""
    done = subprocess.run([sys.executable, "-m", "harness.bench", *words], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    require(done.returncode == 2, f"{' '.join(words)}: status {done.returncode}, not 2")
    require(done.stdout.startswith("prism: ") and done.stdout.count("\n") == 1, f"more than a line: {done.stdout[:400]}")
    return done.stdout


@test("bench-bad-words")
def bad_words(t: Context) -> None:
    for words in ("0", "x", "5", "-1", "1,x", "1 2 0", "", "99999999999"):
        require_match(r"is no number of CPUs: 1 to 4, or several", refused(f"--cpus={words}"), f"CPUS={words}")
    require_match(r"there is no accelerator foo; ACCEL=tcg or ACCEL=kvm$", refused("--accel", "foo"), "ACCEL=foo")
    require_match(r"one round .* no spread", refused("--accel", "kvm", "--quick"), "ACCEL=kvm QUICK=1")
    require_match(r"MODEL= is for ACCEL=kvm", refused("--model", "results/none"), "MODEL= alone")
    running = start(t, BUILD / "tests" / "bench-bad", "--modes", "native pw")
    text = running.communicate()[0]
    require(running.returncode == 2, f"status {running.returncode}, not 2")
    require_match(r"^prism: there is no mode pw; modes: native, control, pv, pvh, pvhvm, pvio, hvm$", text, "the answer")


@test("bench-operations")
def operations(t: Context) -> None:
    """What the harness waits for is what the guest's program has, in its order, and no two are marked with one number."""
    program = images.build_program("bench-list", sorted((ROOT / "harness/guest").glob("*.c")))
    listed = [line.split() for line in run_program(program, "list").splitlines()]
    require(tuple(name for _, name in listed) == OPERATIONS, "harness/rows.py and the guest do not have the same operations")
    require(len({number for number, _ in listed}) == len(listed), "two operations are marked with the same number")
    running = start(t, BUILD / "tests" / "bench-bad", "--ops", "getppid getpp")
    text = running.communicate()[0]
    require(running.returncode == 2, f"status {running.returncode}, not 2")
    require_match(r"^prism: there is no operation getpp; operations: all, getppid, ", text, "the answer")
