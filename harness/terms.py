# SPDX-License-Identifier: MIT
"""What the words of a result mean, a line each: rows, columns, operations and the groups they are shown in."""
from __future__ import annotations

import textwrap
from typing import Sequence

# A row of the benchmark, by mode.
ROWS = {
    "native": "Linux on the machine itself, in ring 0: what the other rows are compared with",
    "control": "the control domain itself, a PV guest with the machine's own disk",
    "pv": "the kernel runs in ring 3 and asks the hypervisor for what only ring 0 may do; disk, network and interrupts "
          "are agreed upon with the hypervisor",
    "pvh": "the kernel runs in ring 0 of a hardware container, on a machine without a PC's devices; else as PV",
    "pvhvm": "a container that looks like a PC; the kernel knows better, and takes interrupts, timers, disk and network "
             "as PV does",
    "pvio": "a PC in a container, with a PC's interrupts and timers; only disk and network as PV does",
    "hvm": "a PC in a container, all of it emulated; the kernel knows of no hypervisor"}

# Who pays: the columns of the virtualization spectrum, and who else may.
COLUMNS = {
    "privileged": "what only a kernel in ring 0 may do: page tables, system calls and faults on their way to it, return from "
                  "them",
    "platform": "what the machine is: CPUID, model-specific registers, what clocks it reads",
    "interrupts": "interrupts, timers, and waiting for them: how the guest learns of something, and sleeps until then",
    "io": "disk and network: devices' registers, and memory that is shared with who drives the real device",
    "control": "the control domain, which drives disk and network for guests: its kernel, QEMU, and Prism's work for both"}

GROUPS = {"calls": "system calls", "memory": "memory", "processes": "processes and switches",
          "time": "timers and instructions that may trap", "devices": "disk and network", "boot": "boot",
          "loads": "known loads"}

# An operation's group, and what it is.
OPERATIONS = {
    "getppid": ("calls", "a system call that does nothing"),
    "read_1": ("calls", "a byte read from /dev/zero"),
    "write_1": ("calls", "a byte written to /dev/null"),
    "stat": ("calls", "stat of one short path"),
    "open_close": ("calls", "a file opened and closed"),
    "signal_install": ("calls", "another handler set for a signal"),
    "signal_deliver": ("calls", "a signal to oneself: kill, the handler, and back"),
    "clock_gettime": ("calls", "the time, by the C library, which asks the kernel only where it must"),
    "getcpu": ("calls", "which CPU, as a system call"),
    "page_fault": ("memory", "first write to a page of fresh memory"),
    "file_fault": ("memory", "first write to a page of a file in memory"),
    "copy_on_write": ("memory", "first write to a page that a child shares"),
    "mmap_munmap": ("memory", "16 pages mapped, one of them written, unmapped"),
    "mprotect": ("memory", "16 present pages made read-only or writable"),
    "fork_exit": ("processes", "a process with 8 MiB made by fork; it ends, and is waited for"),
    "fork_exec": ("processes", "the same, and it runs a program"),
    "vfork_exec": ("processes", "the same by vfork, without a copy of the page tables"),
    "pipe_trip": ("processes", "a byte to another process and one back: two switches"),
    "thread_trip": ("processes", "the same to another thread"),
    "futex_trip": ("processes", "a thread on another CPU woken, which wakes the first one (two CPUs)"),
    "membarrier_ipi": ("processes", "an interrupt to another CPU, and its answer (two CPUs)"),
    "sleep_late": ("time", "how much later than asked for a sleep of 100 us ends"),
    "timer_interrupt": ("time", "what a program misses while a timer's interrupt is handled"),
    "cpuid": ("time", "the instruction CPUID"),
    "tsc_read": ("time", "the instruction RDTSC"),
    "hpet_read": ("time", "a register of the HPET, a timer in memory (where there is one)"),
    "pm_timer_read": ("time", "the ACPI timer's port (where there is one)"),
    "port_read": ("time", "port 80H, which has nothing behind it"),
    "read_4k": ("devices", "4 KiB read from the disk, past the page cache"),
    "write_4k": ("devices", "4 KiB written to it"),
    "read_64k": ("devices", "64 KiB read from it"),
    "write_64k": ("devices", "64 KiB written to it"),
    "fsync": ("devices", "4 KiB written through the page cache, and the wait until the disk has them"),
    "read_4k_q32": ("devices", "one of 32 reads of 4 KiB that are under way at once"),
    "write_4k_q32": ("devices", "one of 32 such writes"),
    "net_trip": ("devices", "a datagram to the control domain and the answer back"),
    "udp_send": ("devices", "a datagram of 1,472 bytes to there"),
    "tcp_send_64k": ("devices", "64 KiB of a stream to there"),
    "boot_process": ("boot", "until the kernel's first process runs, by the kernel's own clock: loading and unpacking come "
                             "before that"),
    "boot_read": ("boot", "the same until that process has read a block of the disk")}

# Not between two places of a program: the boot is over when it is known that there was one.
UNEXPLAINED = ("boot_process", "boot_read")


def group_of(name: str) -> str:
    return OPERATIONS[name][0] if name in OPERATIONS else "loads"


def grouped(names: Sequence[str]) -> dict[str, list[str]]:
    """Names by group, in the groups' order; without groups that have none."""
    found = {group: [name for name in names if group_of(name) == group] for group in GROUPS}
    return {group: members for group, members in found.items() if members}


def help_text(names: Sequence[str]) -> str:
    """A line for each of them, for --help."""
    lines = ["operations:"]
    for group, members in grouped(names).items():
        lines.append(f"  {GROUPS[group]}")
        for name in members:
            lines += textwrap.wrap(OPERATIONS[name][1], 118, initial_indent=f"    {name:<16}", subsequent_indent=" " * 20)
    return "\n".join(lines)
