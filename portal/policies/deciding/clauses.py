"""The clauses of the works agreement, each with the kinds of capture that it covers. The council keeps them."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db
from portal.policies.deciding import actions, queries
from portal.policies.deciding.desk import UNPROCESSABLE, council, hand, text
from wire.documents import Kind, Signer

LONGEST_NUMBER, LONGEST_TEXT = 40, 4000
MISSING: Final[dict[str, LazyString]] = {
    "number": lazy_gettext("Give its number, as in the agreement."),
    "text_en": lazy_gettext("Give its text in English."),
    "text_de": lazy_gettext("Give its text in German."),
    "kinds": lazy_gettext("Choose at least one kind that it covers."),
}


@council.get("/clauses")
@requires(Permission.COUNCIL_POLICY_READ)
def clauses() -> ResponseReturnValue:
    """The clauses in force, and a form for a new one."""
    return _page()


@council.post("/clauses")
@requires(Permission.COUNCIL_POLICY_DECIDE)
def clauses_submit() -> ResponseReturnValue:
    """Add a clause."""
    number, english, german = text("number"), text("text_en"), text("text_de")
    kinds: list[str] = [kind.value for kind in Kind if kind.value in request.form.getlist("kinds")]
    given = {"number": number, "text_en": english, "text_de": german, "kinds": kinds}
    if not all(given.values()):
        return _page({name: str(MISSING[name]) for name, value in given.items() if not value}), UNPROCESSABLE
    words = english[:LONGEST_TEXT], german[:LONGEST_TEXT]
    actions.add_clause(db(), hand(Signer.COUNCIL), number[:LONGEST_NUMBER], words, kinds)
    flash(gettext("Clause %(number)s is kept.", number=number[:LONGEST_NUMBER]), "success")
    return see_other(url_for("council_policies.clauses"))


@council.post("/clauses/<uuid:clause>/end")
@requires(Permission.COUNCIL_POLICY_DECIDE)
def clause_end_submit(clause: UUID) -> ResponseReturnValue:
    """The clause counts no more; policies in force stay as they are."""
    found = queries.clause(db(), clause)
    if found is None:
        abort(404)
    actions.end_clause(db(), hand(Signer.COUNCIL), found)
    flash(gettext("Clause %(number)s has ended.", number=found.number), "success")
    return see_other(url_for("council_policies.clauses"))


def _page(errors: Mapping[str, str] | None = None) -> str:
    kept = {name: text(name) for name in ("number", "text_en", "text_de")} | {"kinds": request.form.getlist("kinds")}
    kept = kept if errors else {"number": "", "text_en": "", "text_de": "", "kinds": []}
    return render_template(
        "deciding/clauses.html",
        errors=errors or {},
        kept=kept,
        clauses=queries.clauses(db()),
        kinds=[kind.value for kind in Kind],
    )
