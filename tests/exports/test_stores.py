"""External stores in an export: read by the worker, handed to the real vault batch by batch."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.core.db import Database
from portal.core.ending import Ending, EndingError
from portal.core.vault_client import VaultClient
from portal.exports import actions
from portal.exports.rules import Chosen
from portal.exports.stores import (
    LONGEST_ROW,
    Named,
    StoreRefused,
    StoreUnreachable,
    StoreWork,
    Wanted,
    batches,
)
from tests.vault.arrange import Insider, Superuser
from tests.vault.exporting import Archive, await_state

Read = Callable[[Wanted], Iterator[dict[str, Any]]]


@dataclass
class Lists:
    """Stores in memory: name → how its rows are read."""

    read: dict[str, Read]
    ids: dict[UUID, str] = field(default_factory=dict)
    asked: list[Wanted] = field(default_factory=list)

    def names(self, _session: Any, _person: UUID) -> Sequence[Named]:
        made = {uuid4(): name for name in self.read}
        self.ids |= made
        return [Named(dataset, name) for dataset, name in made.items()]

    @contextmanager
    def rows(self, _session: Any, wanted: Wanted) -> Iterator[Iterator[dict[str, Any]]]:
        self.asked.append(wanted)
        yield self.read[self.ids[wanted.dataset]](wanted)


def many(_wanted: Wanted) -> Iterator[dict[str, Any]]:
    yield from ({"number": number, "note": "grün"} for number in range(1200))


def breaks_off(_wanted: Wanted) -> Iterator[dict[str, Any]]:
    yield from ({"number": number} for number in range(700))
    raise StoreUnreachable


def denied(_wanted: Wanted) -> Iterator[dict[str, Any]]:
    raise StoreRefused("no_handle")


def odd(_wanted: Wanted) -> Iterator[dict[str, Any]]:
    raise ZeroDivisionError


def order(client: VaultClient, who: Insider) -> UUID:
    return actions.order(client, who.ticket, Chosen(), language="en", timezone="UTC").id


def work_through(work: StoreWork, superuser: Superuser, made: UUID) -> None:
    """Ring the bell until this order's stores are named and each was tried: one whose row the vault holds waits."""
    deadline = time.monotonic() + 60
    while waits(superuser, made):
        if not work.next():
            time.sleep(0.02)
        assert time.monotonic() < deadline


def waits(superuser: Superuser, made: UUID) -> bool:
    row = superuser.execute(
        "SELECT stores_listed_at IS NULL AND cancelled_at IS NULL OR EXISTS (SELECT FROM export_store s "
        "WHERE s.order_id = o.id AND o.cancelled_at IS NULL AND s.state = 'waiting' AND s.next_try_at <= now()) "
        "FROM export_order o WHERE id = %s",
        [made],
    ).fetchone()
    superuser.commit()
    assert row
    return bool(row[0])


@pytest.fixture(autouse=True)
def nobody_else_waits(superuser: Superuser) -> None:
    """Orders that other tests left behind are over."""
    superuser.execute("UPDATE export_order SET cancelled_at = now() WHERE finished_at IS NULL AND cancelled_at IS NULL")
    superuser.commit()


def stores_of(superuser: Superuser, made: UUID) -> dict[str, tuple[Any, ...]]:
    rows = superuser.execute(
        "SELECT store, state, rows, reason, pending_since IS NOT NULL FROM export_store WHERE order_id = %s", [made]
    ).fetchall()
    superuser.commit()
    return {str(row[0]): row[1:] for row in rows}


def fetch(client: VaultClient, who: Insider, made: UUID) -> Archive:
    return Archive(b"".join(client.download(who.ticket, made)))


def test_rows_of_a_store_come_into_the_archive(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider
) -> None:
    made, stores = order(client, amira), Lists({"CRM": many})
    work_through(StoreWork(database, client, stores), superuser, made)
    assert stores_of(superuser, made) == {"CRM": ("done", 1200, None, False)}
    assert {wanted.person for wanted in stores.asked} == {amira.person}
    await_state(superuser, made, lambda row: row["finished_at"])
    archive = fetch(client, amira, made)
    assert archive.lines("data/stores/000.jsonl") == list(many(stores.asked[0]))
    assert "CRM" in archive.text("index.html")


def test_without_stores_nothing_is_waited_for(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider
) -> None:
    made = order(client, amira)
    work_through(StoreWork(database, client, Lists({})), superuser, made)
    assert await_state(superuser, made, lambda row: row["finished_at"])["state"] == "ready"


def test_a_store_that_breaks_off_is_read_again_from_its_start(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider
) -> None:
    made, stores = order(client, amira), Lists({"lake": breaks_off})
    work = StoreWork(database, client, stores)
    work_through(work, superuser, made)
    assert stores_of(superuser, made) == {"lake": ("waiting", 500, "unreachable", True)}
    stores.read["lake"] = many
    superuser.execute("UPDATE export_store SET next_try_at = now() WHERE order_id = %s", [made])
    superuser.commit()
    work_through(work, superuser, made)
    assert stores_of(superuser, made)["lake"][:2] == ("done", 1200)
    await_state(superuser, made, lambda row: row["finished_at"])
    assert len(fetch(client, amira, made).lines("data/stores/000.jsonl")) == 1200


def test_a_store_out_of_reach_for_an_hour_is_missing_and_the_rest_is_made(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider
) -> None:
    made = order(client, amira)
    work = StoreWork(database, client, Lists({"lake": breaks_off, "CRM": many, "old": denied, "odd": odd}))
    work_through(work, superuser, made)
    superuser.execute("UPDATE export_store SET next_try_at = now() WHERE order_id = %s", [made])
    superuser.commit()
    claimed = work._claim()
    assert claimed is not None
    late = type(claimed)(claimed.order, claimed.number, claimed.wanted, clock.now() - timedelta(hours=1))
    work._later(late, unreachable=True)
    assert stores_of(superuser, made) == {
        "lake": ("missing", 500, "unreachable", True),
        "CRM": ("done", 1200, None, False),
        "old": ("missing", 0, "no_handle", False),
        "odd": ("missing", 0, "failed", False),
    }
    await_state(superuser, made, lambda row: row["finished_at"])
    told = {row["store"]: row for row in fetch(client, amira, made).manifest()["stores"]}
    assert (told["lake"]["state"], told["lake"]["file"], told["lake"]["rows"]) == ("missing", None, None)
    assert told["lake"]["pending_since"]
    assert told["old"]["reason"] == "no_handle"


def test_two_workers_do_not_read_one_store_at_once(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider
) -> None:
    made = order(client, amira)
    superuser.execute("UPDATE export_order SET next_try_at = now() + interval '1 hour' WHERE id = %s", [made])
    superuser.commit()
    work = StoreWork(database, client, Lists({"CRM": many}))
    deadline = time.monotonic() + 60
    while not work._name_stores():
        assert time.monotonic() < deadline
    assert work._claim() is not None
    assert work._claim() is None


def test_a_cancelled_order_takes_no_more_rows(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider
) -> None:
    made = order(client, amira)

    def cancelled(_wanted: Wanted) -> Iterator[dict[str, Any]]:
        yield from ({"number": number} for number in range(600))
        superuser.execute("UPDATE export_order SET cancelled_at = now() WHERE id = %s", [made])
        superuser.commit()
        yield from ({"number": number} for number in range(600))

    work_through(StoreWork(database, client, Lists({"CRM": cancelled})), superuser, made)
    assert stores_of(superuser, made)["CRM"][:2] == ("running", 500)


def test_batches_fit_a_message_and_lose_no_row() -> None:
    rows: list[dict[str, Any]] = [{"text": "x" * 1000, "n": number} for number in range(1000)]
    made = list(batches(iter(rows)))
    assert [row for batch in made for row in batch] == rows
    assert max(len(batch) for batch in made) <= 500
    assert max(sum(len(row["text"]) for row in batch) for batch in made) <= 256 * 1024
    (batch,) = batches(iter([{"big": "x" * LONGEST_ROW}]))
    assert batch == [{"too_long": LONGEST_ROW + len('{"big": ""}'), "columns": ["big"]}]


def test_the_person_sees_each_store(
    browser_of: Any, client: VaultClient, database: Database, superuser: Superuser, amira: Insider
) -> None:
    made = order(client, amira)
    work_through(StoreWork(database, client, Lists({"lake": breaks_off, "CRM": many})), superuser, made)
    page = browser_of(amira).get(f"/exports/{made}").get_data(as_text=True)
    for said in ("CRM", "1,200 rows", "lake", "out of reach"):
        assert said in page


def test_a_store_that_is_read_when_the_worker_is_to_end_is_read_anew_by_the_next(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider
) -> None:
    ending = Ending()

    def until_asked(_wanted: Wanted) -> Iterator[dict[str, Any]]:
        for number in range(1200):
            if number == 700:
                ending.ask()
            yield {"number": number}

    made, stores = order(client, amira), Lists({"CRM": until_asked})
    with pytest.raises(EndingError):
        work_through(StoreWork(database, client, stores, ending), superuser, made)
    assert stores_of(superuser, made)["CRM"][0] != "missing"
    stores.read["CRM"] = many
    work_through(StoreWork(database, client, stores), superuser, made)
    assert stores_of(superuser, made) == {"CRM": ("done", 1200, None, False)}
