# SPDX-License-Identifier: MIT
"""The control domain, asked at its own console: what it runs on, and whether the toolstack answers."""
from __future__ import annotations

import re

from harness.testing import Context, check_warnings, power_off, ready, require, require_match, succeed, test

MEMORY, DOMAIN, CPUS = 2048, 1024, 2


@test("control")
def control(t: Context) -> None:
    words = t.machine().hypervisor_words + " frobnicate=7"
    machine = t.machine(memory=MEMORY, dom0_memory=DOMAIN, cpus=CPUS, hypervisor_words=words)
    with t.run(machine) as run:
        with t.check("boot"):
            ready(run)
        with t.check("kind"):
            text = succeed(run, "cat /sys/hypervisor/type /sys/hypervisor/guest_type; cat /proc/xen/capabilities")
            require(text.split() == ["xen", "PV", "control_d"], f"/sys/hypervisor says: {text!r}")
        with t.check("cpus"):
            require_match(rf"^{CPUS}$", succeed(run, "nproc"), "nproc")
        with t.check("xl-info"):
            check_info(succeed(run, "xl info"))
        with t.check("xl-list"):
            require_match(rf"^Domain-0 +0 +{DOMAIN} +{CPUS} +[r-][b-]\S+ +\d", succeed(run, "xl list"), "xl list")
        with t.check("xl-list-v"):
            require_match(r"^Domain-0 +0 .* \S{8}-\S{4}-", succeed(run, "xl list -v"), "xl list -v")
        with t.check("xl-vcpu-list"):
            text = succeed(run, "xl vcpu-list")
            rows = re.findall(r"^Domain-0 +0 +(\d+) +(\d+|-) +[rb-]{3} +[\d.]+ +(.*)$", text, re.MULTILINE)
            require([int(row[0]) for row in rows] == list(range(CPUS)), f"xl vcpu-list: {text}")
        with t.check("xl-dmesg"):
            text = succeed(run, "xl dmesg")
            require_match(r"frobnicate", text, "xl dmesg names the unknown word of the command line")
        with t.check("xl-debug-keys"):
            succeed(run, "xl debug-keys h")
            require_match(r"(?i)key 'h'|'h'.*(help|handlers|message)", succeed(run, "xl dmesg | tail -n 60"), "debug key h")
        with t.check("daemons"):
            text = succeed(run, "ps")
            for name in ("xenstored", "xenconsoled"):
                require_match(rf"\b{name} --pid", text, "ps")
            require_match(r"Done setting up Dom0", succeed(run, "cat /run/xen-init-dom0.log"), "xen-init-dom0")
        with t.check("xenstore"):
            succeed(run, "xenstore-write /tool/prism-test 'a value' && [ \"$(xenstore-read /tool/prism-test)\" = 'a value' ]")
            require_match(r'^ *name = "Domain-0"', succeed(run, "xenstore-ls /local/domain/0"), "xenstore-ls")
        with t.check("clock"):
            # busybox date; the machine's clock starts at 2026-01-01 and virtual time moves on
            require_match(r"^2026$", succeed(run, "date +%Y"), "date")
            succeed(run, "a=$(date +%s); sleep 2; b=$(date +%s); [ $((b - a)) -ge 2 ] && [ $((b - a)) -le 4 ]")
        with t.check("console-input"):
            line = "0123456789abcdef" * 6
            require_match(rf"^{line}$", succeed(run, f"echo {line}"), "a long line typed at the console")
        check_warnings(t, run)
        with t.check("poweroff"):
            power_off(run)


def check_info(text: str) -> None:
    values = dict(re.findall(r"^(\w+) *: (.*)$", text, re.MULTILINE))
    for name, pattern in {"nr_cpus": str(CPUS), "xen_major": "4", "xen_minor": "17", "xen_pagesize": "4096",
                          "xen_caps": r".*\bxen-3\.0-x86_64\b.*", "virt_caps": r"\bpv\b.*", "free_memory": r"\d+",
                          "platform_params": r"virt_start=0xffff800000000000", "xen_commandline": r".*frobnicate=7.*",
                          "xen_scheduler": r"\w+", "cpu_mhz": r"(999|1000|1001)\.\d+"}.items():
        require(re.fullmatch(pattern, values.get(name, "").strip()), f"xl info: {name} is {values.get(name)!r}")
    total, free = int(values["total_memory"]), int(values["free_memory"])
    require(MEMORY - 8 <= total <= MEMORY, f"xl info: total_memory is {total} on a machine of {MEMORY} MiB")
    own = total - free - DOMAIN
    require(0 <= own <= MEMORY * 2 // 100 + 16, f"the hypervisor keeps {own} MiB for itself (total {total}, free {free})")
