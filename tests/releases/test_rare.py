"""Mismatches and incidents in the releases: counted by people, and protected like everything people do."""

from datetime import UTC, datetime

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
