# SPDX-License-Identifier: MIT
"""Guests as xl makes, changes and ends them from the control domain's console: every verb, guests' disks and networks,
and that each gives all its memory back."""
from __future__ import annotations

import re
from functools import partial

from harness.common import TESTS_RAMDISK
from harness.guests import BOOT, create, end, finish, inside, start, state_of, vcpus_online
from harness.machine import Run
from harness.testing import Context, Skip, require, require_match, succeed, test

KINDS = ("pv", "pvh")

# What a debug key shows of domain 1, a guest of two vCPUs.
SHOWN = {
    "q": (r"^d1: {row}, \d+ references, \d+ of \d+ frames", r"^  v1 on CPU \d: flags "),
    "e": (r"^Event channels of d1: \d+, (two levels|queues)$", r"^ +\d+ interdomain vcpu 0 .* to d0 port \d+$",
          r"^ +\d+ ipi vcpu 1 pending [01] masked [01]$", r"^ +\d+ virq vcpu 1 .* number 0$"),
    "g": (r"^d1: grant table v\d, \d+ of \d+ frames, \d+ maptrack",
          r"^  ref \d+: mfn \w+ used by d0, readers \d+ writers \d+$"),
    "l": (r"^Ledger of d1 \({row}\): column, event, count, TSC ticks$", r"^  \w+ +hypercall +\d+ +\d+$"),
    "r": (r"^Scheduler: ", r"^CPU 0 runs \S+v\d+$", r"^  clock \d+, \d+ waiting$", r"^d1: pause count 0, dying 0$",
          r"^  v1 CPU \d (running|runnable|blocked)\b.* affinity \w+/\w+ ran \d+ ms"),
}


def keys(run: Run, kind: str) -> None:
    for key, patterns in SHOWN.items():
        text = succeed(run, f"xl dmesg -c >/dev/null; xl debug-keys {key}; xl dmesg")
        for pattern in patterns:
            require_match(pattern.replace("{row}", kind.upper()), re.sub(r"(?m)^\(PRISM\) ", "", text), f"debug key {key}")


def verbs(t: Context, kind: str) -> None:
    with t.run(t.machine(ramdisk=TESTS_RAMDISK), limit=3600 if t.soak else 400) as run:
        before = start(run)
        with t.check("create-paused"):
            create(run, "a", kind, "vcpus=2", "maxvcpus=2", boots=False, verb="create -p")
            require(state_of(run, "a") == "--p---", "a guest created with -p is not paused")
            require_match(r"^1$", succeed(run, "xl domid a"), "xl domid")
            require_match(r"^a$", succeed(run, "xl domname 1"), "xl domname")
        with t.check("unpause"):
            succeed(run, "xl unpause a; guest_ready a 60", BOOT)
            require_match(r"^2$", inside(run, "a", "nproc"), "nproc")
        with t.check("pause"):
            succeed(run, "xl pause a")
            require_match("p", state_of(run, "a"), "the state of a paused guest")
            succeed(run, "xl unpause a")
            require("p" not in state_of(run, "a"), "the guest is still paused")
        with t.check("console"):
            console(run, "xl console a")
        with t.check("list"):
            require_match(r'"name": "a"', succeed(run, "xl list -l a"), "xl list -l")
            require_match(r"^a +1 +128 +2 .*-\w{12}", succeed(run, "xl list -v a"), "xl list -v")
            require_match(r"^a +1 +0:00:\d\d", succeed(run, "xl uptime"), "xl uptime")
            require_match(r"^ +a .* 131\d\d\d ", succeed(run, "xentop -b -i 1"), "xentop")
        with t.check("rename"):
            succeed(run, "xl rename a b && xl domid b && xl rename b a")
        with t.check("vcpu-set"):
            succeed(run, "xl vcpu-set a 1; sleep 2")
            require(vcpus_online(run, "a") == 1, "both vCPUs are still there")
            require_match(r"^1$", inside(run, "a", "nproc"), "nproc")
            succeed(run, "xl vcpu-set --ignore-host a 2; sleep 2")
            inside(run, "a", "echo 1 >/sys/devices/system/cpu/cpu1/online")
            require(vcpus_online(run, "a") == 2, "the vCPU does not come back")
        with t.check("mem-set"):
            succeed(run, "xl mem-set a 96; sleep 2")
            require_match(r"^a +1 +96 ", succeed(run, "xl list a"), "xl list")
            succeed(run, "xl mem-set a 128; sleep 2")
            require_match(r"^a +1 +128 ", succeed(run, "xl list a"), "xl list")
            succeed(run, "xl mem-max a 160")
            require_match(r'"max_memkb": 163840', succeed(run, "xl list -l a"), "xl list -l")
            succeed(run, "xl mem-max a 128")   # a guest in a container with more than it has would be made anew by demand
        with t.check("sched-credit2"):
            succeed(run, "xl sched-credit2 -d a -w 512 -c 50")
            require_match(r"^a +1 +512 +50$", succeed(run, "xl sched-credit2 -d a"), "xl sched-credit2")
            succeed(run, "xl sched-credit2 -d a -w 256 -c 0")
            for limit in (500, 1000):
                succeed(run, f"xl sched-credit2 -s -p Pool-0 -r {limit}")
                require_match(rf"ratelimit={limit}us", succeed(run, "xl sched-credit2 -s -p Pool-0"), "the pool's parameters")
            require(run.command("xl sched-credit2 -s -p Pool-0 -r 99")[0] != 0, "a rate limit of 99 us is taken")
            require_match(r"^Pool-0 +1 +credit2 +y +2$", succeed(run, "xl cpupool-list"), "xl cpupool-list")
        with t.check("sched-others"):
            for other in ("credit", "rtds"):     # the scheduler is another
                status, text = run.command(f"xl sched-{other} -d a")
                require(status != 0, f"xl sched-{other} answers: {text}")
            require_match(r"^Cpupool +Pool-0", succeed(run, "xl sched-credit2"), "xl sched-credit2")
        with t.check("vcpu-pin"):
            succeed(run, "xl vcpu-pin a 1 0 0")
            require_match(r"^a +1 +1 +\d .* (0|all) / (0|all)$", succeed(run, "sleep 1; xl vcpu-list a"), "xl vcpu-list")
            succeed(run, "xl vcpu-pin a all all all")
            require_match(r"^a +1 +1 +\d .* all / all$", succeed(run, "xl vcpu-list a"), "xl vcpu-list")
            status, text = run.command("xl vcpu-pin a 7 0")
            require(status != 0, f"vCPU 7 is pinned: {text}")
        with t.check("info"):
            require_match(r"^numa_info +:", succeed(run, "xl info -n"), "xl info -n")
            require_match(r"^Pool-0 +0$", succeed(run, "xl cpupool-list -c"), "xl cpupool-list -c")
            require_match(r'"name": "a"', succeed(run, "xl list -l"), "xl list -l")
            succeed(run, "xl debug-keys q && xl dmesg | tail -n 40 | grep -q 'd1\\b\\|domain 1'")
        if t.on_prism:
            with t.check("debug-keys"):
                keys(run, kind)
        with t.check("nobody"):
            for verb in ("pause", "unpause", "shutdown", "reboot", "destroy", "domid", "vcpu-list", "mem-set", "rename",
                         "console"):
                status, text = run.command(f"xl {verb} nobody 64 </dev/null")
                require(status != 0, f"xl {verb} of a guest that is not there: {text}")
        with t.check("sysrq"):
            succeed(run, "xl sysrq a h; sleep 1")
            require_match(r"sysrq: HELP", inside(run, "a", "dmesg | tail -n 5"), "the guest's log")
        with t.check("trigger"):
            succeed(run, "xl trigger a nmi; sleep 1")
            require_match(r"NMI( received|: )", inside(run, "a", "dmesg | tail -n 5"), "the guest's log")
        with t.check("dump-core"):
            if kind != "pv" and not t.soak:
                raise Skip("libxc tries each of a million places for a frame: many minutes in an emulator")
            dump = "xl dump-core a /tmp/core 2>/dev/null >&2; wc -c </tmp/core; rm /tmp/core"
            size = int(succeed(run, dump, BOOT if kind == "pv" else 3000))
            require(size > 128 << 20, f"the dump of a guest of 128 MiB has {size} bytes")
        with t.check("reboot"):
            if kind != KINDS[0] and not t.soak:
                raise Skip("in every run of one row only")
            succeed(run, "at=$(wc -c </var/log/xen/console/guest-a.log); xl reboot -w a")
            succeed(run, "guest_said a $at 'PRISM-TESTS ready' 60", BOOT)
            require_match(r"^2$", succeed(run, "xl domid a"), "xl domid after a reboot")
        with t.check("shutdown"):
            succeed(run, "xl shutdown -w a; domain_end a 20", BOOT)
        with t.check("create-console"):
            succeed(run, "rm /var/log/xen/console/guest-a.log")
            console(run, f"""xl create -c /guests/{kind}.cfg 'name="a"'""", booting=True)
        with t.check("destroy"):
            end(run, "a")
        finish(t, run, before)


def console(run: Run, command: str, booting: bool = False) -> None:
    """The guest's console on ours: type there, and leave by Ctrl-]."""
    run.send(f"{command}\n")
    if booting:
        run.expect("PRISM-TESTS ready control=no", BOOT)
    run.send("echo sum-$((40 + 2))\n")
    run.expect(r"^sum-42$")
    run.expect(r"^@@ status 0$")
    run.send("\x1d")
    run.expect(r"@@ status 0$")


def devices(t: Context, kind: str) -> None:
    disk = 'disk=["file:/tmp/disk,xvda,w"]'
    with t.run(t.machine(ramdisk=TESTS_RAMDISK), limit=300) as run:
        before = start(run)
        succeed(run, "dd if=/dev/urandom of=/tmp/disk bs=1M count=16 2>/dev/null")
        digest = succeed(run, "sha256sum </tmp/disk").split()[0]
        create(run, "a", kind, disk, 'vif=["bridge=xenbr0"]')
        inside(run, "a", "load disk; load net; wait_for_disk; ip addr add 10.7.0.2/24 dev eth0; ip link set eth0 up")
        with t.check("disk"):
            require_match(digest, inside(run, "a", "sha256sum </dev/xvda"), "what the guest reads")
            inside(run, "a", "dd if=/dev/urandom of=/dev/xvda bs=1M count=4 oflag=direct")
            written = inside(run, "a", "dd if=/dev/xvda bs=1M count=4 iflag=direct 2>/dev/null | sha256sum").split()[0]
            require_match(written, succeed(run, "dd if=/tmp/disk bs=1M count=4 2>/dev/null | sha256sum"), "the file")
        with t.check("block-attach"):
            succeed(run, "dd if=/dev/zero of=/tmp/more bs=1M count=2 2>/dev/null")
            succeed(run, "xl block-attach a file:/tmp/more xvdb w")
            require_match(r"^2097152$", inside(run, "a", "sleep 1; wc -c </dev/xvdb"), "the size of the new disk")
            require_match(r"^51728 ", succeed(run, "xl block-list a"), "xl block-list")
            succeed(run, "xl block-detach a xvdb; sleep 1")
            inside(run, "a", "! test -e /dev/xvdb")
        with t.check("ping"):
            require_match("3 packets received", inside(run, "a", "sleep 1; ping -c 3 10.7.0.1"), "ping")
        with t.check("tcp"):
            succeed(run, "httpd -p 10.7.0.1:80 -h /tmp")
            wanted = succeed(run, "sync; sha256sum </tmp/disk").split()[0]
            received = inside(run, "a", "wget -q -O - http://10.7.0.1/disk | sha256sum")
            require_match(wanted, received, "the file received")
        with t.check("network-attach"):
            succeed(run, "xl network-attach a bridge=xenbr0; sleep 2")
            require_match(r"\beth1\b", inside(run, "a", "ls /sys/class/net"), "the guest's devices")
            rows = re.findall(r"^(\d) +0 +00:16:3e", succeed(run, "xl network-list a"), re.MULTILINE)
            require(rows == ["0", "1"], f"xl network-list shows: {rows}")
            succeed(run, "xl network-detach a 1; sleep 2")
            require("eth1" not in inside(run, "a", "ls /sys/class/net"), "the network device is still there")
        with t.check("shutdown"):
            succeed(run, "xl shutdown -w a; domain_end a 20", BOOT)
            require(not succeed(run, "losetup -a").strip(), "a loop device is left")
        finish(t, run, before)


for mode in KINDS:
    test(f"guest-{mode}-verbs")(partial(verbs, kind=mode))
    test(f"guest-{mode}-devices")(partial(devices, kind=mode))
