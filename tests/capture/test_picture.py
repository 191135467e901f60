"""Only what is a WebP picture is shown as one (S13): a device may seal whatever it likes."""

import io
import struct

import pytest
from PIL import Image

from portal.capture.picture import is_webp


def webp(size: tuple[int, int] = (40, 30), **how: object) -> bytes:
    """A real picture."""
    out = io.BytesIO()
    Image.new("RGBA" if how.pop("alpha", False) else "RGB", size, (200, 10, 10)).save(out, "WEBP", **how)
    return out.getvalue()


def named(width: int, height: int) -> bytes:
    """A few bytes that name a picture of this size."""
    head = (
        b"VP8X"
        + struct.pack("<I", 10)
        + bytes(4)
        + struct.pack("<I", width - 1)[:3]
        + struct.pack("<I", height - 1)[:3]
    )
    return b"RIFF" + struct.pack("<I", len(head) + 4) + b"WEBP" + head


@pytest.mark.parametrize(
    "how", [{"quality": 40}, {"lossless": True}, {"alpha": True}, {"exif": b"Exif\0\0II*\0"}], ids=str
)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (1920, 1080)])
def test_S13_a_picture_is_one(how: dict[str, object], size: tuple[int, int]) -> None:
    assert is_webp(webp(size, **how))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>" * 2,
        b"<!doctype html><script>alert(1)</script>........",
        b"\x89PNG\r\n\x1a\n" + bytes(60),
        b"GIF89a" + bytes(60),
        b"RIFF" + struct.pack("<I", 32) + b"WAVE" + bytes(28),
        webp()[:-8],
        webp() + b"<script>alert(1)</script>",
        b"RIFF" + struct.pack("<I", 32) + b"WEBP" + b"VP9 " + bytes(24),
        named(16_000, 16_000),
        named(1 << 24, 1),
        named(1 << 24, 1 << 24),
    ],
    ids=range(14),
)
def test_S13_what_is_no_picture_or_too_large_is_not_shown_as_one(data: bytes) -> None:
    assert is_webp(data) == (data == named(1 << 24, 1))


def test_S13_an_8k_screen_is_not_too_large() -> None:
    assert is_webp(named(7680, 4320))
