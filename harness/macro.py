# SPDX-License-Identifier: MIT
"""The known loads of MACRO=1: their names, and the ramdisks that have them. Programs are Debian's, as this computer has them
installed, with the libraries that the dynamic linker loads for them; they are behind the ramdisks of the other operations,
which stay as they are. harness/guest/macro/run carries them out."""
from __future__ import annotations

import gzip
import hashlib
import os
import re
from pathlib import Path

from harness import disc, images, packages
from harness.common import BUILD, GUEST_RAMDISK, KERNEL, ROOT, fail, require_space, run, say, write_atomically
from harness.newc import EPOCH, Archive

# A load, what it needs beside the CPU, and what it is.
LOADS = {
    "fio": ("disk", "8 MiB at random places of the disk, by 4 KiB past the page cache, 16 under way; then each is verified"),
    "hackbench": ("-", "20 processes send 20 others 100 messages of 100 bytes each"),
    "iperf3": ("network", "16 MiB by TCP from the control domain"),
    "stress_ng": ("-", "stress-ng: processor, memory, mappings, switches and forks at once"),
    "kernel_unpack": ("disk", "parts of Linux's source unpacked by tar and xz to a file system on the disk, and sync"),
    "kernel_compile": ("disk", "files of them compiled by gcc, the objects on that file system"),
}
NETWORK_LOADS = tuple(name for name, (needs, _) in LOADS.items() if needs == "network")
FIRST_MARK = 0x60         # above the benchmark's own (harness/guest/bench.c)
MEMORY = 512              # MiB, of the kernel that carries out the loads
PROGRAMS = ["/usr/bin/fio", "/usr/bin/hackbench", "/usr/bin/iperf3", "/usr/bin/stress-ng", "/usr/bin/tar", "/usr/bin/xz",
            "/usr/bin/gcc", "/usr/bin/as"]
PEER_PROGRAMS = ["/usr/bin/iperf3"]       # the other side of the network
MODULES = {"macro": ["ext4", "crc32c_generic"]}
SOURCE = Path("/usr/src/linux-source-6.1.tar.xz")
PARTS = ("scripts", "tools/lib", "tools/include")
COMPILED = ("tools/lib/rbtree.c", "scripts/dtc/libfdt/fdt_ro.c", "tools/lib/subcmd/parse-options.c", "scripts/kallsyms.c")
FLAGS = ("-O2", "-w", "-D_GNU_SOURCE", "-Iscripts/dtc/libfdt", "-Itools/include", "-Itools/lib")
FOLDER = BUILD / "macro"
MEBIBYTES = 1000          # of all that is made
TREE = FOLDER / "tree"
GUEST, CONTROL, PC_CONTROL = (images.IMAGES / f"macro-{name}.img" for name in ("guest", "control", "control-pc"))


def chosen(words: str) -> tuple[str, ...]:
    """The loads that MACRO= names, in their order: 1 or all of them; empty or 0: none."""
    names = words.replace(",", " ").split()
    if names in ([], ["0"]):
        return ()
    for name in names:
        if name not in (*LOADS, "1", "all"):
            fail(f"there is no load {name}; loads: all, {', '.join(LOADS)}")
    return tuple(name for name in LOADS if name in names or {"1", "all"} & set(names))


def ramdisk_for(mode: str) -> Path:
    return PC_CONTROL if images.GUEST_MODES.get(mode) == "hvm" else CONTROL


# ---- What the loads work on: the same bytes from the same packages

def compiler(source: str, *words: str) -> list[str]:
    return ["gcc", *FLAGS, *words, "-c", source]


def object_name(source: str) -> str:
    return Path(source).name.replace(".c", ".o")


def unpack_source() -> None:
    """The chosen parts of Linux's source under build/macro/tree, and that as an archive."""
    stamp, digest = FOLDER / "source", f"{SOURCE.stat().st_size} {SOURCE.stat().st_mtime_ns} {PARTS}".encode()
    if stamp.exists() and stamp.read_bytes() == digest:
        return
    say("prism: unpacking parts of Linux's source, once")
    run("rm", "-rf", FOLDER)
    TREE.mkdir(parents=True)
    run("tar", "-x", "-f", SOURCE, "-C", TREE, "--strip-components=1", *(f"linux-source-6.1/{part}" for part in PARTS))
    run("tar", "-c", "-f", FOLDER / "tree.tar", "--sort=name", f"--mtime=@{EPOCH}", "--owner=0", "--group=0",
        "--numeric-owner", "--mode=u+rw,go=rX", "-C", TREE, *PARTS)
    run("xz", "--force", "-6", "--threads=1", FOLDER / "tree.tar")
    write_atomically(stamp, digest)


def digest_of(tree: Path) -> str:
    """What `find . -type f | sort | xargs sha256sum | sha256sum` says, behind the number of files."""
    names = sorted(f"./{path.relative_to(tree)}".encode() for path in tree.rglob("*")
                   if path.is_file() and not path.is_symlink())
    lines = hashlib.sha256()
    for name in names:
        content = hashlib.sha256((tree / os.fsdecode(name)).read_bytes()).hexdigest()
        lines.update(content.encode() + b"  " + name + b"\n")
    return f"{len(names)} {lines.hexdigest()}"


def headers() -> list[str]:
    """The system's headers that the compiler reads for them."""
    names: set[str] = set()
    for source in COMPILED:
        names |= set(re.findall(r"(/[^\s\\]+)", run(*compiler(source, "-M"), cwd=TREE)))
    return sorted(name for name in names if Path(name).is_file())


def objects() -> str:
    """The digests of the objects, by name, in the order in which they are compiled."""
    lines = []
    for source in COMPILED:
        made = FOLDER / object_name(source)
        run(*compiler(source, "-o", str(made)), cwd=TREE)
        lines.append(f"{hashlib.sha256(made.read_bytes()).hexdigest()}  {made.name}\n")
    return "".join(lines)


def compile_script() -> str:
    """What kernel_compile runs in the tree: FOLDER COUNT."""
    lines = [f'[ $2 -lt {number} ] || {" ".join(compiler(source))} -o "$1/{object_name(source)}"'
             for number, source in enumerate(COMPILED, start=1)]
    return "\n".join(lines) + "\n"


# ---- The ramdisks

def add_programs(archive: Archive, programs: list[str]) -> None:
    libraries: set[str] = set()
    for program in map(Path, programs):
        if not program.exists():
            fail(f"{program} is missing: reinstall {' '.join(packages.MACRO)}")
        archive.copy(str(program).lstrip("/"), program.resolve())
        libraries |= images.shared_libraries(program)
    for library in libraries:
        archive.copy(library.lstrip("/"), Path(library).resolve())


def packed(archive: bytes, name: str) -> bytes:
    """Compressed so that it is quickly unpacked: it is twenty times the other ramdisk's size."""
    plain, small = FOLDER / f"{name}.cpio", FOLDER / f"{name}.zst"
    plain.write_bytes(archive)
    run("zstd", "-q", "-f", "-6", "--single-thread", "--no-check", plain, "-o", small)
    content = small.read_bytes()
    plain.unlink()
    small.unlink()
    return content


def padded(content: bytes) -> bytes:
    """So that another may follow: the kernel looks for its beginning at multiples of 4."""
    return content + bytes(-len(content) % 4)


def guest_archive(kernel: Path) -> Archive:
    archive = Archive()
    compiled_by = Path(run("gcc", "-print-prog-name=cc1").strip())
    add_programs(archive, [*PROGRAMS, str(compiled_by)])
    for name in headers():
        archive.copy(os.path.normpath(name).lstrip("/"), Path(name))
    images.add_modules(archive, kernel, MODULES)
    load = images.build_program("load", [ROOT / "harness/guest/macro/load.c"])
    archive.copy("macro/load", load)
    archive.file("macro/run", (ROOT / "harness/guest/macro/run").read_bytes(), executable=True)
    archive.file("macro/loads", "".join(f"{FIRST_MARK + number} {name} {needs}\n"
                                        for number, (name, (needs, _)) in enumerate(LOADS.items())).encode())
    archive.copy("macro/tree.tar.xz", FOLDER / "tree.tar.xz")
    archive.file("macro/tree.sum", f"{digest_of(TREE)}\n".encode())
    archive.file("macro/objects.sum", objects().encode())
    archive.file("macro/compile", compile_script().encode())
    archive.file("etc/passwd", b"root::0:0:root:/root:/bin/sh\n")
    return archive


def control_archive() -> Archive:
    """What takes the place of the other guest's files in the control domain, and the other side of the network."""
    archive = Archive()
    add_programs(archive, PEER_PROGRAMS)
    archive.file("guests/guest.img", GUEST.read_bytes())
    archive.file("guests/disc.head", disc.head(KERNEL, GUEST))
    for name, config in (("bench", images.bench_config()), ("bench-pc", images.bench_pc_config())):
        archive.file(f"guests/{name}.cfg", config.replace("memory=256\n", f"memory={MEMORY}\n").encode())
    return archive


def inputs() -> str:
    """A digest of what they are made from."""
    digest = hashlib.sha256()
    digest.update((images.IMAGES / "inputs").read_bytes())
    digest.update(Path(__file__).read_bytes())
    for path in map(Path, [*PROGRAMS, str(SOURCE)]):
        digest.update(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}".encode() if path.exists() else b"-")
    return digest.hexdigest()


def build() -> None:
    """Makes the ramdisks of the loads, where they are missing or out of date. The others are there (images.build())."""
    packages.install("macro")
    with images.lock():
        build_ramdisks()


def build_ramdisks() -> None:
    stamp, digest = images.IMAGES / "macro-inputs", inputs()
    if stamp.exists() and stamp.read_text() == digest and all(path.exists() for path in (GUEST, CONTROL, PC_CONTROL)):
        return
    require_space(BUILD, MEBIBYTES, "building the ramdisks with the known loads")
    unpack_source()
    say("prism: building the ramdisks with the known loads")
    stamp.unlink(missing_ok=True)
    # both as one: of a ramdisk that begins compressed by gzip, xl hands a PV guest only what the first stream holds
    plain = gzip.decompress(GUEST_RAMDISK.read_bytes()) + guest_archive(packages.unpack(*images.kernel_wanted())).pack()
    write_atomically(GUEST, packed(plain, "guest"))
    control = gzip.compress(control_archive().pack(), compresslevel=1, mtime=0)    # nearly all of it is compressed already
    write_atomically(CONTROL, padded(images.RAMDISK.read_bytes()) + control)
    write_atomically(PC_CONTROL, padded(images.PC_RAMDISK.read_bytes()) + control)
    write_atomically(stamp, digest.encode())
