# SPDX-License-Identifier: MIT
"""Guests as tests handle them from the control domain's console: made by xl, spoken to at their own consoles, ended."""
from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path

from harness import screen
from harness.common import BUILD, RAMDISK
from harness.machine import Run
from harness.newc import Archive
from harness.testing import Context, power_off, ready, require, require_match, succeed
from harness.warnings import unexpected

BOOT = 400   # seconds that a guest may take to its first process, by the wall clock of a busy computer
PICTURES = BUILD / "logs"


def create(run: Run, name: str, kind: str, *more: str, boots: bool = True, verb: str = "create") -> None:
    words = " ".join(f"'{word}'" for word in (f'name="{name}"', *more))
    succeed(run, f"rm -f /var/log/xen/console/guest-{name}.log; xl -f {verb} /guests/{kind}.cfg {words}", BOOT)
    if boots:
        succeed(run, f"guest_ready {name} {BOOT // 2}", BOOT)


def inside(run: Run, name: str, command: str, timeout: float = BOOT) -> str:
    """A command typed at a guest's console."""
    return succeed(run, f"guest_do {name} '{command}' {timeout:.0f}", timeout + 30)


def end(run: Run, name: str) -> None:
    succeed(run, f"xl destroy {name}; domain_end {name} 20", BOOT)


def free_memory(run: Run) -> int:
    return int(require_match(r"^\d+$", succeed(run, "xl info free_memory"), "xl info free_memory").group(0))


def free_frames(run: Run) -> int:
    return int(re.findall(r"^\d+$", succeed(run, "toolstack-test free"), re.MULTILINE)[-1])


def state_of(run: Run, name: str) -> str:
    return require_match(rf"^{name} +\d+ +\d+ +\d+ +(\S+) ", succeed(run, f"xl list {name}"), "xl list").group(1)


def vcpus_online(run: Run, name: str) -> int:
    rows = re.findall(rf"^{name} +\d+ +\d+ +(\S+) ", succeed(run, f"xl vcpu-list {name}"), re.MULTILINE)
    return sum(cpu != "-" for cpu in rows)


def network(run: Run, name: str, address: int) -> None:
    """Gives a guest that has an interface on xenbr0 its address there, 10.7.0.address."""
    inside(run, name, f"load net; ip addr add 10.7.0.{address}/24 dev eth0; ip link set eth0 up")
    inside(run, name, "until ping -c 1 -W 1 10.7.0.1 >/dev/null; do :; done")


def fetch(run: Run, name: str, tool: str) -> None:
    """Brings a program of /guests/tools (harness/images.py) into a guest that has a network."""
    succeed(run, "netstat -lnt | grep -q 10.7.0.1:80 || httpd -p 10.7.0.1:80 -h /guests/tools")
    inside(run, name, f"wget -q -O /bin/{tool} http://10.7.0.1/{tool} && chmod +x /bin/{tool}")


def ramdisk_with(image: Path, folder: Path, files: dict[str, Path]) -> Path:
    """A ramdisk of the control domain, and behind it an archive with more: the kernel unpacks one after the other."""
    archive = Archive()
    for name in sorted(files):
        archive.copy(name, files[name])
    content = image.read_bytes()
    path = folder / "control-more.img"
    path.write_bytes(content + b"\0" * (-len(content) % 512) + archive.pack())
    return path


def ramdisk_with_kernels(folder: Path, image: Path = RAMDISK) -> Path:
    """The control domain's, and behind it the test kernels (tests/guests)."""
    kernels = {f"guests/tests/{kernel.parent.name}/{kernel.name}": kernel for kind in ("elf", "img")
               for kernel in (BUILD / "guests").glob(f"*/*.{kind}")}
    return ramdisk_with(image, folder, kernels)


def picture(run: Run, name: str, file: str) -> screen.Picture:
    """What is on the screen of a guest with a PC; kept as a picture, and as text, beside the logs."""
    succeed(run, f"xl qemu-monitor-command {name} 'screendump /tmp/screen.ppm'")
    text = succeed(run, "sleep 2; gzip </tmp/screen.ppm | base64", 120)
    seen = screen.read_ppm(gzip.decompress(base64.b64decode(re.sub(r"[^A-Za-z0-9+/=\n]", "", text))))
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{file}.png").write_bytes(screen.png(seen))
    (PICTURES / f"{file}.txt").write_text(screen.text(seen) + "\n")
    return seen


def start(run: Run) -> int:
    """The control domain takes commands and has what guests need. Returns MiB of free memory."""
    ready(run)
    succeed(run, "start_backends; dmesg -c >/dev/null; sleep 1")
    return free_memory(run)


def finish(t: Context, run: Run, before: int, slack: int = 0) -> None:
    """Every guest is gone, and so is all that it had, but for so many MiB."""
    with t.check("memory-back"):
        text = succeed(run, "xl list")
        require(len(text.splitlines()) == 2, f"domains are left: {text}")
        succeed(run, "sleep 1")
        after = free_memory(run)
        require(before - slack <= after <= before, f"{before} MiB were free before, {after} are after the last guest's end")
    with t.check("no-warnings"):
        found = unexpected(succeed(run, "kernel_warnings"))
        require(not found, f"the kernel warns of what it does not warn of on Xen: {' | '.join(found[:5])}")
    power_off(run)


def heap_use(run: Run) -> str:
    """Prism's allocations as debug key m shows them, which is the same text when the same is allocated."""
    succeed(run, "xl dmesg -c >/dev/null; xl debug-keys m")
    text = succeed(run, "xl dmesg")
    lines = [require_match(pattern, text, "debug key m").group(0)
             for pattern in (r"Objects by size:.*", r"Heap: \d+ objects.*", r"Frames in use: .*")]
    return "\n".join(lines)
