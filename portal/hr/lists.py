"""/hr/extended, and /hr/laws: the data by which the desk counts, in words."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.state import db, person
from portal.hr import queries, shown, words
from portal.hr.desk import bp
from portal.hr.queue_page import risk_until
from portal.laws import words as law_words
from portal.laws.book import LAWS
from portal.laws.law import Law, Period
from portal.policies.queries import policies
from portal.requests.rules import RequestType

MOST_SHOWN = 200


@bp.get("/extended")
@requires(Permission.HR_DESK_READ)
def extended() -> ResponseReturnValue:
    """Open requests whose time was extended, with the reason that the person was told."""
    now = clock.now()
    found = queries.extended(db(), MOST_SHOWN + 1)
    labels = policies(db(), person().id).labels() if any(row[1].contexts for row in found) else {}
    when = (now, risk_until(now))
    return render_template(
        "hr/extended.html",
        rows=[
            (shown.row(request, name, person().timezone, labels, when), event.at, event.actor_name or "", event.words)
            for event, request, name in found[:MOST_SHOWN]
        ],
        more=len(found) > MOST_SHOWN,
    )


@bp.get("/laws")
@requires(Permission.HR_DESK_READ)
def laws() -> ResponseReturnValue:
    """Every law: how long, what asking back does, grounds, remedies."""
    return render_template("hr/laws.html", laws=[_law(law) for law in LAWS.values()])


def _law(law: Law) -> dict[str, Any]:
    place, said = law_words.article, law_words.said
    return {
        "code": law.code,
        "name": said(law.name),
        "default": law.default,
        "countries": ", ".join(sorted(law.countries)),
        "confirm": _period(law.confirm) if law.confirm else None,
        "answer": _period(law.answer),
        "extension": _period(law.extension) if law.extension else None,
        "by_type": [(_types([kind]), *_period(period)) for kind, period in sorted(law.by_type.items())],
        "rolls": place(law.ends_on_working_day),
        "asking": [(said(one.words), place(one.article), one.suspends, _types(one.types)) for one in law.asking],
        "grounds": [(said(one.name), place(one.article), said(one.words), _types(one.types)) for one in law.grounds],
        "remedies": [(said(one.words), place(one.article)) for one in law.remedies],
    }


def _period(given: Period) -> tuple[str, str]:
    return law_words.period(given), law_words.article(given.article)


def _types(kinds: Any) -> str:
    """Types of requests in words; none where it holds for all."""
    if len(kinds) == len(RequestType):
        return ""
    return ", ".join(str(words.TYPES[RequestType(kind)]) for kind in sorted(kinds))
