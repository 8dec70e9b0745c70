# SPDX-License-Identifier: MIT
"""Boots the control domain: `make run` on this terminal, `make peer` likewise on Debian's Xen, or one run into a file."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from harness import images, packages
from harness.common import BUILD, PRISM, Parser, count, fail, main, say, seconds
from harness.machine import KERNEL_WORDS, Expired, Machine, Run, interactive, make_disk

HELP = """examples:
  python3 -m harness.boot                                   Prism, shell on this terminal
  python3 -m harness.boot --mode pvh                        and on to the console of a PVH guest
  python3 -m harness.boot --peer                            Debian's Xen in its place
  python3 -m harness.boot --native                          the same kernel and ramdisk on the bare machine
  python3 -m harness.boot --do bench --log build/b.log      the benchmark guest, serial port into a file
  python3 -m harness.boot --do '' --words 'noreboot sync_console' --seconds 30 --log build/b.log
"""


def arguments(words: list[str]) -> argparse.Namespace:
    parser = Parser("python3 -m harness.boot", __doc__, epilog=HELP)
    parser.add_argument("--hypervisor", type=Path, default=PRISM, help="a multiboot file (default: prism.elf)")
    parser.add_argument("--peer", action="store_true", help="Debian's Xen instead")
    parser.add_argument("--native", action="store_true", help="no hypervisor")
    parser.add_argument("--mode", default="", help=f"go on to a guest's console: {', '.join(images.GUEST_MODES)}")
    parser.add_argument("--do", default="shell", help="shell, tests or bench (word prism.do= of the kernel)")
    parser.add_argument("--words", default="", help="more words for the hypervisor's command line")
    parser.add_argument("--kernel-words", default="", help="more words for the kernel's command line")
    parser.add_argument("--smp", type=count, default=1, help="CPUs")
    parser.add_argument("--memory", type=count, default=2048, help="the machine's memory in MiB")
    parser.add_argument("--dom0-memory", type=int, default=1024, help="the control domain's, in MiB; 0: all")
    parser.add_argument("--icount", action=argparse.BooleanOptionalAction, default=None,
                        help="the instruction clock (default: with --log); without it wall-clock time, all host CPUs")
    parser.add_argument("--cdrom", type=Path, help="boot this ISO image")
    parser.add_argument("--disk-device", default="ide-hd", help="ide-hd or virtio-blk-pci")
    parser.add_argument("--nic", default=None, help="e1000, e1000e or virtio-net-pci")
    parser.add_argument("--log", type=Path, help="serial port into this file, not the terminal")
    parser.add_argument("--seconds", type=seconds, default=300, help="with --log: end after this long")
    parser.add_argument("--qemu", default="", help="more words for the emulator (-d int, -s -S, ...)")
    return parser.parse_args(words)


def machine_of(options: argparse.Namespace) -> Machine:
    hypervisor = None if options.native or options.cdrom else images.PEER if options.peer else options.hypervisor
    if hypervisor and not hypervisor.exists():
        fail(f"{hypervisor} is missing: run make")
    machine = Machine(hypervisor=hypervisor, memory=options.memory, cpus=options.smp,
                      icount=bool(options.log) if options.icount is None else options.icount,
                      dom0_memory=options.dom0_memory or None, ramdisk=images.ramdisk_for(options.mode),
                      cdrom=options.cdrom, nic=options.nic,
                      disk=make_disk(BUILD / "run" / "disk.img"), disk_device=options.disk_device,
                      extra=options.qemu.split(), reboot=not options.log)
    machine.hypervisor_words = f"{machine.hypervisor_words} {options.words}".strip()
    guest = f" prism.guest={options.mode}" if options.mode else ""
    machine.kernel_words = f"{KERNEL_WORDS} prism.do={options.do or 'shell'}{guest} {options.kernel_words}".strip()
    return machine


def entry(words: list[str]) -> int:
    options = arguments(words)
    if options.mode and options.mode not in images.GUEST_MODES:
        fail(f"there is no mode {options.mode}; modes: {', '.join(images.GUEST_MODES)}")
    if options.peer and options.mode in ("pvio", "hvm"):
        fail(f"Debian's Xen has no /mode to choose {images.GUEST_ROWS[options.mode]} in; it has pv, pvh and pvhvm")
    if options.mode and options.native:
        fail("the bare machine has no guests: --mode and --native together make no sense")
    packages.install("run")
    images.build(peer=options.peer)
    machine = machine_of(options)
    if not options.log:
        what = "Debian's Xen" if options.peer else "the bare machine" if options.native else "Prism"
        then = f", then a {options.mode} guest (Ctrl-] leaves its console)" if options.mode else ""
        say(f"prism: booting {what}{then}; the serial port is this terminal. To leave: poweroff, or Ctrl-A then x.")
        status = interactive(machine)
        say("prism: the machine has ended")
        return status
    with Run(machine, options.log, options.seconds) as run:
        try:
            run.wait(options.seconds)
            say(f"prism: the machine ended; what it said: {options.log}")
        except Expired as expired:
            say(f"prism: {expired}; what it said: {options.log}")
            return 1
    return 0


if __name__ == "__main__":
    main(entry, sys.argv[1:])
