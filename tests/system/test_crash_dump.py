# SPDX-License-Identifier: MIT
"""A fault of Prism's own: the dump has to lead to the place, by name."""
from __future__ import annotations

from harness.testing import Context, ready, test


@test("crash-dump")
def crash_dump(t: Context) -> None:
    machine = t.machine(hypervisor_words=t.machine().hypervisor_words + " noreboot")
    with t.run(machine) as run:
        with t.check("boot"):
            ready(run)
        run.send("xl debug-keys C\n")
        with t.check("registers"):
            run.expect(r"rip e008:[0-9a-f]{16} +rsp [0-9a-f]{4}:[0-9a-f]{16}", 20)
        with t.check("call-trace"):
            run.expect(r"call trace:[\s\S]*?key_crash\+0x[\s\S]*?hypercall_sysctl\+0x", 20)
        with t.check("panic-line"):
            run.expect(r"Panic on CPU \d+: xen/abi/debug_keys\.c:\d+: BUG", 20)
