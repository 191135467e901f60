"""/officer: what is red now, in one place."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.state import Desk, db
from portal.watch import queries, rules, words
from portal.watch.rules import BY_DAY, Look, Seen, State, Watched

bp = Desk("watch", __name__, login="web_officer", url_prefix="/officer")


@dataclass(frozen=True)
class Line:
    """One thing that is watched. `found` None: a small number; `at` None: nobody ever looked."""

    name: str
    text: str
    state: str
    found: int | None
    since: datetime | None
    on: date | None
    at: datetime | None
    url: str
    link: str
    other: str


@dataclass(frozen=True)
class AgedLine:
    """How deleting by age stands for one kind. `told` None: of few people, or none."""

    kind: str
    state: str
    until: datetime | None
    ended: datetime | None
    told: int | None
    remaining: int
    physical: date | None
    entry: int | None
    pending: datetime | None


@bp.get("")
@requires(Permission.OFFICER_DESK_READ)
def now() -> ResponseReturnValue:
    """What is red, what is not known yet, and when each thing was last looked at."""
    at = clock.now()
    looks = queries.looks(db(), at)
    lines = [_line(name, state, looks.get(name, Look(Seen(), None))) for name, state in rules.states(looks, at)]
    return render_template(
        "watch/now.html",
        red=[line for line in lines if line.state in {State.RED, State.SILENT}],
        calm=[line for line in lines if line.state == State.CALM],
        all=lines,
    )


@bp.get("/retention")
@requires(Permission.OFFICER_DESK_READ)
def retention() -> ResponseReturnValue:
    """What was deleted because its time was over: when last, and whether anything too old was left."""
    lines = [_aged(one) for one in queries.aged(db(), clock.now())]
    return render_template("watch/retention.html", lines=lines, red=sum(line.state == "red" for line in lines))


def _aged(one: queries.Aged) -> AgedLine:
    step = one.last
    return AgedLine(
        kind=one.kind.value,
        state="red" if one.amiss else "never" if step is None else "good",
        until=step.until if step else None,
        ended=step.read_back_at if step else None,
        told=step.told if step else None,
        remaining=step.remaining or 0 if step else 0,
        physical=step.physical_on if step else None,
        entry=step.entry_id if step else None,
        pending=one.pending,
    )


def _line(name: Watched, state: State, look: Look) -> Line:
    endpoint, link = words.LINKS.get(name, ("", ""))
    silent = state is State.SILENT
    return Line(
        name=str(words.NAMES[name]),
        text=words.silent(name) if silent else words.wrong(name, look.seen.found),
        state=state.value,
        found=look.seen.found,
        since=look.at if silent else look.seen.since,
        on=look.seen.since.date() if name in BY_DAY and look.seen.since else None,
        at=look.at,
        url=url_for(endpoint) if endpoint and not silent else "",
        link=str(link),
        other=str(words.OPERATOR if silent else words.OTHERS.get(name, "")),
    )
