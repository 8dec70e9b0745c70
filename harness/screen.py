# SPDX-License-Identifier: MIT
"""Pictures of a PC's screen, as QEMU's screendump writes them (PPM): as a PNG file to look at, and in text modes as the text
that stands there, read by means of the font in the display's own firmware."""
from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FIRMWARE = Path("/usr/share/seabios/vgabios-stdvga.bin")
# the letter A of VGA's font of 8 by 16, by which the font is found; glyphs stand in the order of their codes
LETTER_A = bytes((0, 0, 0x10, 0x38, 0x6c, 0xc6, 0xc6, 0xfe, 0xc6, 0xc6, 0xc6, 0xc6, 0, 0, 0, 0))
HEIGHT = 16
WIDTHS = (9, 8)   # of a cell on the screen: a ninth column is empty, or repeats the eighth


@dataclass
class Picture:
    width: int
    height: int
    pixels: bytes     # red, green, blue

    def row(self, y: int) -> bytes:
        return self.pixels[3 * self.width * y:3 * self.width * (y + 1)]


def read_ppm(data: bytes) -> Picture:
    found = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    if not found:
        raise ValueError("not a picture in PPM with 8 bits a colour")
    width, height = int(found.group(1)), int(found.group(2))
    pixels = data[found.end():]
    if len(pixels) != 3 * width * height:
        raise ValueError(f"a picture of {width} by {height} with {len(pixels)} bytes")
    return Picture(width, height, pixels)


def png(picture: Picture) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + picture.row(y) for y in range(picture.height))
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


@cache
def glyphs() -> dict[bytes, str]:
    """The letters by their rows of eight pixels."""
    firmware = FIRMWARE.read_bytes()
    font = firmware.index(LETTER_A) - ord("A") * HEIGHT
    return {firmware[font + code * HEIGHT:font + (code + 1) * HEIGHT]: chr(code) for code in range(0x7e, 0x1f, -1)}


def letter(picture: Picture, x: int, y: int) -> str:
    """What stands in the cell whose upper left corner is at x, y: in one colour on another, whichever is which."""
    cell = [picture.row(y + line)[3 * x:3 * (x + 8)] for line in range(HEIGHT)]
    colours = {line[3 * column:3 * column + 3] for line in cell for column in range(8)}
    if len(colours) == 1:
        return " "
    if len(colours) != 2:
        return "?"
    for ink in colours:
        rows = bytes(sum((line[3 * column:3 * column + 3] == ink) << 7 - column for column in range(8)) for line in cell)
        if rows in glyphs():
            return glyphs()[rows]
    return "?"


def text(picture: Picture) -> str:
    """The screen's lines; a cell with something else in it is a question mark. Empty if it is no screen of text."""
    width = next((width for width in WIDTHS if picture.width % width == 0 and picture.width // width in (40, 80)), 0)
    if not width or picture.height % HEIGHT:
        return ""
    return "\n".join("".join(letter(picture, x, y) for x in range(0, picture.width, width)).rstrip()
                     for y in range(0, picture.height, HEIGHT))
