# SPDX-License-Identifier: MIT
"""Disks and CDs that guests with an emulated PC boot: a disk with GRUB for BIOS and UEFI and Debian's kernel, GRUB's rescue
CD, and Debian's memtest86+ of 64 and of 32 bits. They lie together in the file system of a disk for the machine. No step needs root."""
from __future__ import annotations

import hashlib
import os
import struct
import tempfile
from pathlib import Path

from harness import images, packages
from harness.common import GUEST_RAMDISK, IMAGES, KERNEL, ROOT, main, run, say, sha256, write_atomically
from harness.newc import EPOCH

MEDIA = IMAGES / "media.img"
DISK, RESCUE = "disk.img", "rescue.iso"   # files in it
MEMTESTS = ("memtest86+x64.iso", "memtest86+ia32.iso")
MEDIA_MIB = 96
SECTOR = 512
FIRST = 2048                  # sector of the disk's only partition
PARTITION_MIB = 32
ESP = 0xef                    # the partition's type, by which UEFI finds it; a BIOS does not look
SERIAL_NUMBER = "50524953"    # of its file system
COMMON = ["part_msdos", "fat", "linux", "normal", "configfile", "serial", "terminal", "echo", "minicmd", "test", "sleep"]
BIOS_MODULES = ["biosdisk", "vga_text", *COMMON]
EFI_MODULES = ["efi_gop", *COMMON]
SERIAL = "serial --unit=0 --speed=115200\nterminal_input serial console\nterminal_output serial console\n"
WORDS = f"{images.GUEST_WORDS} prism.do=login"
DISK_MENU = f"""{SERIAL}set timeout=1
menuentry "Debian" {{
    linux /boot/vmlinuz {WORDS}
    initrd /boot/guest.img
}}
"""
RESCUE_MENU = f"{SERIAL}echo GRUB-RESCUE on $grub_platform\n"
ENVIRONMENT = {"SOURCE_DATE_EPOCH": str(EPOCH), "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1"}


def fixed(*command: str | Path) -> str:
    """A command whose output is not to depend on the time."""
    return run("env", *(f"{name}={value}" for name, value in ENVIRONMENT.items()), *command)


def grub_image(folder: Path, platform: str, modules: Path, prefix: str, names: list[str]) -> Path:
    image = folder / f"grub-{platform}"
    run("grub-mkimage", "-O", platform, "-d", modules / platform, "-p", prefix, "-o", image, *names)
    return image


def boot_sectors(core: Path) -> bytes:
    """A disk's first sectors: GRUB's own, which loads what follows, and a table with one partition. As they come, they ask
    for the rest at sector 1, and the disk that the BIOS started."""
    boot = Path("/usr/lib/grub/i386-pc/boot.img").read_bytes()
    entry = struct.pack("<B3sB3sII", 0x80, b"\xfe\xff\xff", ESP, b"\xfe\xff\xff", FIRST, (PARTITION_MIB << 20) // SECTOR)
    sectors = boot[:440] + b"PRSM\0\0" + entry + bytes(48) + b"\x55\xaa" + core.read_bytes()
    assert len(sectors) <= FIRST * SECTOR
    return sectors + bytes(FIRST * SECTOR - len(sectors))


def build_disk(folder: Path) -> Path:
    efi = packages.unpack("grub-efi-amd64-bin") / "usr/lib/grub"
    bios_core = grub_image(folder, "i386-pc", Path("/usr/lib/grub"), "(hd0,msdos1)/boot/grub", BIOS_MODULES)
    efi_core = grub_image(folder, "x86_64-efi", efi, "(hd0,msdos1)/boot/grub", EFI_MODULES)
    menu = folder / "grub.cfg"
    menu.write_text(DISK_MENU)
    disk = folder / DISK
    disk.write_bytes(boot_sectors(bios_core) + bytes(PARTITION_MIB << 20))
    partition = f"{disk}@@{FIRST * SECTOR}"
    fixed("mformat", "-i", partition, "-v", "PRISM", "-N", SERIAL_NUMBER, "-T", str((PARTITION_MIB << 20) // SECTOR),
          "-h", "16", "-s", "63", "::")
    fixed("mmd", "-i", partition, "::/boot", "::/boot/grub", "::/EFI", "::/EFI/BOOT")
    for source, target in ((KERNEL, "boot/vmlinuz"), (GUEST_RAMDISK, "boot/guest.img"), (menu, "boot/grub/grub.cfg"),
                           (efi_core, "EFI/BOOT/BOOTX64.EFI")):
        fixed("mcopy", "-i", partition, source, f"::/{target}")
    return disk


def build_rescue(folder: Path) -> Path:
    tree = folder / "rescue"
    (tree / "boot/grub").mkdir(parents=True)
    (tree / "boot/grub/grub.cfg").write_text(RESCUE_MENU)
    iso = folder / RESCUE
    fixed("grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "--locales=", "--themes=", "-o", iso, tree, "--",
          "-volume_date", "all_file_dates", f"={EPOCH}", "-volume_date", "uuid", "2026010100000000")
    return iso


def inputs() -> str:
    """A digest of what the media are made from."""
    text = "".join([sha256(KERNEL), sha256(GUEST_RAMDISK), (ROOT / "harness/media.py").read_text(), images.GUEST_WORDS])
    return hashlib.sha256(text.encode()).hexdigest()


def build() -> Path:
    """Makes media.img where it is missing or out of date. Needs the images (images.build)."""
    with images.lock():
        return make()


def make() -> Path:
    stamp, digest = IMAGES / "media.inputs", inputs()
    if MEDIA.exists() and stamp.exists() and stamp.read_text() == digest:
        return MEDIA
    say("prism: building disks and CDs for guests")
    memtests = packages.unpack("memtest86+") / "usr/lib/memtest86+"
    with tempfile.TemporaryDirectory(dir=IMAGES) as name:
        folder = Path(name)
        content = folder / "content"
        content.mkdir()
        for path, target in ((build_disk(folder), DISK), (build_rescue(folder), RESCUE)):
            path.rename(content / target)
        for target in MEMTESTS:
            (content / target).write_bytes((memtests / target).read_bytes())
        for path in [*content.iterdir(), content]:
            os.utime(path, (EPOCH, EPOCH))
        whole = folder / "media.img"
        with whole.open("wb") as stream:
            stream.truncate(MEDIA_MIB << 20)
        same = "5a5a5a5a-0000-4000-8000-000000000002"
        run("env", f"E2FSPROGS_FAKE_TIME={EPOCH}", "/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-U", same, "-E",
            f"hash_seed={same},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0", "-d", content, whole)
        whole.replace(MEDIA)
    write_atomically(stamp, digest.encode())
    return MEDIA


def entry(_: list[str]) -> int:
    packages.install("test")
    images.build()
    say(f"prism: {build()}")
    return 0


if __name__ == "__main__":
    main(entry)
