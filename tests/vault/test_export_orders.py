"""Whose content an order opens, what of it and until when: attacked with tickets, rows, the vault's password (C05)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.config import Settings
from portal.core.vault_client import VaultClient
from tests.cast import make_person
from tests.vault import exporting
from tests.vault.arrange import Insider, Superuser, looks_of, screenshot, start_session, store, typed
from tests.vault.exporting import EVERYTHING
from vault.errors import NoArchiveError, TicketRefusedError
from vault.exports.orders import Scope
from vault.looks import ticket_hash
from vault.service import Vault

pytestmark = pytest.mark.usefixtures("our_turn")
Connection = psycopg.Connection[tuple[Any, ...]]
LOOK = "SELECT look FROM export_look_begin(%s, 10)"


@pytest.fixture
def thief(settings: Settings) -> Iterator[Connection]:
    """A connection with the vault's password."""
    with psycopg.connect(settings.conninfo("vault")) as connection:
        yield connection
        connection.rollback()


def refused(connection: Connection, statement: str, *values: Any, match: str = "no live order") -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=match):
        connection.execute(statement.encode(), values)
    connection.rollback()


def change(superuser: Superuser, made: UUID, what: str, *values: Any) -> None:
    superuser.execute(f"UPDATE export_order SET {what} WHERE id = %s".encode(), [*values, made])
    superuser.commit()


def test_C05_an_export_opens_what_its_lines_name(
    vault: Vault, superuser: Superuser, amira: Insider, ben: Insider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.exports.running.BATCH", 2)
    own = [store(superuser, amira, typed()).segment for _ in range(5)]
    store(superuser, ben, typed())
    archive = exporting.export(vault, superuser, amira)
    lines = [line for line in looks_of(superuser, amira.person) if line["segment_ids"][0] in own]
    named = [segment for line in lines for segment in line["segment_ids"]]
    assert sorted(named) == sorted(own)
    assert sorted(item["id"] for item in archive.items()) == sorted(map(str, own))
    assert [line["kind"] for line in lines] == ["export"] * 3
    assert all(line["read_at"] for line in lines)
    assert looks_of(superuser, ben.person) == []


def test_C05_killed_after_the_line_leaves_a_line_and_no_content(
    vault: Vault, superuser: Superuser, amira: Insider, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = store(superuser, amira, typed())
    made = exporting.order(vault, amira)
    monkeypatch.setattr("vault.exports.running.read_rows", lambda *_: 1 / 0)
    exporting.step(vault, superuser, made)
    (line,) = looks_of(superuser, amira.person)
    assert (line["segment_ids"], line["read_at"]) == ([header.segment], None)
    rows = superuser.execute("SELECT count(*) FROM export_chunk WHERE order_id = %s", [made]).fetchone()
    assert rows == (0,)


def test_C05_the_line_is_committed_before_anything_is_read(
    vault: Vault, superuser: Superuser, thief: Connection, amira: Insider
) -> None:
    store(superuser, amira, typed())
    made = exporting.order(vault, amira)
    row = thief.execute(LOOK, [made]).fetchone()
    assert row is not None
    refused(thief, "SELECT id FROM look_read(%s)", row[0], match="no committed look")
    assert looks_of(superuser, amira.person) == []


def test_C05_an_order_stays_inside_its_scope(vault: Vault, superuser: Superuser, amira: Insider) -> None:
    hour = datetime(2026, 10, 21, 9, tzinfo=UTC)
    start = clock.to_ms(hour)
    inside = store(superuser, amira, typed(start=start))
    last = store(superuser, amira, typed(start=start + 3_599_999))
    for outside in (start - 1, start + 3_600_000):
        store(superuser, amira, typed(start=outside))
    store(superuser, amira, screenshot(b"image"))
    scope = Scope(hour, hour + timedelta(hours=1), ("key",), stores=False, language="en", timezone="UTC")
    archive = exporting.export(vault, superuser, amira, scope)
    wanted = {inside.segment, last.segment}
    assert {item["id"] for item in archive.items()} == set(map(str, wanted))
    lines = [line for line in looks_of(superuser, amira.person) if len(line["segment_ids"]) == 2]
    assert [set(line["segment_ids"]) for line in lines] == [wanted]
    assert len(looks_of(superuser, amira.person)) == 2


def test_C05_kinds_outside_the_scope_stay_closed(vault: Vault, superuser: Superuser, amira: Insider) -> None:
    words = store(superuser, amira, typed())
    store(superuser, amira, screenshot(b"image"))
    scope = Scope(None, None, ("key",), stores=False, language="en", timezone="UTC")
    archive = exporting.export(vault, superuser, amira, scope)
    assert [item["id"] for item in archive.items()] == [str(words.segment)]
    named = {segment for line in looks_of(superuser, amira.person)[:-1] for segment in line["segment_ids"]}
    assert named == {words.segment}


def test_C05_what_was_captured_after_the_click_is_not_in_it(vault: Vault, superuser: Superuser, amira: Insider) -> None:
    made = exporting.order(vault, amira)
    store(superuser, amira, typed(start=clock.to_ms(clock.now()) + 5_000))
    exporting.run(vault, superuser, made)
    assert exporting.fetch(vault, amira, made).items() == []


@pytest.mark.parametrize(
    ("what", "values"),
    [
        ("ends_at = ends_at + interval '1 day'", ()),
        ("starts_at = NULL, ends_at = NULL", ()),
        ("kinds = '{key,prompt}'", ()),
        ("kinds = NULL", ()),
        ("stores = true", ()),
        ("expires_at = expires_at - interval '1 hour'", ()),
        ("key_id = %s", (uuid4(),)),
        ("wrapped_key = set_byte(wrapped_key, 3, 1 + get_byte(wrapped_key, 3) %% 255)", ()),
        ("seal = '\\x00'", ()),
    ],
)
def test_C05_an_order_that_was_changed_opens_nothing(
    vault: Vault, superuser: Superuser, amira: Insider, what: str, values: tuple[Any, ...]
) -> None:
    store(superuser, amira, typed())
    starts, ends = amira.recently
    scope = Scope(starts.replace(microsecond=0), ends.replace(microsecond=0), ("key",), False, "en", "UTC")
    made = exporting.order(vault, amira, scope)
    change(superuser, made, what, *values)
    row = exporting.step(vault, superuser, made)
    assert (row["state"], row["reason"]) == ("failed", "refused")
    assert looks_of(superuser, amira.person) == []


def test_C05_an_order_given_to_another_person_opens_nothing(
    vault: Vault, superuser: Superuser, amira: Insider, ben: Insider
) -> None:
    """By whoever may write to the database: the order is Amira's, and would now open Ben's."""
    store(superuser, ben, typed())
    made = exporting.order(vault, amira)
    change(superuser, made, "employee_id = %s", ben.person)
    assert exporting.step(vault, superuser, made)["reason"] == "refused"
    assert looks_of(superuser, ben.person) == []


def test_C05_an_order_ends_after_a_day(vault: Vault, superuser: Superuser, thief: Connection, amira: Insider) -> None:
    store(superuser, amira, typed())
    made = exporting.order(vault, amira)
    change(superuser, made, "next_try_at = '2000-01-01'")
    vault.runner.step(clock.now() + timedelta(hours=24))
    row = exporting.state(superuser, made)
    assert (row["state"], row["reason"]) == ("failed", "too_late")
    late = exporting.order(vault, amira)
    change(superuser, late, "ordered_at = now() - interval '24 hours', expires_at = now() - interval '1 second'")
    refused(thief, LOOK, late)
    assert looks_of(superuser, amira.person) == []


def test_C05_a_cancelled_order_opens_nothing_more(
    vault: Vault, superuser: Superuser, thief: Connection, amira: Insider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.exports.running.BATCH", 1)
    for _ in range(3):
        store(superuser, amira, typed())
    made = exporting.order(vault, amira)
    exporting.step(vault, superuser, made)
    change(superuser, made, "cancelled_at = now()")
    exporting.step(vault, superuser, made)
    assert exporting.state(superuser, made)["items_done"] == 1
    assert len(looks_of(superuser, amira.person)) == 1
    refused(thief, LOOK, made)


def test_C05_cancelled_between_the_line_and_the_reading_opens_nothing(
    vault: Vault, superuser: Superuser, amira: Insider, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(superuser, amira, typed())
    made = exporting.order(vault, amira)
    begin = vault.runner._look

    def then_cancel(order: Any) -> Any:
        look = begin(order)
        change(superuser, made, "cancelled_at = now()")
        return look

    monkeypatch.setattr(vault.runner, "_look", then_cancel)
    exporting.step(vault, superuser, made)
    (line,) = looks_of(superuser, amira.person)
    assert line["read_at"] is None


def test_C05_the_session_may_end_and_the_order_lives_on(vault: Vault, superuser: Superuser, amira: Insider) -> None:
    store(superuser, amira, typed())
    made = exporting.order(vault, amira)
    superuser.execute("DELETE FROM vault_ticket WHERE session_id = %s", [amira.session])
    superuser.execute("UPDATE login_session SET ended_at = now() WHERE id = %s", [amira.session])
    superuser.commit()
    assert exporting.run(vault, superuser, made)["state"] == "ready"
    with pytest.raises(TicketRefusedError):
        exporting.fetch(vault, amira, made)


@pytest.mark.parametrize(("sid", "ends"), [(None, True), ("one-of-many", False)])
def test_C05_signing_out_of_everything_ends_the_order(
    vault: Vault,
    superuser: Superuser,
    amira: Insider,
    sid: str | None,
    ends: bool,  # noqa: FBT001
) -> None:
    made = exporting.order(vault, amira)
    superuser.execute(
        "SELECT session_end_by_provider(%s, issuer, subject, %s) FROM employee WHERE id = %s",
        [uuid4().bytes, sid, amira.person],
    )
    superuser.commit()
    assert (exporting.state(superuser, made)["cancelled_at"] is not None) == ends


@pytest.mark.parametrize(("only", "ends"), [(None, True), (uuid4(), False)])
def test_C05_ending_all_other_sessions_ends_the_order(
    vault: Vault,
    superuser: Superuser,
    amira: Insider,
    only: UUID | None,
    ends: bool,  # noqa: FBT001
) -> None:
    made = exporting.order(vault, amira)
    token = superuser.execute("SELECT token_hash FROM login_session WHERE id = %s", [amira.session]).fetchone()
    assert token
    superuser.execute("SELECT session_end_others(%s, interval '1 hour', %s)", [token[0], only])
    superuser.commit()
    assert (exporting.state(superuser, made)["cancelled_at"] is not None) == ends


def test_C05_without_a_live_ticket_there_is_no_order(vault: Vault, superuser: Superuser, amira: Insider) -> None:
    superuser.execute("UPDATE login_session SET ended_at = now() WHERE id = %s", [amira.session])
    superuser.commit()
    with pytest.raises(TicketRefusedError):
        exporting.order(vault, amira)
    with pytest.raises(TicketRefusedError):
        vault.orders.take("A" * 100, EVERYTHING, clock.now())


def test_C05_only_the_persons_ticket_opens_the_archive(
    vault: Vault, superuser: Superuser, thief: Connection, amira: Insider, ben: Insider
) -> None:
    store(superuser, amira, typed())
    made = exporting.order(vault, amira)
    with pytest.raises(NoArchiveError):
        exporting.fetch(vault, amira, made)
    exporting.run(vault, superuser, made)
    with pytest.raises(NoArchiveError):
        exporting.fetch(vault, ben, made)
    row = thief.execute("SELECT export_download_begin(%s, %s)", [ticket_hash(ben.ticket), made]).fetchone()
    assert row == (None,)
    thief.rollback()
    assert looks_of(superuser, ben.person) == []
    assert len(exporting.fetch(vault, amira, made).items()) == 1


@pytest.mark.parametrize(
    "what", ["cancelled_at = now()", "archive_until = now() - interval '1 second'", "state = 'expired'"]
)
def test_C05_an_archive_that_is_over_opens_no_more(
    vault: Vault, superuser: Superuser, amira: Insider, what: str
) -> None:
    made = exporting.order(vault, amira)
    exporting.run(vault, superuser, made)
    change(superuser, made, what)
    with pytest.raises(NoArchiveError):
        exporting.fetch(vault, amira, made)


def test_C05_a_download_is_a_line_committed_first(
    vault: Vault, superuser: Superuser, thief: Connection, amira: Insider
) -> None:
    made = exporting.order(vault, amira)
    exporting.run(vault, superuser, made)
    row = thief.execute("SELECT export_download_begin(%s, %s)", [ticket_hash(amira.ticket), made]).fetchone()
    assert row is not None
    read = "SELECT * FROM export_read(%s, -1, -1)"
    refused(thief, read, row[0], match="no committed download")
    assert looks_of(superuser, amira.person) == []
    row = thief.execute("SELECT export_download_begin(%s, %s)", [ticket_hash(amira.ticket), made]).fetchone()
    thief.commit()
    assert row is not None
    assert thief.execute(read, [row[0]]).fetchall()
    superuser.execute("UPDATE look SET at = at - interval '61 minutes' WHERE id = %s", [row[0]])
    superuser.commit()
    refused(thief, read, row[0], match="no committed download")


def test_C05_an_ordinary_look_reads_no_archive(
    vault: Vault, superuser: Superuser, thief: Connection, amira: Insider
) -> None:
    made = exporting.order(vault, amira)
    exporting.run(vault, superuser, made)
    starts, until = amira.recently
    row = thief.execute(
        "SELECT look_begin(%s, 'open', 'own', %s, %s, %s)", [ticket_hash(amira.ticket), [made], starts, until]
    ).fetchone()
    thief.commit()
    assert row is not None
    refused(thief, "SELECT * FROM export_read(%s, -1, -1)", row[0], match="no committed download")


def test_C05_lists_are_given_to_a_live_order_only(
    vault: Vault, superuser: Superuser, thief: Connection, amira: Insider
) -> None:
    made = exporting.order(vault, amira)
    exporting.run(vault, superuser, made)
    refused(thief, "SELECT export_rows(%s, 'person')", made)
    refused(thief, "SELECT export_rows(%s, 'person')", uuid4())
    refused(thief, "SELECT export_live(%s)", made, match="permission denied")


def test_D02_lists_hold_nobody_elses_rows(vault: Vault, superuser: Superuser, amira: Insider, ben: Insider) -> None:
    start_session(superuser, ben.person)
    exporting.export(vault, superuser, ben)
    archive = exporting.export(vault, superuser, amira)
    texts = [archive.text(name) for name in archive.zip.namelist()]
    assert [text for text in texts if str(ben.person) in text or ben.subject in text] == []


def test_D02_nobody_orders_or_reads_in_the_vaults_place(settings: Settings, superuser: Superuser) -> None:
    make_person(superuser)
    for login in ("web_employee", "worker", "gateway", "web_hr"):
        with psycopg.connect(settings.conninfo(login)) as connection:
            for statement in (
                "INSERT INTO export_order (id) VALUES (gen_random_uuid())",
                "SELECT body FROM export_chunk",
                "SELECT head FROM export_file",
                "SELECT wrapped_key FROM export_order",
                "SELECT export_look_begin(gen_random_uuid(), 1)",
                "SELECT export_rows(gen_random_uuid(), 'person')",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
                connection.rollback()


def test_C05_an_old_snapshot_opens_nothing(
    vault: Vault, settings: Settings, client: VaultClient, amira: Insider
) -> None:
    assert client.healthy()
    made = exporting.order(vault, amira)
    with psycopg.connect(settings.conninfo("vault")) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        for statement in (LOOK, "SELECT export_rows(%s, 'person')", "SELECT * FROM export_read(%s, -1, -1)"):
            with pytest.raises(psycopg.errors.InvalidTransactionState):
                connection.execute(statement.encode(), [made])
            connection.rollback()
