"""The owner's digest: what does not get on in their store, once a working day, and never whose data it is."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal.notifications.mails import compose
from portal.owners.rules import Trouble
from tests.owners.conftest import Store

MONDAY = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOTHING = {"pending": 0, "failed": 0, "partial": 0, "late": 0}


def counts(params: dict[str, object]) -> dict[str, object]:
    return {name: params[name] for name in NOTHING}


def owned(store: Store, **columns: object) -> UUID:
    """Somebody of the company answers for it since two weeks."""
    owner = store.person("Otto Lake", email=f"Otto-{uuid4()}@daylight.example", timezone="Europe/Berlin", **columns)
    address = store.superuser.execute("SELECT lower(email) FROM employee WHERE id = %s", [owner]).fetchone()
    assert address
    store.owned_by(str(address[0]), MONDAY - 14 * DAY)
    return owner


def test_one_mail_a_day_counts_what_does_not_get_on(store: Store) -> None:
    owner = owned(store)
    store.step("pending", MONDAY - 3 * DAY, pending_since=MONDAY - 25 * HOUR)
    store.step("running", MONDAY - 3 * DAY, pending_since=MONDAY - 2 * DAY)
    store.step("refused", MONDAY - HOUR, MONDAY - HOUR, reason="denied:")
    store.step("partial", MONDAY - HOUR, MONDAY - HOUR, remaining=3)
    store.step("partial", MONDAY - HOUR, MONDAY - HOUR, reason="no_read_back:X")
    store.step("done", MONDAY - 2 * DAY, MONDAY - HOUR, remaining=0)
    for later in (0, 1, 5):
        store.tell(MONDAY + later * HOUR)
    ((person, address, params),) = store.mails()
    assert (person, address) == (owner, None)
    assert counts(params) == {"pending": 2, "failed": 1, "partial": 2, "late": 1}
    assert params["datasets"] == f"Chat of {store.name}"


def test_what_has_ended_is_told_once_and_what_waits_each_day(store: Store) -> None:
    owned(store)
    store.step("pending", MONDAY - 3 * DAY, pending_since=MONDAY - 2 * DAY)
    store.step("refused", MONDAY - HOUR, MONDAY - HOUR, reason="denied:")
    store.tell(MONDAY)
    store.tell(MONDAY + DAY)
    assert [counts(params) for *_, params in store.mails()] == [
        NOTHING | {"pending": 1, "failed": 1},
        NOTHING | {"pending": 1},
    ]


def test_what_is_not_the_stores_doing_is_not_told(store: Store) -> None:
    owned(store)
    store.step("pending", MONDAY - DAY, pending_since=MONDAY - 23 * HOUR)
    store.step("waiting", MONDAY - 9 * DAY)
    store.step("refused", MONDAY - HOUR, MONDAY - HOUR, reason="ground:legal_claims")
    store.step("partial", MONDAY - HOUR, MONDAY - HOUR, remaining=0, held=4)
    store.step("done", MONDAY - 23 * HOUR, MONDAY - HOUR, remaining=0)
    store.step("refused", MONDAY - 20 * DAY, MONDAY - 15 * DAY, reason="denied:")
    store.tell(MONDAY)
    assert store.mails() == []


@pytest.mark.parametrize("when", [MONDAY - DAY, MONDAY - 2 * DAY, MONDAY.replace(hour=5)])
def test_not_at_weekends_nor_before_seven_where_the_owner_lives(store: Store, when: datetime) -> None:
    owned(store)
    store.step("pending", when - 3 * DAY, pending_since=when - 2 * DAY)
    store.tell(when)
    assert store.mails() == []


def test_a_teams_address_is_told_without_an_account(store: Store) -> None:
    address = f"lake-{uuid4()}@daylight.example"
    store.owned_by(address, MONDAY - DAY)
    store.step("pending", MONDAY - 3 * DAY, pending_since=MONDAY - 2 * DAY)
    store.tell(MONDAY)
    assert [(person, to) for person, to, _ in store.mails()] == [(None, address)]


def test_who_has_left_is_told_nothing_and_nobody_is_a_fine_answer(store: Store) -> None:
    owner = owned(store)
    store.step("pending", MONDAY - 3 * DAY, pending_since=MONDAY - 2 * DAY)
    store.tell(MONDAY - 7 * DAY)
    store.do("UPDATE employee SET left_at = now() WHERE id = %s", owner)
    store.tell(MONDAY)
    store.owned_by(None, MONDAY)
    store.tell(MONDAY + DAY)
    assert store.mails() == []


def test_the_mail_names_no_requester_and_leads_nowhere() -> None:
    params = {"store": "lake", "datasets": "Chat", "hours": 24, "pending": 2, "failed": 0, "partial": 1, "late": 0}
    mail = compose(
        (uuid4(), "store_digest", params),
        ("lake@x.example", "lake@x.example", None),
        "a@b.example",
        "https://d.example",
    )
    text = mail.get_content()
    assert mail["Subject"].startswith("Deletions in lake: 2 wait, 0 refused, 1 in part / Löschungen in lake")
    assert "names nobody whose data is meant" in text
    assert "https://" not in text
    german = compose(
        (uuid4(), "store_digest", params), ("Otto", "o@x.example", "de"), "a@b.example", "https://d.example"
    )
    assert german.get_content().startswith("Guten Tag Otto")


def test_of_many_datasets_the_first_few_are_named() -> None:
    assert Trouble(pending=1, datasets=tuple("abcdefg")).names() == "a, b, c, d, e, …"
    assert not Trouble()
