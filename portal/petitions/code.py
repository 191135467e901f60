"""The code that runs in people's browsers: which files, and the hashes by which anybody can tell them."""

import hashlib
from pathlib import Path
from typing import Final

from portal.core.web.integrity import STATIC, digest, integrity

FILES: Final = ("petitions/blind.js", "vendor/qrcode/qrcode.js", "petitions/ballot.js")
"""In the order in which they must run."""
BESIDE: Final = ("app.js", "vendor/htmx/htmx.min.js")
"""What runs on the same pages, and so could read what they hold."""
PHONE: Final = "ballot/pages/page.js"
"""What runs on the ballot's own page."""
ROOT: Final = Path(__file__).parents[2]
VERSION: Final = "2"


def hashes() -> dict[str, str]:
    """File → SHA-256 in hexadecimal; what the log holds."""
    return {name: digest(STATIC / name) for name in (*FILES, *BESIDE)} | {PHONE: digest(ROOT / PHONE)}


def scripts() -> tuple[tuple[str, str], ...]:
    """File and the hash by which the browser refuses any other."""
    return tuple((name, integrity(name)) for name in FILES)


def fingerprint(public_key: bytes) -> str:
    """SHA-256 of a petition's public key (DER) in hexadecimal; what the log holds and browsers compare."""
    return hashlib.sha256(public_key).hexdigest()


def short(digest: str) -> str:
    """The first half of a fingerprint, in groups of four, as people compare it."""
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))
