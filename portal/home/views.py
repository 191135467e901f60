"""The first page, its polled fragment, /policy and /about."""

from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access_log.queries import counts
from portal.capture import pages, queries
from portal.capture.queries import Filter
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.state import db, own, person, settings
from portal.deletion.shown import shown
from portal.home.policy_page import about_policy, policy_page
from portal.home.queries import Standing, standing
from portal.home.state import page_state
from portal.notifications.queries import unseen
from portal.notifications.words import Told, told
from portal.pauses.ends import holds
from portal.policies.queries import own_policies, policies
from portal.requests.queries import newest
from portal.requests.shown import line

bp = Blueprint("home", __name__)
policy_bp = Blueprint("policy", __name__)
LOOKS_COUNTED = timedelta(days=30)
NEWEST = 6


@bp.get("/")
@requires(Permission.OWN_STATE_READ)
def now() -> ResponseReturnValue:
    """What happens right now, and what was captured today."""
    moment = clock.now()
    today = clock.local_day(moment, ZoneInfo(person().timezone))
    facts = pages.day_facts(db(), person(), today, moment, current().asked)
    items, more = queries.items(db(), person().id, today, Filter(), rows=NEWEST)
    asked, own = newest(db(), person().id)
    return render_template(
        "home/now.html",
        fragment=False,
        told=_told(facts.policies.labels(), moment),
        state=page_state(current(), facts.policies, moment, sum(items for *_, items in facts.stretches)),
        day=pages.picture(facts),
        rows=pages.rows(facts, items, newest=None, oldest=items[-1].started_at if items and more else None),
        looks=counts(db(), person().id, moment - LOOKS_COUNTED),
        erasures=[shown(row, facts.policies.labels(), moment) for row in own],
        requests=[line(row, facts.policies.labels(), moment, person().timezone) for row in asked],
    )


@bp.get("/state")
@requires(Permission.OWN_STATE_READ)
def state() -> ResponseReturnValue:
    """The first card alone, which the page asks for each second while a device has still to answer."""
    moment = clock.now()
    today = clock.local_day(moment, ZoneInfo(person().timezone))
    standing_now = current()
    items = queries.totals(db(), person().id, today, Filter()).items if standing_now.whole else 0
    shown_state = page_state(standing_now, policies(db(), person().id), moment, items)
    return render_template("home/_state.html", fragment=True, state=shown_state, bar=standing_now.bar)


@bp.get("/about")
@requires(Permission.ABOUT_READ)
def about() -> ResponseReturnValue:
    """The whole thing in plain words."""
    moment = clock.now()
    policy = own_policies(db(), person().id, moment).in_force(moment)
    return render_template("about/about.html", policy=about_policy(policy) if policy else None, contacts=contacts())


@policy_bp.get("/policy")
@requires(Permission.POLICY_READ)
def policy() -> ResponseReturnValue:
    """What may be captured, device by device."""
    moment = clock.now()
    known = own_policies(db(), person().id, moment)
    return render_template("policy/policy.html", **policy_page(db(), person().id, known, current(), moment))


def _told(labels: dict[str, str], moment: datetime) -> list[Told]:
    """What was told and not closed; of ends of pauses those alone that are still to come as they were told."""
    standing_now = current()
    rows = unseen(db(), person().id, moment)
    return [
        told(row, labels)
        for row in rows
        if row.kind != "pause_ends" or (standing_now.bar.halt is None and holds(row.params, standing_now.asked, moment))
    ]


def current() -> Standing:
    """How things stand for the person, read once a request: page and bar must say the same."""
    if "standing" not in g:
        with own() as session:
            g.standing = standing(session, person().id, person().timezone, clock.now())
    return cast(Standing, g.standing)


def contacts() -> list[tuple[str, str, str]]:
    """Whom to ask: (role, name, address)."""
    named = (
        (gettext("Works council"), settings().contact_council),
        (gettext("Privacy officer"), settings().contact_officer),
        (gettext("Human resources"), settings().contact_hr),
    )
    return [(role, address, f"mailto:{address}") for role, address in named if address]
