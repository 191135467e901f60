"""The page that a QR code opens on a phone: it hands the token in its fragment in, and shows what came of it."""

import base64
import hashlib
from pathlib import Path
from typing import Final

from aiohttp import web

FILES: Final = Path(__file__).parent / "pages"
TYPES: Final = {".js": "text/javascript", ".css": "text/css"}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


DEMO: Final = web.AppKey("demo", bool)
"""Whether the page is marked as one of a demo."""
DEMO_LINE: Final = '<p class="demo">'


async def show(request: web.Request) -> web.StreamResponse:
    """The page in the browser's language: the fragment stays in the browser until the person says so."""
    asked = request.headers.get("Accept-Language", "").lower()
    language = "de" if asked.startswith("de") else "en"
    lines = (FILES / f"page.{language}.html").read_text(encoding="utf-8").splitlines(keepends=True)
    html = "".join(line for line in lines if request.app[DEMO] or not line.startswith(DEMO_LINE))
    html = html.replace('src="page.js"', f'src="page.js" integrity="{_integrity()}"')
    return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})


def _integrity() -> str:
    """The hash of the script, which the log holds and the browser asks for."""
    return "sha256-" + base64.b64encode(hashlib.sha256((FILES / "page.js").read_bytes()).digest()).decode()


async def file(request: web.Request) -> web.StreamResponse:
    """Script and style of the page; nothing else lies there."""
    path = FILES / request.match_info["name"]
    if not path.is_file():
        raise web.HTTPNotFound
    return web.Response(text=path.read_text(encoding="utf-8"), content_type=TYPES[path.suffix])
