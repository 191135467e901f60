"""/hr: the queue with its four numbers, each a door to the rows that it counts."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.state import db, person
from portal.hr import queue as reading
from portal.hr import rules, shown, words
from portal.hr.desk import bp
from portal.hr.queries import Colleague
from portal.hr.queue import Filters, Numbers
from portal.laws.book import LAWS
from portal.laws.words import said
from portal.policies.queries import policies


@bp.get("")
@requires(Permission.HR_DESK_READ)
def queue() -> ResponseReturnValue:
    """Everything that waits for HR, what is due first on top."""
    now, filters = clock.now(), reading.read(request.args)
    until = risk_until(now)
    found, after = reading.page(db(), filters, person().id, now, until)
    numbers = reading.numbers(db(), person().id, now, until)
    labels = policies(db(), person().id).labels() if any(row[0].contexts for row in found) else {}
    return render_template(
        "hr/queue.html",
        rows=[
            replace(shown.row(asked, name, zone, labels, (now, until)), held=held, waits=waits)
            for asked, name, zone, held, waits in found
        ],
        filters=filters,
        choices=_choices(numbers.colleagues),
        cards=_cards(numbers, now),
        colleagues=numbers.colleagues,
        over=filters.over(),
        next_page=_address(filters, after=after) if after else "",
        first_page=_address(filters) if filters.after else "",
    )


def risk_until(now: datetime) -> datetime:
    """Until when something is at risk, by the reader's calendar."""
    zone = ZoneInfo(person().timezone)
    return rules.risk_until(clock.local_day(now, zone), zone)


def _choices(colleagues: tuple[Colleague, ...]) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers: (value, words)."""
    return {
        "state": [
            ("", gettext("Everything open")),
            *((str(state), str(text)) for state, text in words.STATES.items()),
            (reading.FINISHED, gettext("done in the last 90 days")),
        ],
        "type": [("", gettext("Every type")), *((str(kind), str(text)) for kind, text in words.TYPES.items())],
        "assigned": [("", gettext("Anybody")), *_people(colleagues, person().id)],
        "law": [("", gettext("Every law")), *((code, said(law.name)) for code, law in LAWS.items())],
        "urgent": [
            ("", gettext("However urgent")),
            (str(rules.Tone.RISK), gettext("5 days or less")),
            (str(rules.Tone.OVER), gettext("Overdue")),
        ],
    }


def _people(colleagues: tuple[Colleague, ...], me: UUID) -> list[tuple[str, str]]:
    others = [(str(one.id), one.name) for one in colleagues if one.id != me]
    return [(reading.ME, gettext("Me")), (reading.NOBODY, gettext("Nobody")), *others]


def _cards(numbers: Numbers, now: datetime) -> dict[str, object]:
    """The numbers with where they lead."""
    return {
        "numbers": numbers,
        "oldest_days": (now - numbers.oldest).days if numbers.oldest else 0,
        "live": url_for("hr.queue"),
        "risk": _address(Filters(urgent=rules.Tone.RISK.value)),
        "over": _address(Filters(urgent=rules.Tone.OVER.value)),
        "proposed": _address(Filters(waits=True)),
        "finished": _address(Filters(state=reading.FINISHED)),
    }


def _address(filters: Filters, **changed: str) -> str:
    query: dict[str, Any] = dict(filters.query(**changed))
    return url_for("hr.queue", **query)
