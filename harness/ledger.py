# SPDX-License-Identifier: MIT
"""The hypervisor's ledger, event by event: how often each happened in one operation, and what Prism has spent on it, by the
domain it was done for and by column. Names are those that the hypervisor gives: events are crossings and parts of them; a name
with a colon, as in hypercall:NAME, says which one of a kind."""
from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from harness import accounts

OWNERS = {"domain": "guest", "control": "control domain"}
# What events are, where the name alone does not say it.
MEANINGS = {
    # of one of a kind, counted within crossings that are charged above
    "hypercall:": "hypercall, by its name", "exit:": "exit of a container, by its reason", "trap:": "trap, by its vector",
    "syscall": "system call of a PV program, bounced to its kernel",
    "iret": "return of a PV kernel to where it was interrupted",
    "exception": "exception bounced to a PV kernel", "page-fault": "page fault bounced to a PV kernel",
    "page-table-hypercall": "page-table operations that a PV kernel asks for",
    "page-table-write": "write to a page table that traps and is carried out",
    "nested-page-fault": "access of a container to what is no memory of its own",
    "cr3-load": "change of page tables", "tlb-flush": "flush of the whole TLB",
    "tlb-page-flush": "flush of one page from the TLB",
    "vcpu-switch": "world switch: another vCPU gets the CPU", "upcall": "event or interrupt injected into the domain",
    "device-model-request": "I/O request handed to the device model (QEMU)",
    "grant": "grants: memory shared between domains", "event-channel": "events sent to another domain, or set up",
    "schedule": "the vCPU waits, yields, or is made to", "timer": "the vCPU's timer is set, or has gone off",
    "halt": "the vCPU waits for an interrupt",
    "interrupt-window": "the guest can take an interrupt now that it could not before",
    "physical-interrupt": "interrupt of the machine itself", "local-apic": "register of an emulated local APIC",
    "port": "access to a port", "msr": "access to a model-specific register", "cpuid": "CPUID",
    "hypercall": "other hypercalls",
    "emulated-instruction": "privileged instruction that traps and is carried out", "fpu": "first use of the FPU",
    "platform-hypercall": "hypercalls about the machine", "platform-device": "device of the platform's, as the HPET",
    "device-memory": "register of an emulated device, in memory", "console": "the console's ring and hypercall",
    "other-exit": "exit for another reason", "mark": "the benchmark's own mark"}


@dataclass(frozen=True)
class Event:
    """One event's part of one operation."""
    owner: str      # of OWNERS
    column: str     # of accounts.COLUMNS
    name: str
    count: float    # an operation
    ticks: float    # an operation: instructions of Prism's, or TSC cycles; 0 of what is part of others
    share: float    # of all between the marks


def events(account: accounts.Account) -> list[Event]:
    """What there was between an operation's marks, the dearest first, then the most frequent."""
    found = []
    for owner in OWNERS:
        for place, (count, ticks) in account[owner]["events"].items():
            column, name = place.split("/", 1)
            found.append(Event(owner, column, name, count / account["operations"], ticks / account["operations"],
                               ticks / account["ticks"] if account["ticks"] else 0))
    return sorted(found, key=lambda event: (-event.ticks, -event.count, event.owner, event.column, event.name))


def meaning(name: str) -> str:
    """What an event is; of one of a kind, what the kind is. Empty, if nobody says."""
    return MEANINGS.get(name) or MEANINGS.get(f"{name.split(':')[0]}:", "")


def as_csv(*parts: dict[str, Any]) -> str:
    """Long format: a line for each row, operation and event."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "mode", "cpus", "operation", "owner", "column", "event", "count_per_operation",
                     "ticks_per_operation", "share"])
    for part in parts:
        for row in part["rows"]:
            for operation in (name for name in part["operations"] if name in row["accounts"]):
                for one in events(row["accounts"][operation]):
                    writer.writerow([row["name"], row["mode"], row.get("cpus", 1), operation, OWNERS[one.owner], one.column,
                                     one.name, round(one.count, 6), round(one.ticks, 3), round(one.share, 6)])
    return text.getvalue()
