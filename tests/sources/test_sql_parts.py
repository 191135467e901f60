"""Tables that inherit and partitions, on a real PostgreSQL: a DELETE on a table takes theirs, so their keys count."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from portal.sources.connectors.base import Layout, Lying, Reason, RefusedError
from tests.sources.people import RUN, elsewhere, target
from tests.sources.test_sql import Address, Store, database, opened, reason

__all__ = ["database"]
INHERITED = (
    "CREATE TABLE chats (id integer PRIMARY KEY, who text)",
    "CREATE TABLE calls (room text, PRIMARY KEY (id)) INHERITS (chats)",
    "CREATE TABLE long_calls (PRIMARY KEY (id)) INHERITS (calls)",
    "INSERT INTO chats VALUES (1, 'amira'), (2, 'ben')",
    "INSERT INTO calls VALUES (3, 'amira', 'red'), (4, 'ben', 'red')",
    "INSERT INTO long_calls VALUES (5, 'amira', 'blue')",
)
PARTED = (
    "CREATE TABLE chats (id integer PRIMARY KEY, who text) PARTITION BY RANGE (id)",
    "CREATE TABLE calls PARTITION OF chats FOR VALUES FROM (3) TO (5)",
    "CREATE TABLE long_calls PARTITION OF chats FOR VALUES FROM (5) TO (9) PARTITION BY RANGE (id)",
    "CREATE TABLE longest PARTITION OF long_calls FOR VALUES FROM (5) TO (9)",
    "CREATE TABLE others PARTITION OF chats DEFAULT",
    "INSERT INTO chats VALUES (1, 'amira'), (2, 'ben'), (3, 'amira'), (4, 'ben'), (5, 'amira')",
)
CASES = {
    "a table that inherits": (INHERITED, "chats", "calls", 3),
    "one that inherits from it": (INHERITED, "chats", "long_calls", 5),
    "a table in between": (INHERITED, "calls", "long_calls", 5),
    "a partition": (PARTED, "chats", "calls", 3),
    "a partition's partition": (PARTED, "chats", "longest", 5),
    "the whole, and a partition is described": (PARTED, "calls", "chats", 3),
}
"""What is made, which table is described, which one others refer to, and which row."""


@pytest.fixture
def store(database: Address) -> Iterator[Store]:
    with opened(database) as made:
        yield made
        made.run("DROP TABLE IF EXISTS answers", "DROP TABLE IF EXISTS chats CASCADE")


def layout(name: str = "chats") -> Layout:
    return replace(elsewhere(name), kind_column=None, time_column=None)


def rows(store: Store, name: str) -> list[int]:
    with store.engine.connect() as connection:
        return sorted(connection.execute(text(f"SELECT id FROM {name}")).scalars())


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("does", ["CASCADE", "SET NULL", "SET DEFAULT"])
def test_R03_keys_to_what_inherits_and_to_partitions_take_nobody_along(store: Store, case: str, does: str) -> None:
    made, described, meant, row = CASES[case]
    refer = f"CREATE TABLE answers (id integer DEFAULT {row} REFERENCES {meant} ON DELETE {does}, who text)"
    store.run(*made, refer, f"INSERT INTO answers VALUES ({row}, 'ben')")
    before = rows(store, "chats")
    assert [it.reason for it in store.connector.doubts(layout(described))] == [Reason.TAKEN_ALONG]
    with pytest.raises(RefusedError) as refusal:
        store.connector.erase(target(layout(described), subject="amira"), RUN)
    assert (refusal.value.reason, refusal.value.detail) == (Reason.TAKEN_ALONG, f"answers: ON DELETE {does}")
    assert (rows(store, "chats"), rows(store, "answers")) == (before, [row])


@pytest.mark.parametrize("made", [INHERITED, PARTED])
def test_R03_a_key_to_a_child_that_lets_nothing_go_leaves_all_of_it(store: Store, made: tuple[str, ...]) -> None:
    store.run(*made, "CREATE TABLE answers (id integer REFERENCES calls)", "INSERT INTO answers VALUES (3)")
    meant = target(layout(), subject="amira")
    assert store.connector.doubts(layout()) == []
    assert reason(lambda: store.connector.erase(meant, RUN)) is Reason.REFERENCED
    assert rows(store, "chats") == [1, 2, 3, 4, 5]
    store.run("DELETE FROM answers")
    assert store.connector.count(meant).rows == len(list(store.connector.export(meant))) == 3
    assert store.connector.erase(meant, RUN).rows == 3
    assert (store.connector.remaining(meant), rows(store, "chats")) == (0, [2, 4])


def test_a_key_to_the_table_above_is_nothing_to_what_inherits(store: Store) -> None:
    store.run(*INHERITED, "CREATE TABLE answers (id integer REFERENCES chats ON DELETE CASCADE, who text)")
    assert store.connector.doubts(layout("calls")) == []
    meant = target(layout("calls"), subject="amira")
    assert store.connector.erase(meant, RUN).rows == store.connector.count(meant).rows + 2 == 2


def test_what_inherits_is_not_frozen_for_its_columns_would_be_lost(store: Store) -> None:
    store.run(*INHERITED)
    with pytest.raises(RefusedError) as refusal:
        store.connector.seclude(layout(), "")
    assert (refusal.value.reason, refusal.value.detail) == (Reason.NO_WAY_BACK, "calls")
    assert rows(store, "chats") == [1, 2, 3, 4, 5]


def test_partitions_are_frozen_and_come_back_where_they_were(store: Store) -> None:
    store.run(*PARTED)
    meant = target(layout(), subject="amira")
    store.connector.seclude(layout(), "")
    assert store.connector.freeze(meant, RUN) == 3
    assert (store.connector.lying(meant), rows(store, "chats")) == (Lying(0, 3), [2, 4])
    assert store.connector.thaw(meant, RUN) == 3
    assert (rows(store, "calls"), rows(store, "longest"), rows(store, "others")) == ([3, 4], [5], [1, 2])
    store.run("DROP TABLE chats_daylight_restricted")
