"""Every look into the evidence room and at the council's report is written down; council and officer read it."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access_log import room
from portal.core.permissions import ROLE_WORDS, Permission
from portal.core.web.guard import requires
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import OWN_PAGES, db, login
from portal.council import queries, words
from portal.council.desk import bp, officer
from portal.council.models import What


def note(what: What, about: UUID | None = None) -> None:
    """Write down that the page's person looks. What everybody reads on own pages is nobody's to count."""
    if login() == OWN_PAGES:
        return
    room.note(db(), what.value, about)


@bp.get("/looks")
@requires(Permission.COUNCIL_DESK_READ)
def looks() -> ResponseReturnValue:
    """Who looked, as the council sees it."""
    return _page()


@officer.get("/looks")
@requires(Permission.OFFICER_DESK_READ)
def officer_looks() -> ResponseReturnValue:
    """Who looked, as the privacy officer sees it."""
    return _page()


def _page() -> str:
    note(What.LOOKS)
    page = page_number()
    found, more = queries.looks(db(), page)
    about = {look.about for look in found}
    titles = {one.id: words.title(one) for one in queries.releases_of(db(), about)} | queries.titles(db(), about)
    titles |= {one.id: gettext("policy %(version)s", version=one.version) for one in queries.policies_of(db(), about)}
    return render_template(
        "council/looks.html",
        looks=[
            {"at": one.at, "name": one.name, "role": ROLE_WORDS[one.role],
             "what": words.WHAT[one.what], "about": titles.get(one.about, "") if one.about else ""}
            for one in found
        ],
        **page_links(page, more=more),
    )  # fmt: skip
