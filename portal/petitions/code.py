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
