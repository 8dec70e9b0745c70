# SPDX-License-Identifier: MIT
"""Measured cycles, ACCEL=kvm: what the computer must have for them, under what conditions they were measured, their median and
spread, and how far a model of an earlier run under the instruction clock was off."""
from __future__ import annotations

import errno
import fcntl
import os
import statistics
import struct
from pathlib import Path
from typing import Any, Sequence

from harness.common import Problem, fail

DEVICE = Path("/dev/kvm")
GET_SUPPORTED_CPUID = 0xc008ae05                 # linux/kvm.h: a count, then so many entries
ENTRIES = 256
HEAD, ENTRY = struct.Struct("<II"), struct.Struct("<7I12x")    # function, index, flags, EAX, EBX, ECX, EDX
EXTENDED, SVM = 0x80000001, 1 << 2               # AMD APM 3, CPUID Fn8000_0001_ECX
OTHERWISE = "or measure with ACCEL=tcg"
PROCESSOR = ("vendor_id", "cpu family", "model", "model name", "stepping", "microcode")


# ---- What the computer must have

def offers_svm(answer: bytes) -> bool:
    """Whether a struct kvm_cpuid2 says that guests may have SVM of their own."""
    count, _ = HEAD.unpack_from(answer)
    for number in range(count):
        function, _, _, _, _, ecx, _ = ENTRY.unpack_from(answer, HEAD.size + number * ENTRY.size)
        if function == EXTENDED:
            return bool(ecx & SVM)
    return False


def supported_cpuid(device: int) -> bytes:
    answer = bytearray(HEAD.size + ENTRIES * ENTRY.size)
    HEAD.pack_into(answer, 0, ENTRIES, 0)
    fcntl.ioctl(device, GET_SUPPORTED_CPUID, answer)
    return bytes(answer)


def check(device: Path = DEVICE) -> None:
    """Problem: nothing can be measured here; what is missing, and what to do."""
    try:
        descriptor = os.open(device, os.O_RDWR)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            fail(f"ACCEL=kvm: {device} is not yours to open: run as root, or join the group kvm, {OTHERWISE}")
        fail(f"ACCEL=kvm: no {device} ({error.strerror}): on an AMD processor, turn on SVM in the firmware and run "
             f"modprobe kvm_amd nested=1, {OTHERWISE}")
    try:
        answer = supported_cpuid(descriptor)
    except OSError as error:
        raise Problem(f"ACCEL=kvm: {device} is no KVM ({error.strerror}); {OTHERWISE.removeprefix('or ')}") from None
    finally:
        os.close(descriptor)
    if not offers_svm(answer):
        fail(f"ACCEL=kvm: KVM on this computer gives its guests no SVM: it takes an AMD processor, and modprobe kvm_amd "
             f"nested=1, {OTHERWISE}")


# ---- Under what conditions

def text_of(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return "unknown"


def conditions(root: Path = Path("/")) -> dict[str, Any]:
    """What the numbers depend on and the emulator's command line does not say; "unknown" where the host does not tell."""
    system = root / "sys/devices/system"
    first = text_of(root / "proc/cpuinfo").split("\n\n")[0]
    pairs = dict(tuple(map(str.strip, line.split(":", 1))) for line in first.splitlines() if ":" in line)
    weaknesses = sorted((system / "cpu/vulnerabilities").glob("*"))
    return {"name": text_of(root / "proc/sys/kernel/hostname"),
            "processor": {name: pairs.get(name, "unknown") for name in PROCESSOR},
            "kernel": text_of(root / "proc/sys/kernel/osrelease"),
            "clocksource": text_of(system / "clocksource/clocksource0/current_clocksource"),
            "governor": text_of(system / "cpu/cpu0/cpufreq/scaling_governor"),
            "mitigations": {path.name: text_of(path) for path in weaknesses}}


# ---- Median and spread, and the model's error

def summary(rounds: Sequence[float]) -> dict[str, Any]:
    """Of at least one round; of an even number the median is the lower one in the middle. Half of all rounds are between the
    quartiles, whose distance to the median's is the spread; of
    one round nobody knows a spread: None."""
    middle = statistics.median_low(rounds)
    first, _, third = statistics.quantiles(rounds, n=4, method="inclusive") if len(rounds) > 1 else (middle, middle, middle)
    return {"rounds": len(rounds), "median": middle, "lowest": min(rounds), "first_quartile": first, "third_quartile": third,
            "highest": max(rounds), "spread": (third - first) / middle if middle and len(rounds) > 1 else None}


def error(band: dict[str, Any], median: float) -> dict[str, Any]:
    """A modelled band beside what was measured: how far each end of it is off, as share of the measured median."""
    return {"low": band["low"], "high": band["high"], "error_low": band["low"] / median - 1,
            "error_high": band["high"] / median - 1, "within": band["low"] <= median <= band["high"]}


def add(row: dict[str, Any], model: dict[str, Any] | None) -> None:
    """Puts `measured`, and where `model`, the same row of a run under the instruction clock, ran the same, `modelled` into a
    row of a result. What failed has neither."""
    row["measured"], row["modelled"] = {}, {}
    same = model is not None and model["identity"] == row["identity"] and bool(row["identity"])
    for operation, rounds in row["costs"].items():
        if operation in row["reasons"] or not rounds:
            continue
        row["measured"][operation] = summary(rounds)
        band = model["cycles"].get(operation) if model and same else None
        if band and row["measured"][operation]["median"]:
            row["modelled"][operation] = error(band, row["measured"][operation]["median"])


# ---- On the terminal

def percent(share: float | None) -> str:
    return "?" if share is None else f"{100 * share:.1f}%"


def table(content: dict[str, Any]) -> str:
    """A line for each row and operation: median, spread, quartiles, and the model's error. Empty where nothing was measured."""
    lines = []
    for row in content["rows"]:
        for operation in content["operations"]:
            found, model = row.get("measured", {}).get(operation), row.get("modelled", {}).get(operation)
            if found:
                off = f"{model['error_low']:+.0%} to {model['error_high']:+.0%}" if model else "-"
                lines.append(f"{row['title']:<26}{operation:<16}{found['median']:>14,.0f}{percent(found['spread']):>8}"
                             f"{found['first_quartile']:>14,.0f}{found['third_quartile']:>14,.0f}{found['rounds']:>8}{off:>18}")
    head = (f"{'measured TSC cycles':<26}{'operation':<16}{'median':>14}{'spread':>8}{'1st quartile':>14}{'3rd quartile':>14}"
            f"{'rounds':>8}{'model is off by':>18}")
    return "\n".join([head, *lines, ""]) if lines else ""
