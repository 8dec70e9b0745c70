# SPDX-License-Identifier: MIT
"""A ramdisk as bytes: a cpio archive ("newc") whose every byte follows from its contents alone."""
from __future__ import annotations

import gzip
import io
import stat
from dataclasses import dataclass, field
from pathlib import Path

ALIGNMENT = 4
EPOCH = 1767225600   # every file's time: 2026-01-01, as the emulated machine's clock


@dataclass
class Archive:
    """Files by name, without a leading slash. Parents come into being by themselves; the order is that of the names."""
    entries: dict[str, tuple[int, bytes, tuple[int, int]]] = field(default_factory=dict)

    def directory(self, name: str, mode: int = 0o755) -> None:
        if name and name not in self.entries:
            self._parents(name)
            self.entries[name] = (stat.S_IFDIR | mode, b"", (0, 0))

    def file(self, name: str, content: bytes, executable: bool = False) -> None:
        self._parents(name)
        self.entries[name] = (stat.S_IFREG | (0o755 if executable else 0o644), content, (0, 0))

    def copy(self, name: str, source: Path) -> None:
        self.file(name, source.read_bytes(), bool(source.stat().st_mode & 0o100))

    def symlink(self, name: str, target: str) -> None:
        self._parents(name)
        self.entries[name] = (stat.S_IFLNK | 0o777, target.encode(), (0, 0))

    def character_device(self, name: str, major: int, minor: int) -> None:
        self._parents(name)
        self.entries[name] = (stat.S_IFCHR | 0o600, b"", (major, minor))

    def _parents(self, name: str) -> None:
        self.directory(name.rpartition("/")[0])

    def pack(self) -> bytes:
        out = io.BytesIO()
        for number, (name, (mode, content, device)) in enumerate(sorted(self.entries.items()), start=1):
            links = 2 if stat.S_ISDIR(mode) else 1
            self._entry(out, number, name, mode, content, device, links)
        self._entry(out, 0, "TRAILER!!!", 0, b"", (0, 0), 1)
        return out.getvalue()

    def pack_compressed(self) -> bytes:
        return gzip.compress(self.pack(), compresslevel=9, mtime=0)

    @staticmethod
    def _entry(out: io.BytesIO, number: int, name: str, mode: int, content: bytes, device: tuple[int, int],
               links: int) -> None:
        path = name.encode() + b"\0"
        # inode, mode, uid, gid, links, time, size, device of the file system, of the file, length of name, checksum
        fields = (number, mode, 0, 0, links, EPOCH, len(content), 0, 0, *device, len(path), 0)
        out.write(b"070701" + b"".join(b"%08X" % value for value in fields) + path)
        out.write(b"\0" * (-out.tell() % ALIGNMENT))
        out.write(content)
        out.write(b"\0" * (-out.tell() % ALIGNMENT))
