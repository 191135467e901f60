"""P03: a policy that goes before a stricter one of some people is a widening for them, at every desk."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.policies.deciding.rules import latest_signing
from portal.policies.queries import every_policy
from portal.signing import bundle
from tests.deciding.conftest import Chamber
from wire.policy import Audience
from wire.precedence import change

WEEK = timedelta(days=7)
People = Callable[..., UUID]


@pytest.fixture
def town() -> str:
    return f"Town {uuid4()}"


@pytest.fixture
def strict(chamber: Chamber, town: str) -> int:
    """The town's people have less than everybody: the version of their policy."""
    number = chamber.submit(audience=Audience((town,), None, None), rules=(), max_sensitivity=1)
    assert chamber.officer_signs(number).status_code == 303
    assert chamber.published(number)
    return chamber.document(number).version


def sideways(chamber: Chamber, begins: timedelta | None = None, **changed: Any) -> int:
    """Everybody's policy for a department in a country, which goes before a site's; the number of the draft."""
    return chamber.submit(begins, audience=Audience(None, ("Forge",), ("XW",)), **changed)


def told(chamber: Chamber, who: UUID, version: int) -> list[dict[str, Any]]:
    found = chamber.superuser.execute(
        "SELECT params FROM notification WHERE kind = 'policy_published' AND employee_id = %s AND reference = %s",
        [who, f"policy:{version}"],
    ).fetchall()
    chamber.superuser.rollback()
    return [row[0] for row in found]


def test_P03_the_officer_alone_goes_before_no_stricter_policy(
    chamber: Chamber, strict: int, person: People, town: str
) -> None:
    who = person("Jo", site=town, department="Forge", country="XW")
    number = sideways(chamber, WEEK)
    page = chamber.as_(chamber.omar).get(f"/officer/signing/{number}").get_data(as_text=True)
    assert f"takes the place of policy {strict} ({town})" in page
    whole = bundle.read(chamber.as_(chamber.omar).get(f"/officer/signing/{number}/to-sign.json").get_data(as_text=True))
    assert [one.version for one in whole.beside] == [strict]
    assert whole.wider()
    assert chamber.officer_signs(number).status_code == 303
    assert not chamber.published(number)
    assert chamber.council_signs(number).status_code == 303
    assert chamber.published(number)
    (said,) = told(chamber, who, chamber.document(number).version)
    assert said["wider"] is True


def test_P03_it_is_announced_like_every_widening(chamber: Chamber, strict: int) -> None:
    assert strict
    number = sideways(chamber, timedelta(hours=1))
    moment = chamber.document(number).not_before - 1
    with chamber.database.transaction("web_officer", chamber.omar) as session:
        step = change(every_policy(session), chamber.document(number))
    assert latest_signing(step, timedelta(hours=24)) < moment, "who signs now signs too late"


def test_a_part_of_both_is_the_officers_to_publish(chamber: Chamber, strict: int) -> None:
    assert strict
    number = sideways(chamber, rules=(), max_sensitivity=1)
    assert chamber.officer_signs(number).status_code == 303
    assert chamber.published(number)


def test_P03_whom_a_policy_changes_nothing_for_is_not_told(
    chamber: Chamber, strict: int, person: People, town: str
) -> None:
    assert strict
    there, elsewhere = person("Jo", site=town), person("Flo", site="Elsewhere")
    less = chamber.submit(max_sensitivity=chamber.newest().max_sensitivity - 1)
    chamber.officer_signs(less)
    version = chamber.document(less).version
    assert told(chamber, there, version) == []
    assert len(told(chamber, elsewhere, version)) == 1


def test_P03_whose_own_policy_ends_first_is_told_from_when(
    chamber: Chamber, strict: int, person: People, town: str
) -> None:
    there, elsewhere = person("Jo", site=town), person("Flo", site="Elsewhere")
    more = chamber.submit(WEEK, expires=chamber.newest().expires + 60_000 * 60)
    chamber.officer_signs(more)
    chamber.council_signs(more)
    version = chamber.document(more).version
    assert chamber.published(more)
    (mine,), (theirs,) = told(chamber, there, version), told(chamber, elsewhere, version)
    ends = chamber.value("SELECT expires_at FROM policy WHERE version = %s", strict)
    assert mine["begins"] == ends.isoformat()
    assert mine["begins"] > theirs["begins"]


def test_P03_less_at_once_while_more_is_to_come(chamber: Chamber) -> None:
    """The officer need not wait for what is to come, nor ask the council, to take something away now."""
    coming = chamber.submit(WEEK, self_service_hours=1)
    chamber.officer_signs(coming)
    chamber.council_signs(coming)
    assert chamber.published(coming)
    first = chamber.document(coming)
    less = chamber.submit(rules=first.rules[:1], max_sensitivity=1, self_service_hours=999, expires=first.expires)
    assert chamber.officer_signs(less).status_code == 303
    assert chamber.published(less)
