# SPDX-License-Identifier: MIT
"""Kernel messages of level warning and worse that Debian's Xen causes too. `make warnings` renews the list."""
from __future__ import annotations

import re
import sys

from harness import images, packages
from harness.common import BUILD, ROOT, fail, main, say
from harness.machine import KERNEL_WORDS, Machine, Run, make_disk

LIST = ROOT / "tests/system/warnings.txt"
WARNING = 4
# What a kernel says under any hypervisor, by chance, so that `make warnings` may not meet it. When its CPU was kept from it by
# a busy computer: work that it queues every tenth of a second was not done when the next was due.
LATE = ("xen-blkback: Scheduled work from previous purge is still busy, cannot purge list",
        "purge_persistent_gnt: N callbacks suppressed",     # of the same line: it is limited to ten in five seconds
        # A packet chose its queue while the device still had as many as CPUs, and went once the guest had said one.
        "xen_netback:xenvif_start_xmit: Invalid queue N for packet on interface vifN.N")
HEAD = """# Kernel messages of level warning and worse, logged by the control domain on Debian's Xen 4.17 on the machine that
# tests use (1, 2 and 4 CPUs, each disk and network device). Numbers stand as N. Made by: make warnings
"""


def normal(message: str) -> str:
    """A message without what differs from boot to boot: numbers, in whatever base."""
    message = re.sub(r"\b0x[0-9a-fA-F]+\b|\b[0-9a-f]{8,}\b", "N", message.strip())
    return re.sub(r"\d+", "N", message)


def warnings_in(raw: str) -> list[str]:
    """The messages of level warning and worse in what kernel_warnings (harness/guest/init) printed, as they stand."""
    found = re.findall(r"^<(\d+)>\[ *[\d.]+\] ?(.*)$", raw, re.MULTILINE)
    return [text.strip() for level, text in found if int(level) & 7 <= WARNING]


def unexpected(raw: str) -> list[str]:
    """Of those, the ones that Debian's Xen does not cause."""
    if not LIST.exists():
        fail(f"{LIST} is missing: make warnings")
    known = {line for line in LIST.read_text().splitlines() if line and not line.startswith("#")}
    return [text for text in warnings_in(raw) if normal(text) not in known | set(LATE)]


def collect() -> set[str]:
    kinds: set[str] = set()
    words = f"{KERNEL_WORDS} prism.do=tests"
    for cpus, icount, disk, nic in ((1, True, "ide-hd", "e1000"), (2, True, "virtio-blk-pci", "virtio-net-pci"),
                                    (4, True, "ide-hd", "e1000"), (2, False, "ide-hd", "e1000"),
                                    (2, False, "virtio-blk-pci", "virtio-net-pci"), (4, False, "ide-hd", "e1000")):
        say(f"prism: Debian's Xen on {cpus} CPUs, {disk}, {nic}, {'instruction' if icount else 'wall'} clock")
        machine = Machine(hypervisor=images.PEER, kernel_words=words, cpus=cpus, icount=icount, nic=nic,
                          disk=make_disk(BUILD / "tests" / "warnings.img"), disk_device=disk)
        with Run(machine, BUILD / "logs" / "warnings.log", 200) as run:
            run.expect("PRISM-TESTS ready", 180)
            run.command("load disk; load net; wait_for_disk; ip link set eth0 up; wait_until 10 'grep -q 1 /sys/class/net/eth0/carrier'")
            _, text = run.command("kernel_warnings")
            kinds |= {normal(message) for message in warnings_in(text)}
    return kinds


def entry(_: list[str]) -> int:
    packages.install("run")
    images.build(peer=True)
    kinds = collect()
    LIST.write_text(HEAD + "".join(f"{kind}\n" for kind in sorted(kinds)))
    say(f"prism: {len(kinds)} messages in {LIST}")
    return 0


if __name__ == "__main__":
    main(entry, sys.argv[1:])
