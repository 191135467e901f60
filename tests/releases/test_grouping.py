"""A04: the k of a quarter is what the works council signed for it; old releases keep theirs."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from portal.core.clock import to_ms
from portal.operations.publish import as_owner
from portal.policies.actions import publish_trust
from portal.releases import periods
from portal.releases.grouping import next_quarter, people_in
from portal.releases.jobs import smallest_group
from tests.cast import Organisation
from tests.releases.conftest import MONDAY, Company, week
from wire import canonical, codec, documents, dsse
from wire.grouping import SmallestGroup

OCTOBER, JANUARY, APRIL = date(2026, 10, 1), date(2027, 1, 1), date(2027, 4, 1)
NOVEMBER = to_ms(datetime(2026, 11, 2, tzinfo=UTC))
EIGHT = SmallestGroup(1, 8, 10, "2027-01-01", "Our smallest teams want to see themselves.", NOVEMBER)
WINTER = periods.monday(date(2027, 1, 11))


@pytest.fixture
def signing(company: Company) -> Organisation:
    """A trust document with a council."""
    made = Organisation()
    with as_owner(company.settings) as session:
        publish_trust(session, made.trust_envelope())
    return made


def store(company: Company, document: SmallestGroup, envelope: bytes | None, people: int | None = None) -> None:
    """A row that claims to be signed."""
    company.superuser.execute(
        "INSERT INTO smallest_group (id, number, people, starts, document, envelope, trust_version, signed_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, 1, now())",
        [uuid4(), document.number, people or document.people, document.starts,
         canonical.encode(codec.to_value(document)).decode(), envelope.decode() if envelope else None],
    )  # fmt: skip
    company.superuser.commit()


def test_which_k_holds_in_a_quarter() -> None:
    twelve = replace(EIGHT, number=2, people=12, replaces=8, starts="2027-04-01")
    back = replace(EIGHT, number=3, people=10, replaces=12, starts="2027-04-01")
    assert people_in(OCTOBER, [], 10) == people_in(OCTOBER, [EIGHT, twelve], 10) == 10
    assert people_in(JANUARY, [EIGHT, twelve], 15) == 8
    assert people_in(APRIL, [twelve, EIGHT], 10) == 12
    assert people_in(APRIL, [back, twelve, EIGHT], 9) == 10
    assert next_quarter(datetime(2026, 12, 31, 23, tzinfo=UTC)) == JANUARY
    assert next_quarter(datetime(2027, 1, 1, tzinfo=UTC)) == APRIL


def test_A04_nothing_is_counted_below_the_floor() -> None:
    with pytest.raises(ValueError, match="fewer than 8"):
        people_in(OCTOBER, [], 7)


def test_A04_what_the_council_signed_holds_from_its_quarter_on_and_old_releases_keep_theirs(
    company: Company, signing: Organisation
) -> None:
    company.hire("IE", "Dublin", "Design", 9)
    company.works(company.everybody(), MONDAY)
    store(company, EIGHT, documents.sign(EIGHT, [signing.council]))
    company.release(week(1))
    assert company.figures()["department", "", "Dublin", "Design", "people"] == "small"
    company.works(company.everybody(), WINTER)
    company.release(WINTER + periods.WEEK)
    assert company.figures(WINTER)["department", "", "Dublin", "Design", "people"] == 9
    assert company.figures(WINTER)["department", "", "Berlin", "Legal", "people"] == "small"
    assert company.figures()["department", "", "Dublin", "Design", "people"] == "small"
    told: dict[date, int] = dict(
        company.superuser.execute("SELECT starts_on, k FROM pub.release WHERE span = 'week'").fetchall()
    )
    assert (told[MONDAY], told[WINTER]) == (10, 8)


def test_A04_what_is_published_beside_the_releases_goes_by_the_same_number(
    company: Company, signing: Organisation
) -> None:
    number = smallest_group(12)
    store(company, EIGHT, documents.sign(EIGHT, [signing.council]))
    with company.database.transaction("worker") as session:
        assert number(session, date(2026, 12, 1)) == 12
        assert number(session, date(2027, 2, 1)) == 8


def unsigned(signing: Organisation) -> dict[str, bytes]:
    """What a compromised server might write down as a signature."""
    nobody = documents.sign(EIGHT, [])
    return {
        "nobody": nobody,
        "the officer": documents.sign(EIGHT, [signing.officer]),
        "the lease key": documents.sign(EIGHT, [signing.lease]),
        "another document": dsse.sign("text/plain", canonical.encode(codec.to_value(EIGHT)), [signing.council]),
        "one byte": documents.sign(EIGHT, [signing.council]).replace(b'"sig":"', b'"sig":"A', 1),
    }


@pytest.mark.parametrize("by", ["nobody", "the officer", "the lease key", "another document", "one byte"])
def test_A04_a_number_that_the_council_did_not_sign_is_not_used(
    company: Company, signing: Organisation, by: str
) -> None:
    company.works(company.everybody(), WINTER)
    store(company, EIGHT, unsigned(signing)[by])
    with pytest.raises((dsse.SignatureError, codec.DocumentError)):
        company.release(WINTER + periods.WEEK, since=WINTER)
    assert company.value("SELECT count(*) FROM pub.release") == 0


def test_A04_a_proposal_that_waits_changes_nothing(company: Company, signing: Organisation) -> None:
    store(company, EIGHT, documents.sign(EIGHT, [signing.council]))
    company.superuser.execute("SET session_replication_role = replica")
    company.superuser.execute("UPDATE smallest_group SET signed_at = NULL, trust_version = NULL")
    company.superuser.execute("SET session_replication_role = origin")
    company.superuser.commit()
    company.hire("IE", "Dublin", "Design", 9)
    company.works(company.everybody(), WINTER)
    company.release(WINTER + periods.WEEK, since=WINTER)
    assert company.figures(WINTER)["department", "", "Dublin", "Design", "people"] == "small"


def test_A04_the_database_keeps_the_floor_and_what_was_signed(company: Company, signing: Organisation) -> None:
    for people in (7, -1):
        with pytest.raises(psycopg.errors.CheckViolation):
            store(company, EIGHT, documents.sign(EIGHT, [signing.council]), people)
        company.superuser.rollback()
    store(company, EIGHT, documents.sign(EIGHT, [signing.council]))
    changes: tuple[Any, ...] = ("envelope = NULL", "withdrawn_at = now()", "signed_at = NULL", "people = 20")
    for change in changes:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            company.superuser.execute(f"UPDATE smallest_group SET {change}".encode())
        company.superuser.rollback()
