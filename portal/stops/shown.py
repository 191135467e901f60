"""A stop as its pages take it: plain values and words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import ROLE_WORDS
from portal.core.web.state import db
from portal.policies.queries import trusted
from portal.stops import queries
from portal.stops.desk import address, side
from portal.stops.models import StopRow
from portal.stops.rules import Effect, curve, signed_by
from wire import councils
from wire.documents import Signer, Trust
from wire.policy import Audience

SHARES = (10, 25, 50, 75, 90, 95, 99, 100)
"""The rows of the table that says the same as the curve."""


@dataclass(frozen=True)
class Line:
    """One stop of the list."""

    number: int
    url: str
    audience: str
    by: str
    reason: str
    at: datetime
    ended: datetime | None


def line(row: StopRow) -> Line:
    """A stop in a line."""
    url = address("one", stop_id=row.id)
    return Line(
        row.number, url, audience(row.audience), str(ROLE_WORDS[row.by_role]), row.reason, row.asked_at, row.resumed_at
    )


def audience(of: Audience) -> str:
    """Whom a stop concerns."""
    return of.named or gettext("Everybody")


def page(row: StopRow, problem: str = "", given: str = "") -> dict[str, Any]:
    """See templates/stops/one.html."""
    return progress(row) | {
        "signed": _signed(row, trusted(db()) or Trust(0, 0, ())),
        "problem": problem,
        "given": given,
        "to_list": address("stops"),
        "to_sign": address("resume_document", stop_id=row.id),
        "to_resume": address("resume_submit", stop_id=row.id),
        "files": [
            (gettext("The record as a table (CSV)"), address("record_csv", stop_id=row.id)),
            (gettext("The record, signed (JSON)"), address("record_json", stop_id=row.id)),
        ]
        if row.record
        else [],
        "recorded_at": row.recorded_at,
    }


def _signed(row: StopRow, trust: Trust) -> list[tuple[str, bool]]:
    """Who has to sign the end, and whether that is done."""
    envelope = None if row.resume_envelope is None else row.resume_envelope.encode()
    site = councils.deciding(trust, row.sites)
    own = gettext("Works council of %(site)s", site=site) if site else str(ROLE_WORDS["works_council"])
    given, needed = signed_by(envelope, trust.council(site)), councils.quorum(trust)
    if needed > 1:
        own = gettext("%(who)s (%(given)s of %(needed)s keys)", who=own, given=given, needed=needed)
    officer = signed_by(envelope, trust.keys_of(Signer.OFFICER)) > 0
    return [(str(ROLE_WORDS["privacy_officer"]), officer), (own, given >= needed)]


def progress(row: StopRow) -> dict[str, Any]:
    """See templates/stops/_effect.html."""
    found = queries.effect(db(), row.id)
    missing = queries.unreached(db(), row.id) if side().names_devices and found.unreached else []
    now = clock.now()
    return {
        "stop": line(row),
        "effect": found,
        "curve": curve(found),
        "steps": [(share, ms / 1000) for share in SHARES if (ms := found.percent(share)) is not None],
        "figures": _figures(found),
        "few": found.devices is not None and found.stopped is None,
        "heard": row.envelope is not None,
        "pending": row.resumed_at is None and (found.pending or (found.devices == 0 and row.envelope is None)),
        "missing": [(name, site, seen, until, until <= now) for name, site, seen, until in missing[: queries.MOST]],
        "more": len(missing) > queries.MOST,
        "names_devices": side().names_devices,
        "to_effect": address("effect", stop_id=row.id),
        "waited": (now - row.asked_at).total_seconds(),
    }


def _figures(found: Effect) -> list[tuple[str, float | None]]:
    """p50, p95 and the last device, in seconds."""
    known = ((gettext("Half of the devices"), found.percent(50)), (gettext("95 of 100 devices"), found.percent(95)))
    last = (gettext("The last device so far"), found.last_ms)
    return [(name, None if ms is None else ms / 1000) for name, ms in (*known, last)]
