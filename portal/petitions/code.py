"""The code that runs in people's browsers: which files, and the hashes by which anybody can tell them."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parents[1] / "static"
FILES: Final = ("petitions/blind.js", "vendor/qrcode/qrcode.js", "petitions/ballot.js")
"""In the order in which they must run."""
VERSION: Final = "1"


@cache
def hashes() -> dict[str, str]:
    """File → SHA-256 in hexadecimal; what the log holds."""
    return {name: hashlib.sha256((STATIC / name).read_bytes()).hexdigest() for name in FILES}


@cache
def scripts() -> tuple[tuple[str, str], ...]:
    """File and the hash by which the browser refuses any other (Subresource Integrity)."""
    return tuple(
        (name, "sha256-" + base64.b64encode(bytes.fromhex(digest)).decode()) for name, digest in hashes().items()
    )


def fingerprint(public_key: bytes) -> str:
    """SHA-256 of a petition's public key (DER) in hexadecimal; what the log holds and browsers compare."""
    return hashlib.sha256(public_key).hexdigest()


def short(digest: str) -> str:
    """The first half of a fingerprint, in groups of four, as people compare it."""
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))
