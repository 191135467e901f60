"""Mismatches and incidents in the releases: counted by people, and protected like everything people do."""

from datetime import UTC, datetime

import pytest

from portal.core import clock
from portal.council import words
from portal.incidents.models import What as About
from portal.operations.publish import as_owner
from portal.policies.actions import publish, publish_trust
from portal.releases import items
from tests.cast import Organisation
from tests.releases.conftest import MONDAY, Company, week


def test_A04_mismatches_of_a_week_and_incidents_of_a_month_are_counted_and_protected(company: Company) -> None:
    """By people, like everything else: what one person raised or a few days did not agree about is told of nobody."""
    find = (
        "INSERT INTO reconciliation_finding (id, employee_id, day, what, device_class, kind, context, place, items, "
        "segment_ids) VALUES (gen_random_uuid(), %s, %s, %s, 'linux', 'click', '', '', 1, '{}')"
    )
    raised = (
        "INSERT INTO incident (id, employee_id, what, grave, text, named, council, raised_at) "
        "VALUES (gen_random_uuid(), %s, %s, 'odd', 'Odd.', false, false, %s)"
    )
    company.works(company.everybody(), MONDAY)
    for at, person in enumerate(company.everybody()):
        company.superuser.execute(find, [person, MONDAY, "lost" if at % 2 else "differs"])
        about, on = "captured" if at % 3 else "other", datetime(2026, 10, 6, tzinfo=UTC)
        company.superuser.execute(raised, [person, about, on])
    company.superuser.execute(find, [company.everybody()[0], MONDAY, "somebody's name"])
    company.superuser.commit()
    company.release(week(4))
    found, month = company.figures(), company.figures(MONDAY, "month")
    whole = ("company", "", "", "")
    assert found[*whole, "mismatches"] == 115
    assert "mismatches.sort.somebody's name" not in {item for *_, item in found}
    assert found[*whole, "mismatches.sort.other"] == "few"
    assert found["site", "", "Zürich", "", "mismatches"] == "few" or found["site", "", "Zürich", "", "mismatches"] == 16
    assert month[*whole, "incidents"] == 114
    assert "incidents" not in {item for *_, item in found}, "too rare for a week"
    assert month[*whole, "incidents.answer.waits"] == "few", "with it, that nobody was answered"
    assert month[*whole, "incidents.answer.answered"] == "few"


def test_A04_what_one_person_raised_is_told_nowhere(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    company.superuser.execute(
        "INSERT INTO incident (id, employee_id, what, grave, text, named, council, raised_at) "
        "VALUES (gen_random_uuid(), %s, 'other', 'odd', 'Odd.', false, false, %s)",
        [company.everybody()[0], datetime(2026, 10, 6, tzinfo=UTC)],
    )
    company.superuser.commit()
    company.release(week(4))
    told = {why for (*_, item), why in company.figures(MONDAY, "month").items() if item.startswith("incidents")}
    assert told == {"few"}


RARE = {
    "an app": "INSERT INTO employee_day VALUES (%(who)s, %(day)s, 'click', 'whistleblower-portal', 1, 7, 7000, 7)",
    "an app of the policy": "INSERT INTO employee_day VALUES (%(who)s, %(day)s, 'click', 'outlook', 1, 7, 7000, 7)",
    "a kind": "INSERT INTO employee_day VALUES (%(who)s, %(day)s, 'prompt', 'jira', 4, 7, 7000, 7)",
    "an incident": "INSERT INTO incident (id, employee_id, what, grave, text, named, council, raised_at) "
    "VALUES (gen_random_uuid(), %(who)s, 'exposed', 'now', 'Odd.', false, false, %(at)s)",
    "a mismatch": "INSERT INTO reconciliation_finding (id, employee_id, day, what, device_class, kind, context, place, "
    "items, segment_ids) VALUES (gen_random_uuid(), %(who)s, %(day)s, 'in_stop', 'linux', 'click', '', '', 1, '{}')",
    "a request": "INSERT INTO request (id, employee_id, type, law, received_at, state, due_at) "
    "VALUES (gen_random_uuid(), %(who)s, 'restrict', 'gdpr', %(at)s, 'refused', %(at)s)",
    "a look": "INSERT INTO look (id, employee_id, reader_id, reader_name, kind, at, purpose, segment_ids, covers_from, "
    "covers_until) SELECT gen_random_uuid(), %(who)s, %(who)s, 'Ben', 'open', %(at)s, 'export', '{}', %(at)s, %(at)s",
}


@pytest.mark.parametrize("what", RARE)
def test_A04_no_line_of_a_release_is_there_because_of_what_somebody_did(
    company: Company, organisation: Organisation, what: str
) -> None:
    """The attacker compares which lines there are, week by week and month by month: they are always the same."""
    with as_owner(company.settings) as session:
        publish_trust(session, organisation.trust_envelope())
        publish(session, organisation.policy_envelope(), clock.to_ms(clock.now()))
    for number in range(9):
        company.works(company.everybody(), week(number))
    one, day = company.who["Berlin", "Legal"][0], week(6)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    company.superuser.execute("SET session_replication_role = replica")
    company.superuser.execute(RARE[what].encode(), {"who": one, "day": day, "at": at})
    company.superuser.commit()
    company.release(week(9))
    weeks = [company.figures(week(number)).keys() for number in range(9)]
    months = [company.figures(first, "month").keys() for first in (MONDAY, week(4))]
    assert all(one == weeks[0] for one in weeks)
    assert months[0] == months[1]
    assert len(months[0]) > len(weeks[0]) > 100
    told = {item for *_, item in weeks[0] | months[0]}
    named = {context.id for context in organisation.policy().contexts}
    assert {item for item in told if item.startswith("items.context.")} == {
        f"items.context.{part}" for part in (*named, "other")
    }
    assert {what for (*_, item), what in company.figures(week(6)).items() if item == "items.context.other"} >= {"few"}


def test_A04_every_word_of_a_list_is_a_line_of_it_and_has_words() -> None:
    assert set(items.FIXED["incidents.about"]) == set(About)
    for start, parts in items.FIXED.items():
        assert len(parts) == len(set(parts))
        for part in parts:
            known = f"{start.partition('.')[2]}.{part}" in words.PARTS
            assert known or words.item(f"{start}.{part}", {}) != part, f"{start}.{part}"
