"""/petitions: the list, one petition, signing with one's name, the honest page, and the token for those without."""

import base64
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, abort, flash, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web import security
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import asks_elsewhere, db, person, settings
from portal.petitions import actions, code, issuing, queries, shown, words
from portal.petitions.actions import Why
from portal.petitions.desk import petition_or_404
from portal.petitions.models import Petition
from portal.petitions.rules import ENDED

bp = Blueprint("petitions", __name__)
LEAST_DELAY_S, MOST_DELAY_S = 3600, 20 * 3600
MOST_BLINDED = 2048
REFUSED = {"issued": Why.HAS_CARD, "ended": Why.ENDED}
"""The ballot's word → why one cannot sign with the name."""


@bp.get("/petitions")
@requires(Permission.PETITION_READ)
def petitions() -> ResponseReturnValue:
    """What runs, what waits for an answer (longest first), what ended; the own drafts."""
    today, page, may = clock.now().date(), page_number(), person().may(Permission.PETITION_CHANGE)
    (found, more), own = queries.listed(db(), page), queries.mine(db())
    lines = [shown.line(one, today, signed=one.id in own.signed, started=one.id in own.started) for one in found]
    return render_template(
        "petitions/petitions.html",
        running=[one for one in lines if one.ended_on is None],
        ended=[one for one in lines if one.ended_on is not None],
        waiting=[shown.line(one, today) for one in queries.waiting(db())],
        drafts=queries.drafts(db(), person().id),
        may=may,
        ballot=_ballot(queries.signable(db(), today)) if may else None,
        **page_links(page, more=more),
    )


@bp.get("/petitions/how")
@requires(Permission.PETITION_READ)
def how() -> ResponseReturnValue:
    """What signing without a name protects from, what not, and which code runs for it."""
    known = queries.published(db())
    files = [
        (name, digest, known[digest].published_at if digest in known else None, _address(name))
        for name, digest in code.hashes().items()
    ]
    return render_template(
        "petitions/how.html",
        files=files,
        code_version=code.VERSION,
        terms=shown.terms(),
        ballot_url=settings().ballot_url,
    )


def _address(name: str) -> str:
    """Where a file of the browser's code is served; '' for the ballot's where there is none."""
    if name != code.PHONE:
        return url_for("static", filename=name)
    return f"{settings().ballot_url}/page.js" if settings().ballot_url else ""


@bp.get("/petitions/<uuid:petition>")
@requires(Permission.PETITION_READ)
def one(petition: UUID) -> ResponseReturnValue:
    """The petition, who signed with their name, and both ways to sign."""
    return _page(petition_or_404(petition))


@bp.post("/petitions/<uuid:petition>/sign")
@requires(Permission.PETITION_CHANGE)
def sign_submit(petition: UUID) -> ResponseReturnValue:
    """Sign with one's name."""
    found, today = petition_or_404(petition), clock.now().date()
    actions.take_turn(db(), petition)
    try:
        actions.require_running(found, today)
        _reserve(petition)
        actions.sign(db(), person().id, found, today)
    except actions.NotNowError as error:
        return _page(found, words.refusal(error.why)), 409
    return see_other(url_for("petitions.one", petition=petition))


@bp.post("/petitions/<uuid:petition>/unsign")
@requires(Permission.PETITION_READ)
def unsign_submit(petition: UUID) -> ResponseReturnValue:
    """Take one's name back, at any time, also after the end, and also when one has left."""
    found = petition_or_404(petition)
    actions.take_turn(db(), petition)
    if actions.unsign(db(), person().id, found):
        flash(gettext("Your name is gone from this petition."), "success")
    return see_other(url_for("petitions.one", petition=petition))


@bp.post("/petitions/<uuid:petition>/withdraw")
@requires(Permission.PETITION_CHANGE)
def withdraw_submit(petition: UUID) -> ResponseReturnValue:
    """End one's own petition; for everybody else there is no such act."""
    found = petition_or_404(petition)
    if petition not in queries.mine(db()).started:
        abort(404)
    if not actions.withdraw(db(), person().id, petition, clock.now().date()):
        return _page(found, words.refusal(Why.ENDED)), 409
    return see_other(url_for("petitions.one", petition=petition))


@bp.post("/petitions/<uuid:petition>/token")
@requires(Permission.PETITION_CHANGE)
def token_submit(petition: UUID) -> ResponseReturnValue:
    """The blind signature over what the person's browser sends, once for each person; nothing of it is kept here.

    Only the portal knows names, so the portal says no while the person's own stands on the petition.
    """
    given = request.get_json(silent=True)
    blinded = given.get("blinded") if isinstance(given, dict) else None
    if not isinstance(blinded, str) or len(blinded) > MOST_BLINDED:
        return jsonify(error="malformed"), 400
    if not issuing.offered(settings()):
        return jsonify(error="unavailable"), 503
    actions.take_turn(db(), petition)
    if petition in queries.mine(db()).signed:
        return jsonify(error="named"), 409
    asks_elsewhere()
    try:
        return jsonify(signature=issuing.issue(settings(), petition, person().id, blinded))
    except issuing.RefusedError as error:
        return jsonify(error=error.slug), 409
    except issuing.BallotUnavailableError:
        return jsonify(error="unavailable"), 503


def _reserve(petition: UUID) -> None:
    """One person, one signature: whoever signs with the name gives the token up for it, or never gets one."""
    if not issuing.offered(settings()):
        return
    asks_elsewhere()
    try:
        issuing.reserve(settings(), petition, person().id, request.form.get("ticket", ""))
    except issuing.BallotUnavailableError as error:
        raise actions.NotNowError(Why.NO_BALLOT) from error
    except issuing.RefusedError as error:
        raise actions.NotNowError(REFUSED.get(error.slug, Why.NOT_NOW)) from error


def _page(petition: Petition, problem: str = "") -> str:
    today = clock.now().date()
    after = min(max(request.args.get("after", 0, int), 0), 1_000_000)
    own, people = queries.mine(db()), queries.people(db(), petition.id, after)
    running = [] if petition.state in ENDED else queries.signable(db(), today, petition.id)
    return render_template(
        "petitions/petition.html",
        petition=shown.whole(petition, today),
        people=people,
        older=url_for("petitions.one", petition=petition.id, after=after + queries.PEOPLE_SHOWN) if people.more else "",
        newer=url_for("petitions.one", petition=petition.id, after=max(after - queries.PEOPLE_SHOWN, 0))
        if after
        else "",
        page=after // queries.PEOPLE_SHOWN + 1,
        signed=petition.id in own.signed,
        started=petition.id in own.started,
        forgotten=_forgotten(petition, today),
        may=person().may(Permission.PETITION_CHANGE),
        history=shown.history(queries.events(db(), petition.id)),
        terms=shown.terms(),
        ballot=_ballot(running, petition.id),
        problem=problem,
    )


def _forgotten(petition: Petition, today: date) -> bool:
    """Whether names are gone because of time, not because somebody left."""
    return petition.ended_on is not None and petition.ended_on <= shown.forget_before(today)


def _ballot(running: Sequence[Petition], current: UUID | None = None) -> dict[str, Any] | None:
    """What the page's script needs; it may talk to the ballot from this page. None where there is no ballot.

    Who has left takes back what was signed, as long as the petition runs.
    """
    left = not person().may(Permission.PETITION_CHANGE)
    if not issuing.offered(settings()) or (left and current not in {one.id for one in running}):
        return None
    address = settings().require("ballot_url")
    parts = urlsplit(address)
    security.allow_connection(f"{parts.scheme}://{parts.netloc}")
    keys = queries.keys(db(), [one.id for one in running])
    own = keys.get(current) if current else None
    return {
        "url": address,
        "who": issuing.tag(settings(), person().id),
        "petitions": shown.card(running, keys, lambda key: base64.b64encode(key.public).decode()),
        "current": str(current) if current else "",
        "ready": own is not None,
        "left": left,
        "fingerprint": code.short(code.fingerprint(own.public)) if own else "",
        "published": own.published_at if own else None,
        "least": LEAST_DELAY_S,
        "most": MOST_DELAY_S,
        "scripts": code.scripts(),
        "version": code.VERSION,
    }
