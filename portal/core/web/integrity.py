"""The hash by which a browser runs a file of ours and no other (Subresource Integrity)."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parents[2] / "static"


@cache
def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; read once, as the process serves it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def integrity(name: str) -> str:
    """The attribute of that name for a file under `static`."""
    return "sha256-" + base64.b64encode(bytes.fromhex(digest(STATIC / name))).decode()
