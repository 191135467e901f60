"""What the worker does with decided requests: steps for each store, an end when the copy is there, nothing twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.deletion.planning import OWN_KINDS
from portal.requests import actions
from portal.requests.deciding import Proposal
from portal.requests.jobs import close_exported, count_next, ended, plan_next
from portal.requests.rules import About, Actor, Outcome, RequestType, Role
from portal.worker import run
from tests.requests.arrange import NO, asked_back, decided, sent, state

Superuser = psycopg.Connection[tuple[Any, ...]]
DAY = timedelta(days=1)


def ask(superuser: Superuser, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """As the superuser; committed."""
    cursor = superuser.execute(statement.encode(), list(values))
    rows = cursor.fetchall() if cursor.description else []
    superuser.commit()
    return rows


def steps(superuser: Superuser, request: UUID) -> list[tuple[Any, ...]]:
    """Store, what goes, why all stays, state."""
    return ask(
        superuser,
        "SELECT store, chosen, reason, state FROM request_step WHERE request_id = %s "
        "ORDER BY dataset_id IS NOT NULL, store",
        request,
    )


@pytest.fixture
def stores(superuser: Superuser) -> Iterator[dict[str, UUID]]:
    """Two usable datasets and one that is refused; nothing else is approved."""
    ask(superuser, "UPDATE request SET state = 'withdrawn', closed_at = now() WHERE state = 'approved'")
    ask(superuser, "DELETE FROM source")
    source, ids = uuid4(), {"Clicks": uuid4(), "Prompts": uuid4(), "Totals": uuid4()}
    ask(superuser, "INSERT INTO source (id, name, connector, setting) VALUES (%s, 'lake', 'sql', 'X')", source)
    for name, dataset in ids.items():
        ask(
            superuser,
            "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, described_by, state, "
            "reason) VALUES (%s, %s, %s, %s, 'who', 'email', 'yaml', %s, %s)",
            dataset, source, name, name.lower(), *(("refused", "view") if name == "Totals" else ("usable", None)),
        )  # fmt: skip
    yield ids
    ask(superuser, "DELETE FROM source WHERE id = %s", source)


@pytest.mark.parametrize("decide", ["nothing", "question", "refusal", "withdrawn"])
def test_what_is_not_approved_is_not_planned(
    decide: str, stores: dict[str, UUID], database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    assert stores
    amira = person("Amira Kaya")
    request = sent(database, amira).id
    if decide == "question":
        asked_back(database, request)
    elif decide == "refusal":
        decided(database, request, NO)
    elif decide == "withdrawn":
        decided(database, request)
        with database.transaction("web_employee", amira) as session:
            actions.withdraw(session, request, Actor(amira, Role.EMPLOYEE, "Amira Kaya"), clock.now())
    before = state(database, amira, request)
    run(database, plan_next)
    assert steps(superuser, request) == []
    assert state(database, amira, request) == before


def test_an_approved_erasure_has_a_step_for_each_store_and_runs(
    stores: dict[str, UUID], database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request = sent(database, amira, about=About(kinds=("key",))).id
    decided(database, request)
    for _ in range(2):
        run(database, plan_next)
    goes = {"kinds": ["key"]}
    assert steps(superuser, request) == [
        ("daylight", goes, None, "waiting"), ("Clicks", goes, None, "waiting"), ("Prompts", goes, None, "waiting"),
    ]  # fmt: skip
    assert state(database, amira, request) == "running"
    known = ask(superuser, "SELECT dataset_id FROM request_step WHERE request_id = %s", request)
    assert {row[0] for row in known} == {None, stores["Clicks"], stores["Prompts"]}


def test_one_after_the_other_until_none_is_left(
    stores: dict[str, UUID], database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    assert stores
    requests = [sent(database, person("Amira Kaya")).id for _ in range(3)]
    for request in requests:
        decided(database, request)
    run(database, plan_next)
    assert [len(steps(superuser, request)) for request in requests] == [3, 3, 3]
    with database.transaction("worker") as session:
        assert plan_next(session, clock.now()) is False


def test_single_items_have_one_step(
    stores: dict[str, UUID], database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    assert stores
    item = uuid4()
    request = sent(database, person("Amira Kaya"), about=About(segments=(item,))).id
    decided(database, request)
    run(database, plan_next)
    assert steps(superuser, request) == [("daylight", {"segments": [str(item)]}, None, "waiting")]


def test_what_a_partial_approval_keeps_stays(
    stores: dict[str, UUID], database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    request = sent(database, person("Amira Kaya"), about=About(kinds=("key", "prompt"))).id
    stays = (
        {"store": "daylight", "kind": "prompt", "ground": "legal_claims"},
        {"store": "Clicks", "kind": None, "ground": "tax"},
    )
    decided(database, request, Proposal(Outcome.PARTIAL, "Case 7.", "legal_claims", stays))
    run(database, plan_next)
    assert stores
    assert steps(superuser, request) == [
        ("daylight", {"kinds": ["key"]}, None, "waiting"),
        ("Clicks", {"kinds": ["key", "prompt"]}, "ground:tax", "waiting"),
        ("Prompts", {"kinds": ["key", "prompt"]}, None, "waiting"),
    ]


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ([("key", 5), ("odd", 3)], ({"kinds": sorted(OWN_KINDS - {"key"} | {"odd"})}, None)),
        ([("key", 5), (None, 3)], ({}, "ground:legal_claims")),
        ([], ({}, "ground:legal_claims")),
    ],
)
def test_a_kind_that_stays_elsewhere_keeps_all_unless_the_store_tells_kinds(
    counted: list[tuple[str | None, int]],
    expected: tuple[Any, ...],
    stores: dict[str, UUID],
    database: Database,
    person: Callable[..., UUID],
    superuser: Superuser,
) -> None:
    amira = person("Amira Kaya")
    request = sent(database, amira).id
    ask(superuser, "UPDATE dataset SET kind_column = 'kind'")
    for kind, items in counted:
        ask(
            superuser,
            "INSERT INTO request_count (employee_id, request_id, dataset_id, store, kind, items) "
            "VALUES (%s, %s, %s, 'Clicks', %s, %s)",
            amira, request, stores["Clicks"], kind, items,
        )  # fmt: skip
    stays = ({"store": "Clicks", "kind": "key", "ground": "legal_claims"},)
    decided(database, request, Proposal(Outcome.PARTIAL, "Case 7.", "legal_claims", stays))
    run(database, plan_next)
    assert steps(superuser, request)[1][1:3] == expected


@pytest.mark.parametrize(
    ("left", "about", "whole"),
    [(True, About(), True), (False, About(), False), (True, About(kinds=("key",)), False)],
)
def test_only_who_has_left_goes_as_a_whole_person(
    left: bool,  # noqa: FBT001 - a case
    about: About,
    whole: bool,  # noqa: FBT001 - a case
    stores: dict[str, UUID],
    database: Database,
    person: Callable[..., UUID],
    superuser: Superuser,
) -> None:
    assert stores
    lea = person("Lea Gone", left_at=clock.now() - 3 * DAY if left else None)
    request = sent(database, lea, about=about).id
    decided(database, request)
    run(database, plan_next)
    assert [("whole_person" in chosen) for _, chosen, _, _ in steps(superuser, request)] == [whole] * 3


@pytest.mark.parametrize("partial", [False, True])
def test_a_partial_decision_ends_as_partial_however_well_it_went(
    partial: bool,  # noqa: FBT001 - a case
    stores: dict[str, UUID],
    database: Database,
    person: Callable[..., UUID],
) -> None:
    assert stores
    amira = person("Amira Kaya")
    request = sent(database, amira).id
    stays = ({"store": "Clicks", "kind": None, "ground": "tax"},)
    decided(database, request, Proposal(Outcome.PARTIAL, "No.", "tax", stays) if partial else Proposal(Outcome.APPROVE))
    run(database, plan_next)
    with database.transaction("worker") as session:
        ended(session, amira, request, True, clock.now())
    assert state(database, amira, request) == ("partial" if partial else "done")


def exported(superuser: Superuser, person: UUID, request: UUID, how: str = "ready") -> None:
    """An archive that the person ordered from the request's page."""
    ask(
        superuser,
        "INSERT INTO export_order (id, employee_id, request_id, ordered_at, expires_at, stores, language, timezone, "
        "key_id, wrapped_key, seal, state, archive_until, finished_at) VALUES (gen_random_uuid(), %s, %s, now(), "
        "now() + interval '1 hour', false, 'en', 'UTC', gen_random_uuid(), '', '', %s, %s, now())",
        person, request, how, clock.now() + DAY if how == "ready" else None,
    )  # fmt: skip


def test_a_copy_is_done_when_its_archive_is_ready_and_not_before(
    database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    request, other = sent(database, amira, RequestType.ACCESS).id, sent(database, ben, RequestType.PORT).id
    exported(superuser, amira, request)
    run(database, close_exported)
    assert state(database, amira, request) == "open", "nobody has decided"
    for one in (request, other):
        decided(database, one)
    exported(superuser, ben, other, "failed")
    exported(superuser, ben, request)
    for _ in range(2):
        run(database, close_exported)
    assert state(database, amira, request) == "done"
    assert state(database, ben, other) == "approved"
    kinds = ask(superuser, "SELECT kind FROM request_event WHERE request_id = %s ORDER BY id", request)
    assert [row[0] for row in kinds][-2:] == ["started", "closed"]


def test_a_copy_does_not_pass_for_a_deletion(
    database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request = sent(database, amira, RequestType.ERASE).id
    decided(database, request)
    exported(superuser, amira, request)
    run(database, close_exported)
    assert state(database, amira, request) == "approved"


def test_what_runs_is_not_counted_again_when_the_erasure_took_the_counts(
    stores: dict[str, UUID], database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    assert stores
    request = sent(database, person("Amira Kaya")).id
    counted = "SELECT count(*) FROM request_count WHERE request_id = %s"
    run(database, count_next)
    assert ask(superuser, counted, request) == [(1,)]
    decided(database, request)
    run(database, plan_next)
    ask(superuser, "DELETE FROM request_count WHERE request_id = %s", request)
    run(database, count_next)
    assert ask(superuser, counted, request) == [(0,)]
