"""Whether what a device sealed as a screenshot is one: looked at before a browser is asked to decode it (ASVS V5.2.2).

The WebP container (RFC 9649): `RIFF`, its length, `WEBP`, then the first chunk, which holds the size in pixels.
"""

import struct
from typing import Final

HEAD: Final = 30
MOST_PIXELS: Final = 64_000_000
"""Twice an 8K screen: a few bytes can name a picture that fills a browser's memory."""
LOSSY_START: Final = b"\x9d\x01\x2a"
LOSSLESS_START: Final = 0x2F


def is_webp(data: bytes) -> bool:
    """Whether the bytes are one WebP file of at most 64 million pixels, as far as its container tells."""
    if len(data) < HEAD or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return False
    length = struct.unpack("<I", data[4:8])[0] + 8
    width, height = _size(data[12:16], data[20:HEAD])
    return length in {len(data), len(data) + 1} and 0 < width * height <= MOST_PIXELS


def _size(kind: bytes, head: bytes) -> tuple[int, int]:
    """Width and height in the first chunk, (0, 0) for one we do not know."""
    if kind == b"VP8 " and head[3:6] == LOSSY_START:
        width, height = struct.unpack("<HH", head[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and head[0] == LOSSLESS_START:
        bits = struct.unpack("<I", head[1:5])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    return 0, 0
