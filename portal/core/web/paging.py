"""Paging of lists: the page number from the query, and the addresses of the pages beside it."""

from urllib.parse import urlencode

from flask import request, url_for

LAST_PAGE = 10_000


def page_number() -> int:
    """The `page` of the query, 1 for anything that is not a sensible number."""
    number = request.args.get("page", 1, type=int)
    return number if 1 <= number <= LAST_PAGE else 1


def page_links(page: int, *, more: bool) -> dict[str, object]:
    """`page`, `newer` and `older` for the pagination macro, keeping the rest of the query."""
    return {"page": page, "newer": _link(page - 1) if page > 1 else "", "older": _link(page + 1) if more else ""}


def _link(page: int) -> str:
    # never as arguments of url_for: some of those names decide where an address leads
    query = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]
    address = url_for(str(request.endpoint), **(request.view_args or {}))
    return f"{address}?{urlencode([*query, ('page', str(page))])}"
