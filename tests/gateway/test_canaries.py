"""P10: *verified* is what the server saw; a canary is looked at and thrown away, never an item."""

import io
from dataclasses import replace
from typing import Any

import pytest
import zstandard

from gateway import canaries
from tests.gateway.agent import Agent, now
from tests.gateway.process import Rows
from wire import canary, content, segment
from wire.canary import LAST, Canary, Marked, kept
from wire.content import BASE, Content, Summary
from wire.documents import Kind, ReportKind

TEXT = canary.TITLE + " " + canary.ADDRESS
SEEN = "SELECT what, policy, detail FROM device_report WHERE device_id = %s ORDER BY id"
EVERYWHERE = ("upload", "segment", "employee_day")


@pytest.fixture
def leased(agent: Agent) -> Agent:
    """An agent with a lease."""
    agent.await_lease()
    return agent


def made(agent: Agent, number: int, run: int, text: str = TEXT, body: bytes | None = None, **changes: Any) -> Any:
    """A canary of titles, honest but for what is given."""
    header = agent.header(kind=Kind.WINDOW, counts={"titles": 1}, sensitivity=BASE[Kind.WINDOW][0])
    header = replace(
        header, **({"start": max(run, agent.lease.issued), "end": max(run, agent.lease.issued) + 1} | changes)
    )
    summary = Summary(
        header.kind, header.context, header.start, header.end, header.counts, header.sensitivity, header.categories
    )
    packed = content.pack(Content(summary, {"titles": [[0, text]]}))
    data = canary.header_bytes(Marked(Canary(run, number), replace(header, size=len(packed))))
    key = canary.public_key(agent.device, run)
    return data, segment.seal(data, zstandard.compress(packed), key) if body is None else body


def run_of(agent: Agent) -> int:
    return max(now() - 20, agent.lease.issued)


def seen(rows: Rows, agent: Agent) -> list[tuple[str, str]]:
    found = rows.all(SEEN, agent.device)
    assert {policy for _, policy, _ in found} <= {agent.lease.policy, None}
    return [(what, detail) for what, _, detail in found]


def test_P10_a_whole_run_verifies_and_leaves_no_item(leased: Agent, rows: Rows) -> None:
    run = run_of(leased)
    parts = made(leased, kept(Kind.WINDOW), run), made(leased, LAST, run)
    assert leased.outcome(*parts) == ["canary", "canary"]
    assert seen(rows, leased) == [("verified", "")]
    for table in EVERYWHERE:
        assert rows.one(f"SELECT count(*) FROM {table} WHERE employee_id = %s", leased.employee) == 0
    assert leased.outcome(*parts) == ["canary", "canary"]
    assert seen(rows, leased) == [("verified", "")]


def test_P10_canaries_and_items_share_an_upload(leased: Agent, rows: Rows) -> None:
    run = run_of(leased)
    assert leased.outcome(leased.segment(), made(leased, LAST, run), leased.segment()) == ["stored", "canary", "stored"]
    assert rows.one("SELECT count(*) FROM upload WHERE employee_id = %s", leased.employee) == 2
    assert rows.one("SELECT sum(items) FROM employee_day WHERE employee_id = %s", leased.employee) == 2


def test_P10_the_devices_word_alone_verifies_nothing(leased: Agent, rows: Rows) -> None:
    for what in ("verified", "contradicted"):
        assert what not in {one.value for one in ReportKind}
    leased.outcome(made(leased, kept(Kind.WINDOW), run_of(leased)))
    assert seen(rows, leased) == []


@pytest.mark.parametrize("number", sorted(canary.MUST_DROP))
def test_P10_what_has_to_be_dropped_contradicts(leased: Agent, rows: Rows, number: int) -> None:
    run = run_of(leased)
    leased.outcome(made(leased, number, run), made(leased, LAST, run))
    assert seen(rows, leased) == [("contradicted", f"canary={number}")]
    leased.outcome(made(leased, LAST, run))
    assert seen(rows, leased) == [("contradicted", f"canary={number}")]
    later = run + 1
    leased.outcome(made(leased, LAST, later))
    assert seen(rows, leased)[-1] == ("verified", "")


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"context": "bank"}, canary.outside(Kind.WINDOW)),
        ({"context": "bank"}, LAST),
        ({"text": "Canary and what somebody wrote"}, LAST),
        ({"text": canary.TITLE}, LAST),
        ({"text": canary.TITLE + " " + "█" * len(canary.ADDRESS)}, LAST),
        ({"sensitivity": 1}, LAST),
        ({"body": b"DLS1 sealed"}, LAST),
        ({"body": bytes(canary.MAX_SEALED + 1)}, LAST),
    ],
    ids=lambda value: str(value)[:40],
)
def test_P10_what_is_not_as_the_policy_says_contradicts(
    leased: Agent, rows: Rows, change: dict[str, Any], number: int
) -> None:
    assert leased.outcome(made(leased, number, run_of(leased), **change)) == ["canary"]
    assert seen(rows, leased) == [("contradicted", f"canary={number}")]
    assert rows.one("SELECT count(*) FROM upload WHERE employee_id = %s", leased.employee) == 0


def test_P10_no_bomb_is_inflated(leased: Agent, rows: Rows) -> None:
    run = run_of(leased)
    data, _ = made(leased, LAST, run)
    bomb = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(bomb, closefd=False) as writer:
        writer.write(bytes(30 << 20))
    body = segment.seal(data, bomb.getvalue(), canary.public_key(leased.device, run))
    assert len(body) < canary.MAX_SEALED
    assert leased.outcome((data, body)) == ["canary"]
    assert seen(rows, leased) == [("contradicted", f"canary={LAST}")]


def test_P10_too_late_shows_nothing(leased: Agent, rows: Rows) -> None:
    assert canaries.ends(Canary(1_000, LAST), 1_000 + canary.DEADLINE_MS)
    assert not canaries.ends(Canary(1_000, LAST), 1_001 + canary.DEADLINE_MS)
    assert not canaries.ends(Canary(1_000, kept(Kind.KEY)), 1_000)
    run = run_of(leased)
    leased.outcome(made(leased, LAST, run - canary.RUN_MS - 1_000, start=run, end=run + 1))
    assert seen(rows, leased) == []


def test_P10_under_a_pause_or_another_lease_nothing_is_shown(leased: Agent, rows: Rows) -> None:
    run = run_of(leased)
    lease = leased.lease
    leased.outcome(made(leased, LAST, run, lease=leased.device))
    rows.pause(leased.employee)
    at = now() + 50
    leased.outcome(made(leased, LAST, at, start=at, end=at + 1, lease=lease.id))
    assert seen(rows, leased) == []


def test_P10_a_canary_of_another_person_shows_nothing(leased: Agent, rows: Rows) -> None:
    leased.outcome(made(leased, LAST, run_of(leased), employee=leased.device))
    assert seen(rows, leased) == []
