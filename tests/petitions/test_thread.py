"""From start to the next day's count: with a name, and without."""

from collections.abc import Callable
from uuid import UUID

from portal.core import clock
from portal.core.db import Database
from portal.petitions import jobs
from tests.ballot.process import BallotProcess
from tests.petitions.arrange import DAY, WORDS, Card, Superuser, column, emptied_on, key_of, votes
from tests.web_client import Browser, statements

Browse = Callable[[UUID | None], Browser]


def test_a_petition_is_started_signed_both_ways_and_counted_the_next_day(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser, ballot: BallotProcess, database: Database
) -> None:
    amira, ben = browse(person("Amira Kaya")), browse(person("Ben Otto"))
    answer = amira.post("/petitions", WORDS | {"seen": "1"})
    assert answer.status_code == 303, answer.text
    path = answer.headers["Location"]
    number = UUID(path.rpartition("/")[2])
    assert ben.post(f"{path}/sign").status_code == 303
    page = ben.get(path)
    assert "Ben Otto" in page.text
    assert "Amira Kaya" in page.text
    assert statements(page) <= 12
    assert column(superuser, number, "named") == 1
    card = Card(number, key_of(superuser, number))
    card.fetch(amira)
    assert card.call(ballot, "hand-in") == (200, {})
    assert votes(superuser, number) == 1
    emptied_on(database, (clock.now() + DAY).date())
    with database.transaction("worker") as session:
        while jobs.count_next(session, clock.now() + DAY):
            pass
    assert column(superuser, number, "unnamed") is None  # one is too few to be shown
    assert column(superuser, number, "counted_on") == (clock.now() + DAY).date()
