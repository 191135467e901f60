"""Put the signing file together from its sources: `python -m portal.signing.build`. One file, no network, own CSP."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
README: Final = ROOT.parent / "README.md"
SHARED: Final = ROOT / "static" / "signing"
SOURCE: Final = Path(__file__).parent / "source"
FILE: Final = Path(__file__).parent / "daylight-sign.html"
TABLE: Final = ROOT.parent / "wire" / "sentences.json"
SCRIPTS: Final = (
    SHARED / "canonical.js",
    SHARED / "dsse.js",
    SHARED / "documents.js",
    SOURCE / "keyfile.js",
    SOURCE / "widens.js",
    SOURCE / "sentences.js",
    SOURCE / "difference.js",
    SOURCE / "words.js",
    SOURCE / "bundle.js",
    SOURCE / "main.js",
)


def composed() -> str:
    """The whole file, the same for the same sources."""
    script = "\n".join(path.read_text(encoding="utf-8").replace('"use strict";\n\n', "") for path in SCRIPTS)
    table = json.dumps(json.loads(TABLE.read_text(encoding="utf-8")), ensure_ascii=False, separators=(",", ":"))
    script = f'\n"use strict";\nconst TABLE = {table};\n{script}'
    style = (SOURCE / "style.css").read_text(encoding="utf-8")
    parts = {"script_hash": _csp_hash(script), "style_hash": _csp_hash(style), "style": style, "script": script}
    page = (SOURCE / "page.html").read_text(encoding="utf-8")
    for name, part in parts.items():
        page = page.replace("{{" + name + "}}", part)
    return page


def sha256() -> str:
    """The published hash of the file as it is shipped."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()


def _csp_hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def publish() -> None:
    """Write the file, and its hash into the README."""
    FILE.write_text(composed(), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    README.write_text(re.sub(r"(?<=^`)[0-9a-f]{64}(?=`$)", sha256(), text, flags=re.MULTILINE), encoding="utf-8")


if __name__ == "__main__":
    publish()
