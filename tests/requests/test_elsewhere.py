"""External stores in previews and counts: asked by the worker only, honest about what is not known or not possible."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.deletion import holding
from portal.deletion.holding import NewHold
from portal.requests import counting as counting_steps
from portal.requests import previewing
from portal.requests.counting import Counting
from portal.requests.patience import Patience
from portal.requests.previewing import Preview, Store
from portal.requests.rules import About, RequestType
from portal.sources.rules import setting_name
from tests.captured import store_item
from tests.requests.arrange import HANA, decided, sent
from tests.web_client import Browser, statements

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
DAY = timedelta(days=1)


class Lake:
    """A database file with one row a day of each person, ten days, two kinds by turns; described as `Events`."""

    def __init__(self, superuser: Superuser, settings: Settings, path: Path) -> None:
        self.superuser, self.settings, self.path = superuser, settings, path
        self.name, self.dataset, self.source = f"lake{uuid4().hex[:8]}", uuid4(), uuid4()
        self.ask(
            "INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, 'sql', %s)",
            self.source, self.name, setting_name(self.name),
        )  # fmt: skip
        self.ask("UPDATE dataset SET name = id::text WHERE name = 'Events'")
        self.ask(
            "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, time_column, "
            "kind_column, described_by, state) "
            "VALUES (%s, %s, 'Events', 'main.events', 'who', 'email', 'at', 'kind', 'yaml', 'usable')",
            self.dataset, self.source,
        )  # fmt: skip
        with closing(sqlite3.connect(path)) as store, store:
            store.execute("CREATE TABLE events (who TEXT, at DATETIME, kind TEXT)")

    def fill(self, *people: UUID) -> None:
        """Their rows."""
        with closing(sqlite3.connect(self.path)) as store, store:
            for person in people:
                rows = [
                    (
                        f"{person}@daylight.example",
                        f"{clock.now() - day * DAY:%Y-%m-%d %H:%M:%S}",
                        ("key", "odd")[day % 2],
                    )
                    for day in range(1, 11)
                ]
                store.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """As the superuser; committed."""
        cursor = self.superuser.execute(statement.encode(), list(values))
        rows = cursor.fetchall() if cursor.description else []
        self.superuser.commit()
        return rows

    def counting(self, database: Database, address: str | None = None) -> Counting:
        """The worker's job, with this store's address."""
        addresses = {setting_name(self.name): address or f"sqlite:///{self.path}"}
        return Counting(database, replace(self.settings, sources=addresses))

    def counts(self, request: UUID) -> list[tuple[Any, ...]]:
        """What the request remembers of it."""
        return self.ask(
            "SELECT kind, items, stays, why FROM request_count WHERE request_id = %s AND dataset_id = %s ORDER BY kind",
            request, self.dataset,
        )  # fmt: skip


@pytest.fixture
def lake(superuser: Superuser, settings: Settings, tmp_path: Path) -> Iterator[Lake]:
    """The only store there is; what other tests sent is decided."""
    superuser.execute("UPDATE request SET state = 'withdrawn', closed_at = now() WHERE state IN ('open', 'asked_back')")
    superuser.execute("DELETE FROM request WHERE state = 'draft'")
    superuser.execute("DELETE FROM source")
    superuser.commit()
    made = Lake(superuser, settings, tmp_path / "lake.db")
    yield made
    made.ask("DELETE FROM source WHERE id = %s", made.source)


WORDS = ("key", "Keystroke", "keypress", "odd")


def preview(database: Database, person: UUID, about: About | None = None) -> Preview:
    with database.transaction("web_employee", person) as session:
        return previewing.preview(session, person, about or About(), clock.now())


def there(database: Database, person: UUID, about: About | None = None) -> Store:
    """The external store of the preview."""
    (found,) = preview(database, person, about).stores[1:]
    return found


def last(days: float) -> About:
    return About(clock.now() - days * DAY, clock.now())


def known(lake: Lake, person: UUID, counted_at: datetime, rows: int = 10) -> None:
    """A count of the past."""
    lake.ask(
        "INSERT INTO dataset_count VALUES (%s, %s, %s, %s, %s)",
        person, lake.dataset, rows, '{"key": 5, "odd": 5}' if rows else "{}", counted_at,
    )  # fmt: skip


def test_an_account_of_somebody_else_is_not_counted(
    lake: Lake, database: Database, person: Callable[..., UUID]
) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    known(lake, ben, clock.now())
    assert there(database, amira).counted_at is None


def test_before_anybody_asked_it_says_so(
    lake: Lake, browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    page = browse(amira).get("/requests/new?type=erase")
    assert "Events" in page.text
    assert "not counted yet" in page.text
    assert "Nothing of yours is known yet." in page.text
    store_item(superuser, amira, clock.now() - 2 * DAY)
    assert "1 store is not in this number." in browse(amira).get("/requests/new?type=erase").text


def test_what_was_counted_is_shown_with_its_day_in_at_most_twelve_statements(
    lake: Lake, browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    known(lake, amira, clock.now() - DAY)
    answer = browse(amira).get("/requests/new?type=erase")
    assert "10 items would go." in answer.text
    assert "counted on" in answer.text
    assert statements(answer) <= 12
    assert there(database, amira, About(kinds=("odd",))).items == 5
    part = preview(database, amira, last(3))
    assert (part.items, part.open, part.stores[1].at_most) == (0, 1, True)
    lake.ask("UPDATE dataset_count SET by_kind = '{}' WHERE employee_id = %s", amira)
    lake.ask("UPDATE dataset SET kind_column = NULL WHERE id = %s", lake.dataset)
    assert there(database, amira).items == 10


def test_R03_what_a_store_calls_our_kinds_is_counted_as_these(
    lake: Lake, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    with closing(sqlite3.connect(lake.path)) as store, store:
        rows = [(f"{amira}@daylight.example", f"{clock.now() - DAY:%Y-%m-%d %H:%M:%S}", word) for word in WORDS]
        store.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
    lake.ask("UPDATE dataset SET kinds = %s WHERE id = %s", '{"keystroke": "key", "keypress": "key"}', lake.dataset)
    request = sent(database, amira).id
    lake.counting(database).run()
    assert lake.counts(request) == [("key", 3, 0, None), ("odd", 1, 0, None)]
    lake.ask(
        "UPDATE dataset_count SET by_kind = %s WHERE employee_id = %s",
        '{"key": 5, "keystroke": 2, "odd": 1}', amira,
    )  # fmt: skip
    assert preview(database, amira).kinds() == [("key", 7), ("odd", 1)]
    assert there(database, amira, About(kinds=("key",))).items == 7


def test_two_hundred_datasets_are_previewed_in_as_many_statements_as_one(
    lake: Lake, browse: Browse, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    known(lake, amira, clock.now())
    browser = browse(amira)
    addresses = (
        "/requests/new?type=erase",
        "/requests/new?type=erase&kind=key&from=2026-01-01T00:00&to=2026-02-01T00:00",
    )
    one = [statements(browser.get(address)) for address in addresses]
    lake.ask(
        "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, time_column, kind_column, "
        "described_by, state) SELECT gen_random_uuid(), %s, 'Table ' || n, 'main.t' || n, 'who', 'email', 'at', "
        "'kind', 'yaml', 'usable' FROM generate_series(1, 199) AS n", lake.source,
    )  # fmt: skip
    lake.ask(
        "INSERT INTO dataset_count SELECT %s, id, 10, '{\"key\": 5, \"odd\": 5}', now() FROM dataset WHERE id <> %s",
        amira, lake.dataset,
    )  # fmt: skip
    answers = [browser.get(address) for address in addresses]
    assert "2,000 items would go." in answers[0].text
    assert "200 stores are not in this number." in answers[1].text
    assert [statements(answer) for answer in answers] == one
    assert max(one) <= 12


def test_kinds_and_sensitivities_each_add_up_to_the_items(
    lake: Lake, browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    known(lake, amira, clock.now() - DAY)
    lake.ask("UPDATE dataset_count SET by_kind = %s WHERE employee_id = %s", '{"key": 5, "": 5}', amira)
    for _ in range(2):
        store_item(superuser, amira, clock.now() - 2 * DAY)
    counted = preview(database, amira)
    assert counted.items == 12
    assert sum(items for _, items in counted.kinds()) + counted.kindless == counted.items
    assert sum(items for _, items in counted.levels()) + counted.levelless == counted.items
    page = browse(amira).get("/requests/new?type=erase").text
    assert "without a kind: 5" in page
    assert "without a sensitivity: 10" in page


def test_a_store_that_cannot_tell_what_is_asked_says_so(
    lake: Lake, browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    known(lake, amira, clock.now())
    assert there(database, amira, About(contexts=("vscode",))).refused == "no_context_column:main.events"
    lake.ask("UPDATE dataset SET time_column = NULL WHERE id = %s", lake.dataset)
    page = browse(amira).get("/requests/new?type=erase&from=2026-01-01T00:00&to=2026-01-02T00:00").text
    assert "It does not say when a row was made" in page
    assert preview(database, amira, last(3)).items == 0


WHOLE = "Within these it holds every app, every sensitivity and every item"


@pytest.mark.parametrize("narrowed", [About(contexts=("vscode",)), About(sensitivities=(4,))])
def test_a_copy_says_what_does_not_narrow_it_and_counts_what_it_will_hold(
    narrowed: About, lake: Lake, browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    """The vault's order names time and kinds alone: other stores are not refused for want of a column, nor narrowed."""
    amira = person("Amira Kaya")
    lake.fill(amira)
    known(lake, amira, clock.now())
    query = "context=vscode" if narrowed.contexts else "sensitivity=4"
    browser = browse(amira)
    page = browser.get(f"/requests/new?type=access&{query}").text
    assert WHOLE in page
    assert "It is about 10 items." in page
    assert WHOLE not in browser.get(f"/requests/new?type=erase&{query}").text
    assert WHOLE not in browser.get("/requests/new?type=access&kind=key").text
    assert WHOLE in browser.get("/exports").text
    request = sent(database, amira, RequestType.ACCESS, narrowed)
    lake.counting(database).run()
    assert lake.counts(request.id) == [("key", 5, 0, None), ("odd", 5, 0, None)]
    assert WHOLE in browser.get(f"/requests/{request.id}").text
    erase = sent(database, amira, about=narrowed)
    lake.counting(database).run()
    assert [row[3] is not None for row in lake.counts(erase.id)] == [True], "an erasure takes no more than was asked"


def test_single_items_lie_in_daylight_only(lake: Lake, database: Database, person: Callable[..., UUID]) -> None:
    amira = person("Amira Kaya")
    assert len(preview(database, amira, About(segments=(uuid4(),))).stores) == 1
    request = sent(database, amira, about=About(segments=(uuid4(),)))
    assert lake.counting(database).next() is False
    assert lake.counts(request.id) == []


def test_the_worker_counts_what_was_sent_and_nobody_elses(
    lake: Lake, database: Database, browse: Browse, person: Callable[..., UUID]
) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    lake.fill(amira, ben)
    request, other = sent(database, amira), sent(database, ben)
    counting = lake.counting(database)
    assert [counting.next() for _ in range(3)] == [True, True, False]
    for one in (request, other):
        assert lake.counts(one.id) == [("key", 5, 0, None), ("odd", 5, 0, None)]
    assert there(database, amira).items == 10
    page = browse(amira).get(f"/requests/{request.id}")
    assert "Events" in page.text
    assert statements(page) <= 12


def test_a_part_is_counted_exactly_and_does_not_pass_for_the_whole(
    lake: Lake, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    lake.fill(amira)
    request = sent(database, amira, about=last(3.5))
    lake.counting(database).run()
    assert lake.counts(request.id) == [("key", 1, 0, None), ("odd", 2, 0, None)]
    assert there(database, amira).counted_at is None


def test_what_a_hold_keeps_there_is_counted_and_shown(
    lake: Lake, database: Database, browse: Browse, person: Callable[..., UUID]
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    lake.fill(amira)
    hold = NewHold(now - 5.5 * DAY, now - 2.5 * DAY, "legal_claims", "Case 7", now + 30 * DAY)
    with database.transaction("web_hr", HANA.id) as session:
        assert HANA.id
        holding.set_hold(session, amira, hold, HANA.id, now)
    page = browse(amira).get("/requests/new?type=erase").text
    assert "Something in other stores may have to stay for now" in page
    assert "Case 7" in page
    request = sent(database, amira)
    lake.counting(database).run()
    assert lake.counts(request.id) == [("key", 5, 1, "hold"), ("odd", 5, 2, "hold")]
    lake.ask("UPDATE dataset SET time_column = NULL WHERE id = %s", lake.dataset)
    other = sent(database, amira, about=About(kinds=("key",)))
    lake.counting(database).run()
    assert lake.counts(other.id) == [(None, 0, 0, "no_time_column:main.events")]


def test_a_store_out_of_reach_is_marked_and_asked_again_later(
    lake: Lake, database: Database, browse: Browse, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    lake.fill(amira)
    request = sent(database, amira)
    away = lake.counting(database, "sqlite:////nowhere/at/all.db")
    assert away.next() is True
    assert away.next() is False, "it is left alone for a while"
    assert lake.counts(request.id) == [(None, 0, 0, "unreachable")]
    assert "The store does not answer now." in browse(amira).get(f"/requests/{request.id}").text
    assert "does not answer since" in browse(amira).get("/requests/new").text
    lake.ask("UPDATE request_count SET counted_at = now() - interval '1 hour' WHERE request_id = %s", request.id)
    lake.counting(database).run()
    assert [row[1] for row in lake.counts(request.id)] == [5, 5]
    assert lake.ask("SELECT unreachable_since FROM source WHERE id = %s", lake.source) == [(None,)]


def test_R03_a_store_that_does_not_answer_keeps_no_other_from_being_counted(
    lake: Lake, database: Database, person: Callable[..., UUID], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira = person("Amira Kaya")
    lake.fill(amira)
    request, slow = sent(database, amira), Lake(lake.superuser, lake.settings, tmp_path / "slow.db")
    addresses = {setting_name(one.name): f"sqlite:///{one.path}" for one in (lake, slow)}
    counting, heard = Counting(database, replace(lake.settings, sources=addresses)), Event()
    answers = counting_steps._answers

    def waits_for_the_other(stores: Any, source: Any, targets: Any) -> Any:
        if source.id == slow.source:
            assert heard.wait(60), "the other one is asked only after this one"
        yield from answers(stores, source, targets)
        heard.set()

    monkeypatch.setattr(counting_steps, "_answers", waits_for_the_other)
    assert counting.next() is True
    assert [row[1] for row in lake.counts(request.id)] == [5, 5]
    slow.ask("DELETE FROM source WHERE id = %s", slow.source)


def test_R03_who_owes_an_answer_is_waited_for_once() -> None:
    patience, go, begun = Patience[str, int](timedelta(0)), Event(), []

    def slow() -> int:
        begun.append(1)
        go.wait(60)
        return 1

    assert patience.ask({"slow": slow}) == {}
    assert patience.ask({"slow": slow}) == {}
    assert len(begun) == 1
    go.set()


def test_who_cannot_be_found_there_is_told_so_once(lake: Lake, database: Database, person: Callable[..., UUID]) -> None:
    amira = person("Amira Kaya")
    lake.ask("UPDATE dataset SET subject_kind = 'handle' WHERE id = %s", lake.dataset)
    request = sent(database, amira)
    counting = lake.counting(database)
    assert (counting.next(), counting.next()) == (True, False)
    assert lake.counts(request.id) == [(None, 0, 0, "no_handle:")]


def test_what_was_decided_meanwhile_keeps_its_counts(
    lake: Lake, database: Database, person: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    amira = person("Amira Kaya")
    request, counting = sent(database, amira), lake.counting(database)
    ask = counting._ask

    def slow(questions: Any) -> Any:
        decided(database, request.id)
        return ask(questions)

    monkeypatch.setattr(counting, "_ask", slow)
    assert counting.next() is True
    assert lake.counts(request.id) == []


def test_a_draft_has_the_stores_counted_daily(
    lake: Lake, database: Database, browse: Browse, person: Callable[..., UUID]
) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    lake.fill(amira, ben)
    counting = lake.counting(database)
    assert counting.next() is False
    browse(amira).post("/requests/drafts", {"type": "erase", "words": "Perhaps."})
    assert (counting.next(), counting.next()) == (True, False)
    assert there(database, amira).items == 10
    assert there(database, ben).counted_at is None
    browse(ben).post("/requests/drafts", {"type": "erase", "words": "Perhaps."})
    assert (counting.next(), counting.next()) == (True, False)
    assert there(database, ben).items == 10
    lake.ask(
        "UPDATE dataset_count SET rows = 3, counted_at = now() - interval '25 hours' WHERE employee_id = %s", amira
    )
    counting.run()
    assert lake.ask("SELECT rows FROM dataset_count WHERE employee_id = %s", amira) == [(10,)]


@pytest.mark.parametrize("address", ["sqlite:////nowhere/at/all.db", "no-such-thing"])
def test_a_draft_does_not_have_a_store_hammered_that_is_away(
    address: str, lake: Lake, database: Database, browse: Browse, person: Callable[..., UUID]
) -> None:
    browse(person("Amira Kaya")).post("/requests/drafts", {"type": "erase", "words": "Perhaps."})
    counting = lake.counting(database, address)
    assert (counting.next(), counting.next()) == (True, False)
    assert lake.ask("SELECT unreachable_since IS NOT NULL FROM source WHERE id = %s", lake.source) == [(True,)]
