"""Who signed without a name stands nowhere: a whole dump and every log, joined on everything (A02); counts (A03)."""

import base64
import hashlib
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import make_url

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.operations.postgres import Postgres, binary
from portal.petitions import code, jobs
from tests.ballot.process import BallotProcess
from tests.petitions.arrange import DAY, Card, Superuser, column, emptied_on, empty_box, key_of, petition, today, votes
from tests.web_client import Browser

Browse = Callable[[UUID | None], Browser]
MAKE = Callable[..., UUID]
Office = Callable[[str], Browser]
COPY = re.compile(r"^COPY public\.(\w+) \(([^)]*)\) FROM stdin;$")
SHORT = 6
"""Shorter cells, such as counts and flags, are equal by chance."""
SCRIPT = re.compile(r"<script\b[^>]*>")
CLOCK = re.compile(r"\d\d:\d\d")


def cells(dump: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Table and row, of every row of a dump."""
    table = ""
    names: list[str] = []
    for line in dump.splitlines():
        found = COPY.match(line)
        if found:
            table, names = found[1], found[2].split(", ")
        elif line == "\\.":
            table = ""
        elif table:
            yield table, dict(zip(names, line.split("\t"), strict=True))


@pytest.fixture
def dumped(postgres: Postgres, settings: Settings, tmp_path: Path) -> Callable[[], list[tuple[str, dict[str, str]]]]:
    """Read the whole database, as its administrator can."""
    assert settings.database_url
    name = make_url(settings.database_url).database or ""

    def dump() -> list[tuple[str, dict[str, str]]]:
        file = tmp_path / "dump.sql"
        subprocess.run([binary("pg_dump"), "--file", file, postgres.superuser_conninfo(name)], check=True)
        return list(cells(file.read_text()))

    return dump


@pytest.fixture
def signed(superuser: Superuser, ballot: BallotProcess, browse: Browse, person: MAKE) -> list[Card]:
    """Twelve people have a token, and every second one hands it in."""
    running = petition(superuser)
    key = key_of(superuser, running)
    cards = [Card(running, key) for _ in range(12)]
    for number, card in enumerate(cards):
        card.fetch(browse(person(f"Signer{number} Marker")))
    for card in cards[::2]:
        assert card.call(ballot, "hand-in") == (200, {})
    return cards


def test_A02_issuing_and_handing_in_share_nothing_in_a_whole_dump(
    signed: list[Card], dumped: Callable[[], list[tuple[str, dict[str, str]]]], superuser: Superuser
) -> None:
    running = str(signed[0].petition)
    empty_box(superuser)
    rows = dumped()
    votes_kept = [row for table, row in rows if table == "ballot_vote" and row["petition_id"] == running]
    issues = [row for table, row in rows if table == "ballot_issue" and row["petition_id"] == running]
    assert (len(votes_kept), len(issues)) == (6, 12)
    assert {name for row in votes_kept for name in row} == {"petition_id", "nullifier", "on_day", "void"}
    own = {row["nullifier"] for row in votes_kept}
    others = {
        cell
        for table, row in rows
        if not (table == "ballot_vote" and row["petition_id"] == running)
        for cell in row.values()
        if len(cell) > SHORT
    }
    assert own & others == set()  # no join from a signature to anything
    issued = {row[name] for row in issues for name in ("eligible", "blinded_hash")}
    elsewhere = {cell for table, row in rows if table != "ballot_issue" for cell in row.values()}
    assert issued & elsewhere == set()  # nor from a token to a person
    assert [cell for row in (*votes_kept, *issues) for cell in row.values() if CLOCK.search(cell)] == []
    assert {row["on_day"] for row in votes_kept} == {today().isoformat()}


def test_A02_no_log_says_who_handed_in_or_when(
    signed: list[Card],
    ballot: BallotProcess,
    postgres: Postgres,
    superuser: Superuser,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said, logged = ballot.printed(), {path: path.stat().st_size for path in postgres.runtime.log.glob("*")}
    capsys.readouterr()
    for card in signed[1::2]:
        assert card.call(ballot, "hand-in") == (200, {})
        assert card.call(ballot, "hand-in") == (409, {"error": "used"})
        assert card.call(ballot, "take-back") == (200, {})
        assert card.call(ballot, "hand-in") == (409, {"error": "taken_back"})
        assert card.call(ballot, "hand-in", signature="AAAA") == (403, {"error": "forged"})
    assert ballot.printed() == said  # the ballot says nothing of any call
    assert "127.0.0.1" not in said
    web = "".join(capsys.readouterr())
    assert web == ""  # and the portal is not asked
    fresh = [path.read_bytes()[size:].decode() for path, size in logged.items()]
    secrets = [part for card in signed for part in (card.secret.prepared, card.signature, card.blinded)]
    forms = [form for part in secrets for form in (part.hex(), base64.b64encode(part).decode())]
    assert [form for form in forms for text in (said, *fresh) if form in text] == []
    assert not [line for text in fresh for line in text.splitlines() if "ballot_" in line]
    assert votes(superuser, signed[0].petition) == 6


def test_A02_no_login_but_the_ballots_own_sees_a_nullifier_or_who_has_a_token(superuser: Superuser) -> None:
    rows = superuser.execute(
        "SELECT r.rolname, a.attname FROM pg_roles r CROSS JOIN pg_attribute a WHERE r.rolcanlogin AND NOT r.rolsuper "
        "AND a.attrelid = ANY (ARRAY['ballot_vote', 'ballot_issue']::regclass[]) AND a.attnum > 0 "
        "AND has_column_privilege(r.oid, a.attrelid, a.attnum, 'SELECT')"
    ).fetchall()
    superuser.rollback()
    assert {row for row in rows if row[0] != "ballot"} == {("worker", "petition_id"), ("worker", "on_day")}
    constraints = superuser.execute(
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = 'employee'::regclass"
    ).fetchall()
    superuser.rollback()
    assert [row for row in constraints if str(row[0]).startswith("ballot")] == []


def count(database: Database, now: datetime) -> None:
    """The worker's bell at `now`, once the ballot has emptied its box on that day."""
    emptied_on(database, now.date())
    with database.transaction("worker") as session:
        while jobs.count_next(session, now):
            pass


def vote(superuser: Superuser, running: UUID, numbers: range) -> None:
    """Tokens handed in, without the arithmetic."""
    for number in numbers:
        superuser.execute("INSERT INTO ballot_vote VALUES (%s, %s, %s)", [running, number.to_bytes(32, "big"), today()])
    superuser.commit()


def unnamed(page: str) -> str:
    """What the page says about signatures without a name."""
    found = re.search(r"<dt>Without a name</dt><dd>(.*?)</dd>", page, re.DOTALL)
    assert found
    return found[1].strip()


def test_A03_no_number_below_ten_and_a_new_one_once_a_day(
    superuser: Superuser, database: Database, browse: Browse, person: MAKE
) -> None:
    running, amira, now = petition(superuser), browse(person()), clock.now()
    superuser.execute("UPDATE petition SET counted_on = %s WHERE counted_on IS NULL", [today() + 40 * DAY])
    superuser.execute("UPDATE petition SET counted_on = NULL WHERE id = %s", [running])
    superuser.commit()

    def seen() -> str:
        pages = [amira.get(path).text for path in (f"/petitions/{running}", "/petitions")]
        return unnamed(pages[0])

    few = "fewer than 10, or none"
    vote(superuser, running, range(9))
    for hours in (0, 1, 23, 26, 50):
        count(database, now + timedelta(hours=hours))
        assert seen() == few
    at = (now + 3 * DAY).replace(hour=1)
    count(database, at)
    vote(superuser, running, range(9, 12))
    for minutes in (0, 10, 60, 600, 1300):  # until the day is over nothing moves
        count(database, at + timedelta(minutes=minutes))
        assert seen() == few
    count(database, at + DAY)
    assert seen() == "12"
    vote(superuser, running, range(12, 40))
    count(database, at + DAY + timedelta(hours=9))
    assert seen() == "12"
    superuser.execute(
        "DELETE FROM ballot_vote WHERE petition_id = %s AND nullifier > %s", [running, (8).to_bytes(32, "big")]
    )
    superuser.commit()
    count(database, at + 2 * DAY)
    assert seen() == few
    assert column(superuser, running, "unnamed") is None


def test_A03_signatures_that_are_not_shown_move_no_threshold(superuser: Superuser, database: Database) -> None:
    running = petition(superuser, employees=20, counted_on=today())
    vote(superuser, running, range(9))
    with database.transaction("worker") as session:
        jobs.move_on(session, clock.now())
    assert column(superuser, running, "state") == "open"  # 9 of 20 would be far over ten per cent


@pytest.mark.parametrize("order", [("count", "move"), ("move", "count", "move")])
def test_A01_who_signs_on_the_last_day_is_counted_whichever_bell_rings_first(
    superuser: Superuser, database: Database, order: tuple[str, ...]
) -> None:
    yesterday = today() - DAY
    running = petition(superuser, employees=200, counted_on=yesterday, ends_on=yesterday)
    vote(superuser, running, range(12))
    for bell in order:
        with database.transaction("worker") as session:
            (jobs.count_next if bell == "count" else jobs.move_on)(session, clock.now())
    assert (column(superuser, running, "state"), column(superuser, running, "unnamed")) == ("threshold", 12)


def test_A03_made_up_people_put_no_threshold_out_of_reach(
    superuser: Superuser, database: Database, person: MAKE
) -> None:
    """Whoever feeds the directory could double the company while others sign. Who leaves is no employee any more."""
    for _ in range(20):
        person()
    running, now = petition(superuser, created_at=clock.now()), clock.now()
    count(database, now)
    before = column(superuser, running, "employees")
    invented = [person() for _ in range(20)]
    superuser.commit()
    count(database, now + DAY)
    assert column(superuser, running, "employees") == before
    superuser.execute("UPDATE employee SET left_at = now() WHERE left_at IS NULL AND NOT id = ANY (%s)", [invented])
    superuser.commit()
    for day in range(2, 9):
        count(database, now + day * DAY)
        assert column(superuser, running, "employees") == before
    count(database, now + 9 * DAY)
    assert column(superuser, running, "employees") == 20
    superuser.execute("UPDATE employee SET left_at = NULL WHERE left_at > now() - interval '1 minute'")
    superuser.commit()


def test_names_vanish_six_months_after_the_end_and_the_number_stays(
    superuser: Superuser, database: Database, browse: Browse, person: MAKE
) -> None:
    running, ben = petition(superuser), person("Ben Vanisher")
    assert browse(ben).post(f"/petitions/{running}/sign").status_code == 303
    superuser.execute(
        "UPDATE petition SET state = 'closed', ended_on = %s WHERE id = %s", [today() - 170 * DAY, running]
    )
    superuser.commit()
    with database.transaction("worker") as session:
        jobs.forget_names(session, clock.now())
    assert "Ben Vanisher" in browse(ben).get(f"/petitions/{running}").text
    superuser.execute("UPDATE petition SET ended_on = %s WHERE id = %s", [today() - 190 * DAY, running])
    superuser.commit()
    with database.transaction("worker") as session:
        jobs.forget_names(session, clock.now())
    page = browse(person()).get(f"/petitions/{running}").text
    assert "Ben Vanisher" not in page
    assert "The names were deleted" in page
    assert column(superuser, running, "named") == 1


def test_thresholds_are_reached_by_the_worker_and_told_once(
    superuser: Superuser, database: Database, person: MAKE
) -> None:
    amira = person()
    running = petition(superuser, employees=100, counted_on=today(), named=11)
    for _ in range(2):
        with database.transaction("worker") as session:
            jobs.move_on(session, clock.now())
    assert column(superuser, running, "state") == "awaiting"
    rows = superuser.execute("SELECT kind FROM petition_event WHERE petition_id = %s ORDER BY id", [running]).fetchall()
    assert [row[0] for row in rows] == ["threshold", "employer"]
    with database.transaction("worker") as session:
        while jobs.tell_everybody(session, clock.now()):
            pass
    told = "SELECT kind FROM notification WHERE employee_id = %s AND reference LIKE %s ORDER BY kind"
    rows = superuser.execute(told, [amira, f"petition:{running}:%"]).fetchall()
    assert [row[0] for row in rows] == ["petition_employer", "petition_threshold"]


def test_the_codes_hash_is_in_the_log_once(
    superuser: Superuser, database: Database, browse: Browse, person: MAKE
) -> None:
    for _ in range(2):
        with database.transaction("worker") as session:
            jobs.publish_code(session, clock.now())
    rows = superuser.execute("SELECT detail->>'sha256' FROM audit_entry WHERE action = 'petition.code'").fetchall()
    assert len(rows) == len(set(rows)) == 6
    page = browse(person()).get("/petitions/how").text
    assert all(str(row[0]) in page for row in rows)
    assert "not yet in the log" not in page


def test_A02_a_browser_runs_no_other_code_than_the_log_names(
    ballot: BallotProcess, superuser: Superuser, browse: Browse, person: MAKE
) -> None:
    """All that shares the pages' origin, and the phone's page."""
    running, named = petition(superuser), {}
    key_of(superuser, running)
    for name, digest in code.hashes().items():
        named[name.rpartition("/")[2]] = "sha256-" + base64.b64encode(bytes.fromhex(digest)).decode()
    pages = [browse(person()).get(f"/petitions/{running}").text, requests.get(ballot.url, timeout=10).text]
    scripts = [dict(re.findall(r'(src|integrity)="([^"]+)"', tag)) for page in pages for tag in SCRIPT.findall(page)]
    assert {one["src"].rpartition("/")[2].partition("?")[0]: one["integrity"] for one in scripts} == named


@pytest.mark.parametrize("kind", ["closed", "withdrawn"])
def test_the_end_of_a_petition_is_told_to_everybody(
    superuser: Superuser, database: Database, browse: Browse, person: MAKE, kind: str
) -> None:
    amira, ended = person(), petition(superuser, kind, title="Nobody eats alone at noon")
    superuser.execute(
        "INSERT INTO petition_event (petition_id, kind, on_day) VALUES (%s, %s, %s)", [ended, kind, today()]
    )
    superuser.commit()
    with database.transaction("worker") as session:
        while jobs.tell_everybody(session, clock.now()):
            pass
    said = {"closed": "has ended", "withdrawn": "was withdrawn by its author"}[kind]
    assert f"“Nobody eats alone at noon” {said}" in browse(amira).get("/").text


def test_A02_a_petitions_key_is_in_the_log_once_and_on_its_page(
    superuser: Superuser, database: Database, ballot: BallotProcess, browse: Browse, office: Office, person: MAKE
) -> None:
    """A key for one person alone would mark the signature; so all see the same, and the log says which it is."""
    running = petition(superuser)
    public = key_of(superuser, running).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(public).hexdigest()
    short = " ".join(digest[at : at + 4] for at in range(0, 32, 4))
    amira = browse(person())
    assert "It comes into the log within minutes." in amira.get(f"/petitions/{running}").text
    for _ in range(2):
        with database.transaction("worker") as session:
            jobs.publish_keys(session, clock.now())
    entries = "SELECT detail->>'sha256', employee_id FROM audit_entry WHERE action = 'petition.key' AND object_id = %s"
    assert superuser.execute(entries, [running]).fetchall() == [(digest, None)]
    page = amira.get(f"/petitions/{running}").text
    assert short in page
    assert "It comes into the log within minutes." not in page
    assert short in office("works_council").get(f"/council/petitions/{running}").text


def test_erasing_somebody_takes_names_and_authorship_and_leaves_the_text(
    superuser: Superuser, browse: Browse, person: MAKE
) -> None:
    ben = person("Ben Leaver")
    path = browse(ben).post(
        "/petitions",
        {"title": "Plants for the office", "demand": "Green plants.", "reasons": "They are good for us.",
         "answerer": "employer", "seen": "1"},
    ).headers["Location"]  # fmt: skip
    number = UUID(path.rpartition("/")[2])
    assert browse(ben).post(f"{path}/sign").status_code == 303
    tables = [row[0] for row in superuser.execute("SELECT name FROM person_tables()").fetchall()]
    assert {"petition_author", "petition_draft", "petition_signature"} <= set(tables)
    for table in ("petition_author", "petition_draft", "petition_signature"):
        superuser.execute(f"DELETE FROM {table} WHERE employee_id = %s".encode(), [ben])
    superuser.commit()
    page = browse(person()).get(path).text
    assert "Ben Leaver" not in page
    assert "somebody who has left" in page
    assert "Plants for the office" in page
    assert column(superuser, number, "named") == 0


def test_nobody_works_here_is_no_crash(superuser: Superuser, database: Database) -> None:
    assert isinstance(superuser, psycopg.Connection)
    running = petition(superuser, employees=0, counted_on=today(), named=3)
    with database.transaction("worker") as session:
        jobs.move_on(session, clock.now())
    assert column(superuser, running, "state") == "open"
