"""htmx is a rendering detail: this module alone reads the HX-* headers, and says so to caches by `Vary`."""

from typing import Any

from flask import Flask, Response, redirect, render_template
from flask_htmx import HTMX

_htmx = HTMX()


def register(app: Flask) -> None:
    """Let templates ask `htmx`, and mark every answer as depending on the header that `render` reads."""
    _htmx.init_app(app)
    app.after_request(_vary)


def wants_fragment() -> bool:
    """Whether the browser will put the answer into the page it shows, rather than show it as a page.

    A boosted link and a restored history entry ask for a whole page, though htmx sends them.
    """
    return bool(_htmx) and not _htmx.boosted and not _htmx.history_restore_request


def render(page_template: str, fragment_template: str, **context: Any) -> str:
    """The fragment if htmx asks for one, else the page that includes it. Both get `fragment`: which it is."""
    fragment = wants_fragment()
    return render_template(fragment_template if fragment else page_template, fragment=fragment, **context)


def see_other(address: str) -> Response:
    """After a form that changed something: lead to `address` (303), by HX-Redirect when htmx posted it."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": address})
    answer = redirect(address, code=303)
    return answer if isinstance(answer, Response) else Response(status=303, headers={"Location": address})


def _vary(response: Response) -> Response:
    response.vary.update(("HX-Request", "HX-Boosted", "HX-History-Restore-Request"))
    return response
