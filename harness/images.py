# SPDX-License-Identifier: MIT
"""Builds build/images/: Debian's kernel, and the one ramdisk that serves the control domain and the bare machine. In it
stand the same kernel and a smaller ramdisk for guests, with one configuration for each mode."""
from __future__ import annotations

import contextlib
import gzip
import hashlib
import lzma
import re
from pathlib import Path

from harness import disc, packages
from harness.common import (BUILD, GUEST_RAMDISK, IMAGES, KERNEL, PC_RAMDISK, RAMDISK, ROOT, TESTS_PC_RAMDISK, TESTS_RAMDISK,
                            UNPACKED_KERNEL, Problem, fail, locked, main, require_space, run, say, write_atomically)
from harness.newc import Archive

XENBIN = "/usr/lib/xen-4.17/bin"
PROGRAMS = [f"{XENBIN}/{name}" for name in
            ("xl", "xenstored", "xenconsoled", "xenconsole", "xen-init-dom0", "xen-cpuid", "xen-diag", "xen-hvmctx",
             "lsevtchn", "xen-hptool", "xencov", "xenlockprof", "xenpm", "xenperf", "xentop", "xentrace")]
PROGRAMS += ["/usr/bin/xenstore", "/usr/sbin/xenhypfs", "/usr/bin/xenalyze"]
PROGRAMS += ["/bin/bash", "/usr/bin/flock"]    # what Debian's hotplug scripts need beyond busybox
LOADED_LATER = ["lib/x86_64-linux-gnu/libgcc_s.so.1"]    # libraries that programs load once they run
SCRIPTS = Path("/etc/xen/scripts")
XENSTORE_VERBS = ("exists", "list", "ls", "read", "rm", "watch", "write")
# Groups of kernel modules, loaded by name from /init; what they depend on is found in the modules themselves.
MODULES = {
    "xen": ["xen-privcmd", "xenfs"],
    "toolstack": ["xen-evtchn", "xen-gntdev", "xen-gntalloc"],
    "disk": ["sd_mod", "ahci", "virtio_pci", "virtio_blk"],
    "net": ["e1000", "e1000e", "virtio_pci", "virtio_net"],
    "backends": ["xen-blkback", "xen-netback", "bridge", "loop", "ext4", "crc32c_generic"],
    "ramdisk": ["brd"],
}
GUEST_MODULES = {
    "xen": ["xen-privcmd", "xenfs"],
    "disk": ["xen-blkfront", "sd_mod", "ahci", "ata_piix"],    # ahci for the bare machine, which boots this ramdisk too
    "net": ["xen-netfront", "8139cp", "e1000"],
}
# A configuration's name, and its type= for xl. Those of type hvm differ by the row that is chosen once they are created.
GUEST_MODES = {"pv": "pv", "pvh": "pvh", "pvhvm": "hvm", "pvio": "hvm", "hvm": "hvm"}
GUEST_ROWS = {"pv": "PV", "pvh": "PVH", "pvhvm": "PVHVM", "pvio": "PV I/O", "hvm": "HVM"}
# What guests with an emulated PC need in the control domain, besides: QEMU, its firmware, and that of the PC.
PC_PROGRAMS = ["/usr/libexec/xen-qemu-system-i386"]
PC_FILES = ["/usr/lib/xen-4.17/boot/hvmloader", "/usr/share/seabios/bios-256k.bin", "/usr/share/seabios/vgabios-cirrus.bin",
            "/usr/share/seabios/vgabios-stdvga.bin", "/usr/share/qemu/kvmvapic.bin", "/usr/share/qemu/linuxboot.bin",
            "/usr/share/qemu/linuxboot_dma.bin", "/usr/share/qemu/keymaps/en-us", "/usr/share/ovmf/OVMF.fd",
            "/usr/lib/ipxe/qemu/efi-rtl8139.rom", "/usr/lib/ipxe/qemu/efi-e1000.rom"]
PC_MODULES = {"pc": ["tun"]}
GUEST_DIRECTORIES = ("proc", "sys", "dev", "run", "tmp", "root", "mnt")
DIRECTORIES = ("proc", "sys", "dev", "run", "tmp", "root", "etc/xen", "sbin", "usr/sbin", "usr/bin", "mnt",
               "var/log/xen/console", "var/lib/xen/dump", "var/lib/xenstored")
GUEST_WORDS = "console=ttyS0 console=hvc0 loglevel=4 mitigations=off panic=-1"
BENCH_GUEST = ('name="bench"\nmemory=256\nvcpus=1\nvif=["bridge=xenbr0"]\ntsc_mode="native"\n'
               'on_poweroff="preserve"\non_reboot="destroy"\non_crash="destroy"\n')
PEER = IMAGES / "xen.elf"
MADE_FROM = IMAGES / "kernel"      # name and version of the kernel's package
MEBIBYTES = 1300                 # of packages and images under build/
XZ = b"\xfd7zXZ\0"              # what packed data begins with
EXPLAIN = 0x70000000    # where harness/guest/bench_explain.c has its places, 16 bytes apart
LIBXL_GUEST = BUILD / "libxl" / "libxl-guest"    # tests/libxl/libxl.mk
# Programs of our own in /guests/tools of the control domain, which guests fetch from there: the guests' ramdisk stays as it
# is. Each is static. A name, its sources, and the libraries it is linked with.
TOOLS = {
    "stream": ("harness/guest/tools/stream.c", ()),
    "leaves": ("harness/guest/tools/leaves.c", ()),
    "toolstack-test": ("tests/toolstack/*.c", ("xencall", "xenforeignmemory", "xengnttab", "xentoollog", "xentoolcore")),
}


def shared_libraries(*programs: Path) -> set[str]:
    """The files that the dynamic linker would load for them, the linker itself among them."""
    text = run("ldd", *programs)
    missing = re.findall(r"(\S+) => not found", text)
    if missing:
        fail(f"{programs[0]} needs {missing[0]}, which is not installed")
    return set(re.findall(r"(/\S+) \(0x", text))


def module_files(tree: Path) -> dict[str, Path]:
    """A kernel's modules by name, written as the kernel writes names, with underscores."""
    return {path.stem.replace("-", "_"): path for path in tree.rglob("*.ko")}


def module_order(names: list[str], files: dict[str, Path]) -> list[str]:
    """The modules and all that they depend on, dependencies first."""
    order: list[str] = []

    def visit(name: str) -> None:
        name = name.replace("-", "_")
        if name in order:
            return
        if name not in files:
            fail(f"the kernel package has no module {name}")
        content = files[name].read_bytes()
        # .modinfo holds words like these, each ended by a zero byte
        needed = re.findall(rb"\0depends=([^\0]*)\0", content)
        before = re.findall(rb"\0softdep=pre: ([^\0]*?)(?: post:[^\0]*)?\0", content)
        for other in (needed[0].decode().split(",") if needed else []):
            if other:
                visit(other)
        for other in " ".join(word.decode() for word in before).replace("-", "_").split():
            if other in files:   # else it is built into the kernel
                visit(other)
        order.append(name)

    for one in names:
        visit(one)
    return order


def add_modules(archive: Archive, kernel: Path, groups: dict[str, list[str]]) -> None:
    files = module_files(kernel / "lib/modules")
    for group, names in groups.items():
        order = module_order(names, files)
        archive.file(f"modules/{group}", "".join(f"{name}\n" for name in order).encode())
        for name in order:
            archive.copy(f"modules/{name}.ko", files[name])


def add_busybox(archive: Archive) -> None:
    archive.copy("bin/busybox", Path("/bin/busybox").resolve())
    for applet in run("/bin/busybox", "--list").split():
        if applet != "busybox":
            archive.symlink(f"bin/{applet}", "busybox")


def add_programs(archive: Archive) -> None:
    libraries: set[str] = set()
    for program in map(Path, PROGRAMS):
        if not program.exists():
            fail(f"{program} is missing: reinstall xen-utils-4.17, xen-utils-common, xenstore-utils")
        archive.copy(str(program).lstrip("/"), program.resolve())
        libraries |= shared_libraries(program)
    run("make", "-s", "--no-print-directory", LIBXL_GUEST.relative_to(ROOT), cwd=ROOT)
    archive.copy("usr/bin/libxl-guest", LIBXL_GUEST)
    libraries |= shared_libraries(LIBXL_GUEST)
    libraries |= {str(next(Path("/").glob(name))) for name in LOADED_LATER}
    for library in libraries:
        archive.copy(library.lstrip("/"), Path(library).resolve())
    for verb in XENSTORE_VERBS:
        archive.symlink(f"usr/bin/xenstore-{verb}", "xenstore")
    archive.copy("etc/xen/xl.conf", Path("/etc/xen/xl.conf"))
    for script in sorted(SCRIPTS.iterdir()):
        archive.copy(f"etc/xen/scripts/{script.name}", script)


def build_program(name: str, sources: list[Path], libraries: tuple[str, ...] = ()) -> Path:
    """A program for guests: static, and without anything that differs from one build to the next."""
    program = BUILD / "guest" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    run("gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-no-pie", "-Wl,--build-id=none", "-s",
        f"-Wl,--section-start=.explain={EXPLAIN:#x}",
        *sources, "-o", program, *(f"-l{library}" for library in libraries))
    return program


def build_tool(name: str) -> Path:
    sources, libraries = TOOLS[name]
    return build_program(name, sorted(ROOT.glob(sources)), libraries)


def guest_config(name: str, kind: str, kernel: str = "/guests/vmlinuz") -> str:
    """The same kernel, ramdisk, command line and memory in every mode; only the type differs. The kernel's console is the
    last of those named that it finds."""
    pc = f'serial="pty"\nvnc=0\n# row: {GUEST_ROWS[name]}\n' if kind == "hvm" else ""
    return (f'name="{name}"\ntype="{kind}"\nmemory=128\nvcpus=1\n'
            f'kernel="{kernel}"\nramdisk="/guests/guest.img"\n'
            f'extra="{GUEST_WORDS} prism.do=tests"\ntsc_mode="native"\n{pc}')


def boot_config() -> str:
    """A guest with an emulated PC that boots what xl is told is in its drives."""
    return ('name="boot"\ntype="hvm"\nmemory=256\nvcpus=1\nvga="stdvga"\nserial="pty"\nvnc=0\ntsc_mode="native"\n'
            'on_poweroff="destroy"\non_reboot="destroy"\non_crash="destroy"\n')


def bench_config() -> str:
    """The guest that is measured: xl gets its type and its kernel's command line when it is created."""
    return (BENCH_GUEST + 'kernel="/guests/vmlinuz"\nramdisk="/guests/guest.img"\ndisk=["phy:/dev/ram0,xvda,w"]\n')


def bench_pc_config() -> str:
    """The same with an emulated PC, whose firmware finds kernel, ramdisk and command line on a CD (harness/disc.py). The CD is
    behind an adapter that reads by DMA and that the guest's kernel has no driver for."""
    arguments = ["-device", "virtio-scsi-pci", "-drive", "file=/run/boot.iso,if=none,id=boot,format=raw,readonly=on",
                 "-device", "scsi-cd,drive=boot"]
    words = ", ".join(f'"{word}"' for word in arguments)
    return (BENCH_GUEST + f'type="hvm"\ndisk=["phy:/dev/ram0,xvda,w"]\ndevice_model_args_hvm=[{words}]\nboot="d"\n'
            'serial="pty"\nvga="none"\nvnc=0\n')


def add_first_process(archive: Archive, hostname: str) -> None:
    archive.character_device("dev/console", 5, 1)
    archive.copy("bench", build_program("bench", sorted((ROOT / "harness/guest").glob("*.c"))))
    archive.copy("sees", build_program("sees", [ROOT / "harness/guest/tools/sees.c"]))
    archive.file("init", (ROOT / "harness/guest/init").read_bytes(), executable=True)
    archive.file("etc/profile", (ROOT / "harness/guest/profile").read_bytes())
    archive.file("etc/hostname", f"{hostname}\n".encode())


def build_guest_ramdisk(kernel: Path) -> bytes:
    archive = Archive()
    for name in GUEST_DIRECTORIES:
        archive.directory(name)
    add_busybox(archive)
    add_modules(archive, kernel, GUEST_MODULES)
    add_first_process(archive, "guest")
    archive.file("etc/passwd", b"root::0:0:root:/root:/bin/sh\n")
    archive.file("etc/group", b"root:x:0:\n")
    for verb in ("poweroff", "reboot"):    # what the kernel runs when the toolstack asks for it
        archive.file(f"sbin/{verb}", f"#!/bin/sh\nsync\nexec /bin/{verb} -f\n".encode(), executable=True)
    return archive.pack_compressed()


def build_ramdisk(kernel: Path) -> bytes:
    archive = Archive()
    for name in DIRECTORIES:
        archive.directory(name)
    archive.symlink("var/run", "../run")
    archive.symlink("var/lock", "../run/lock")
    add_busybox(archive)
    add_programs(archive)
    add_modules(archive, kernel, MODULES)
    add_first_process(archive, "control")
    archive.file("guests/vmlinuz", KERNEL.read_bytes())
    archive.file("guests/guest.img", GUEST_RAMDISK.read_bytes())
    archive.file("guests/bench.cfg", bench_config().encode())
    archive.file("guests/bench-pc.cfg", bench_pc_config().encode())
    archive.file("guests/disc.head", disc.head(KERNEL, GUEST_RAMDISK))
    archive.file("guests/boot.cfg", boot_config().encode())
    for name in TOOLS:
        archive.copy(f"guests/tools/{name}", build_tool(name))
        archive.symlink(f"bin/{name}", f"/guests/tools/{name}")
    for name, kind in GUEST_MODES.items():
        archive.file(f"guests/{name}.cfg", guest_config(name, kind).encode())
    return archive.pack_compressed()


def build_pc_archive(kernel: Path) -> bytes:
    """What is appended to the ramdisk of the control domain where guests have an emulated PC."""
    archive = Archive()
    libraries: set[str] = set()
    for program in map(Path, PC_PROGRAMS):
        archive.copy(str(program).lstrip("/"), program)
        libraries |= shared_libraries(program)
    for name in sorted(libraries | set(PC_FILES)):
        archive.copy(name.lstrip("/"), Path(name).resolve())
    add_modules(archive, kernel, PC_MODULES)
    return archive.pack_compressed()


def unpacked(kernel: bytes) -> bytes:
    """The ELF image that Debian's kernel has packed with xz."""
    return lzma.LZMADecompressor().decompress(kernel[kernel.index(XZ):])


def build_unpacked_archive() -> bytes:
    """What is appended where tests make guests: their toolstack unpacks no kernel, a third of what a guest's creation and
    boot take. Firmware of a PC has no loader for such an image."""
    archive = Archive()
    archive.copy("guests/vmlinux", UNPACKED_KERNEL)
    for name, kind in GUEST_MODES.items():
        if kind != "hvm":
            archive.file(f"guests/{name}.cfg", guest_config(name, kind, "/guests/vmlinux").encode())
    return archive.pack()


def aligned(archive: bytes) -> bytes:
    """With zeros behind it, where the kernel then looks for another archive."""
    return archive + b"\0" * (-len(archive) % 512)


def ramdisk_for(mode: str, tests: bool = False) -> Path:
    """The control domain's ramdisk that guests of a mode need: QEMU is in one of them only, since all have to load it."""
    pc, plain = (TESTS_PC_RAMDISK, TESTS_RAMDISK) if tests else (PC_RAMDISK, RAMDISK)
    return pc if GUEST_MODES.get(mode) == "hvm" else plain


def kernel_wanted() -> tuple[str, str]:
    """Name and version of the kernel's package: Debian's today, or where apt cannot say, what the images were made from."""
    try:
        name = packages.kernel_package()
        return name, packages.candidate(name)
    except Problem:
        if not MADE_FROM.exists():
            raise
        name, version = MADE_FROM.read_text().split()
        return name, version


def input_files() -> list[Path]:
    """Files of this computer that go into the images, or make what does."""
    programs = [path for path in map(Path, [*PROGRAMS, *PC_PROGRAMS]) if path.exists()]
    archives = {name for _, names in TOOLS.values() for name in names} | {"c"}
    return [*map(Path, [*PROGRAMS, *PC_PROGRAMS, *PC_FILES, "/bin/busybox", "/usr/bin/gcc", "/usr/bin/ld", "/etc/xen/xl.conf"]),
            *(Path(f"/usr/lib/x86_64-linux-gnu/lib{name}.a") for name in sorted(archives)),
            *map(Path, sorted(shared_libraries(*programs))), *sorted(SCRIPTS.iterdir())]


def inputs(kernel: tuple[str, str]) -> str:
    """A digest of what the images are made from, so that they are made again when, and only when, that changed."""
    digest = hashlib.sha256(repr((kernel, PROGRAMS, MODULES, DIRECTORIES, XENSTORE_VERBS, GUEST_MODULES, GUEST_MODES,
                                  GUEST_DIRECTORIES, TOOLS, PC_PROGRAMS, PC_FILES, PC_MODULES)).encode())
    names = [*sorted(path for path in (ROOT / "harness/guest").rglob("*") if path.is_file()),
             *sorted((ROOT / "tests/toolstack").iterdir()), *sorted((ROOT / "tests/libxl").iterdir()),
             *(ROOT / f"harness/{name}.py" for name in ("disc", "images", "newc"))]
    for path in names:
        digest.update(path.read_bytes())
    for path in input_files():
        digest.update(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}".encode() if path.exists() else b"-")
    return digest.hexdigest()


def lock() -> contextlib.AbstractContextManager[None]:
    """What is made once and used by all runs is made by one of them at a time."""
    return locked(BUILD / "images.lock", "building images")


def build(peer: bool = False) -> None:
    """Makes vmlinuz and control.img, and with `peer` xen.elf, where they are missing or out of date."""
    packages.install("image")
    with lock():
        build_ramdisks()
        if peer:
            build_peer()


def build_ramdisks() -> None:
    stamp, wanted = IMAGES / "inputs", kernel_wanted()
    digest = inputs(wanted)
    made = all(path.exists() for path in (KERNEL, RAMDISK, PC_RAMDISK, GUEST_RAMDISK, UNPACKED_KERNEL,
                                         TESTS_RAMDISK, TESTS_PC_RAMDISK, stamp))
    if made and stamp.read_text() == digest:
        return
    require_space(BUILD, MEBIBYTES, "building the images")
    kernel = packages.unpack(*wanted)
    say("prism: building the control domain's image")
    stamp.unlink(missing_ok=True)
    write_atomically(KERNEL, next(kernel.glob("boot/vmlinuz-*")).read_bytes())
    write_atomically(GUEST_RAMDISK, build_guest_ramdisk(kernel))
    ramdisk = build_ramdisk(kernel)
    write_atomically(RAMDISK, ramdisk)
    with_pc = ramdisk + build_pc_archive(kernel)
    write_atomically(PC_RAMDISK, with_pc)
    write_atomically(UNPACKED_KERNEL, unpacked(KERNEL.read_bytes()))
    more = build_unpacked_archive()
    write_atomically(TESTS_RAMDISK, aligned(ramdisk) + more)
    write_atomically(TESTS_PC_RAMDISK, aligned(with_pc) + more)
    write_atomically(MADE_FROM, " ".join(wanted).encode())
    write_atomically(stamp, digest.encode())


def build_peer() -> None:
    """Debian's Xen of today; where apt does not know it, the one that is there."""
    stamp, version = IMAGES / "xen.inputs", packages.candidate(packages.PEER)
    if PEER.exists() and (not version or stamp.exists() and stamp.read_text() == version):
        return
    xen = packages.unpack(packages.PEER, version)
    write_atomically(PEER, gzip.decompress(next(xen.glob("boot/xen-4.17-amd64.gz")).read_bytes()))
    write_atomically(stamp, version.encode())


def entry(arguments: list[str]) -> int:
    build(peer="peer" in arguments)
    return 0


if __name__ == "__main__":
    main(entry)
