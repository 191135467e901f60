"""The officer's first page: what each look finds as the worker, and what the page makes of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.policies.drafts.rules import unfollowed
from portal.watch import looking
from portal.watch.actions import note, noter
from portal.watch.rules import Seen, Watched
from tests.cast import Organisation, make_collector
from tests.gateway.process import Rows
from tests.web_client import Browser
from wire import documents, dsse
from wire.documents import Kind
from wire.policy import Audience, Policy

Browse = Callable[[UUID | None], Browser]
People = Callable[..., UUID]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def rows(superuser: psycopg.Connection[tuple[object, ...]], organisation: object) -> Rows:
    made = Rows(superuser, organisation)  # type: ignore[arg-type] # no test here signs
    made.do("DELETE FROM watch")
    return made


@pytest.fixture
def omar(rows: Rows, person: People) -> UUID:
    made = person("Omar Officer")
    rows.do("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'privacy_officer')", made)
    return made


@pytest.fixture
def look(database: Database) -> Callable[[Watched], Seen]:
    """What the worker finds."""

    def found(name: Watched) -> Seen:
        with database.transaction("worker") as session:
            return looking.LOOKS[name](session, clock.now())

    return found


def look_all(database: Database, at: datetime | None = None) -> None:
    """As the worker does each minute."""
    for job in looking.jobs():
        with database.transaction("worker") as session:
            job(session, at or clock.now())
    with database.transaction("worker") as session:
        note(session, Watched.WITNESS, Seen(), at or clock.now())


def clean(rows: Rows) -> None:
    """Take away what other tests left red."""
    for table in ("incident", "reconciliation", "mismatch", "log_pending", "stop_answer", "stop_device", "stop"):
        rows.do(f"DELETE FROM {table}")
    rows.do("UPDATE device SET removed_at = now() WHERE removed_at IS NULL")
    rows.do("UPDATE petition SET answered_on = current_date WHERE employer_on IS NOT NULL")
    rows.do("UPDATE policy_draft SET state = 'withdrawn', closed_at = now() WHERE state = 'submitted'")
    rows.do("UPDATE request SET due_at = now() + interval '30 days' WHERE due_at IS NOT NULL")
    rows.do("UPDATE request_step SET state = 'done' WHERE state = 'pending'")
    rows.do("DELETE FROM retention_step")
    read = [documents.read(Policy, dsse.payload_of(one.encode())) for (one,) in rows.all("SELECT envelope FROM policy")]
    over = [one.version for one in unfollowed(read, clock.to_ms(clock.now()))]
    for table in ("rollout_step", "rollout"):
        rows.do(f"DELETE FROM {table} USING policy p WHERE p.id = policy_id AND p.version = ANY (%s)", over)
    rows.do("DELETE FROM policy WHERE version = ANY (%s)", over)


def test_P03_a_policy_that_ends_without_a_successor_is_red(
    browse: Browse, rows: Rows, omar: UUID, organisation: Organisation
) -> None:
    clean(rows)
    said = "without a successor."
    assert said not in browse(omar).get("/officer").get_data(as_text=True)
    ends = clock.now() + 13 * DAY
    town = Audience((f"Town {uuid4()}",), None, None)
    policy = replace(organisation.policy(), version=10**9, audience=town, expires=clock.to_ms(ends))
    values = (10**9, documents.document_hash(policy), organisation.policy_envelope(policy).decode(), ends)
    rows.do(
        "INSERT INTO policy (id, version, hash, envelope, not_before, expires_at) "
        "VALUES (gen_random_uuid(), %s, %s, %s, now(), %s)", *values,
    )  # fmt: skip
    try:
        assert said in browse(omar).get("/officer").get_data(as_text=True)
        assert "in force, without a successor" in browse(omar).get("/officer/policies").get_data(as_text=True)
    finally:
        rows.do("DELETE FROM policy WHERE version = %s", 10**9)


@pytest.mark.parametrize("who", ["nobody", "employee", "hr", "works_council"])
def test_the_page_is_the_officers_alone(browse: Browse, person: People, rows: Rows, who: str) -> None:
    if who == "nobody":
        assert browse(None).get("/officer").status_code in {302, 303, 401}
        return
    made = person()
    if who != "employee":
        rows.do("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", made, who)
    assert browse(made).get("/officer").status_code == 403
    assert browse(made).post("/officer", {}).status_code in {403, 405}


def test_the_desk_is_reached_by_it(browse: Browse, omar: UUID) -> None:
    assert 'href="/officer">Privacy office</a>' in browse(omar).get("/").text
    page = browse(omar).get("/officer").text
    assert 'href="/officer/policies"' in page
    assert "Red now</a>" in page


def test_P06_before_any_look_nothing_is_green(browse: Browse, omar: UUID) -> None:
    page = browse(omar).get("/officer").text
    assert "Nothing is red" not in page
    assert page.count("Nobody has looked, so nobody knows") == len(looking.LOOKS) + 1


def test_nothing_red_says_so_and_when_it_was_looked_at(
    browse: Browse, omar: UUID, rows: Rows, database: Database
) -> None:
    clean(rows)
    look_all(database)
    answer = browse(omar).get("/officer")
    assert "Nothing is red." in answer.text
    assert "nobody looked" not in answer.text
    assert answer.text.count('<th role="rowheader"') == len(Watched)
    assert int(answer.headers["Daylight-Statements"]) <= 12


def test_P06_a_look_that_stopped_is_red(browse: Browse, omar: UUID, rows: Rows, database: Database) -> None:
    clean(rows)
    look_all(database, clock.now() - timedelta(minutes=11))
    page = browse(omar).get("/officer").text
    assert f"{len(looking.LOOKS) + 1} things are red now." in page
    assert "Tell whoever runs Daylight here." in page


def test_amber_days_are_calm_and_a_small_number_is_not_told(
    browse: Browse, omar: UUID, rows: Rows, database: Database, person: People
) -> None:
    clean(rows)
    for number in range(10):
        day = clock.now().date() - DAY
        rows.do(
            "INSERT INTO reconciliation (employee_id, day, due_at, state, checked_at, missing, figures) "
            "VALUES (%s, %s, now(), 'amber', now(), 1, '{}'), (%s, %s, now(), 'amber', now(), 0, '{}')",
            *(person(f"Person {number}"), day, person(f"Without a device {number}"), day),
        )
        if number == 8:
            look_all(database)
            page = browse(omar).get("/officer").text
            assert "Nothing is red." in page
            assert "Of a few days, fewer than 10," in page
    look_all(database)
    assert "Of 10 days of people a device has not said what it sent." in browse(omar).get("/officer").text
    with pytest.raises(psycopg.errors.CheckViolation):
        rows.do("UPDATE watch SET found = NULL, since = NULL")
    rows.connection.rollback()


def test_days_that_were_not_checked_are_red(rows: Rows, person: People, look: Callable[[Watched], Seen]) -> None:
    clean(rows)
    due = clock.now() - 3 * HOUR
    rows.do(
        "INSERT INTO reconciliation (employee_id, day, due_at) VALUES (%s, %s, %s)", person(), due.date() - DAY, due
    )
    assert look(Watched.CHECKS) == Seen(1, due)
    assert look(Watched.TALLIES) == Seen(0)
    rows.do("UPDATE reconciliation SET state = 'green', checked_at = now(), again_at = %s", due + HOUR / 2)
    assert look(Watched.CHECKS) == Seen(1, due + HOUR / 2), "one to be looked at again"


def policy_case(rows: Rows, owner: UUID, *words: tuple[str, str], leased: str = "", age: timedelta = HOUR) -> UUID:
    """A device that said these words (what, policy) on its policies, and holds a permission under `leased`."""
    device = uuid4()
    rows.do(
        "INSERT INTO device (id, employee_id, kind, name, public_key) VALUES (%s, %s, 'collector', 'ThinkPad', %s)",
        *(device, owner, device.bytes * 2),
    )
    for what, policy in words:
        rows.do(
            "INSERT INTO device_report (employee_id, device_id, what, directive, policy, last_seq, reported_at) "
            "VALUES (%s, %s, %s, 1, %s, 0, now())",
            *(owner, device, what, policy),
        )
    if leased:
        rows.do(
            "INSERT INTO lease_span (id, employee_id, devices, policy, directive, key_id, permitted, started_at, "
            "valid_until) VALUES (%s, %s, %s, %s, 1, %s, '{}', %s, %s)",
            *(uuid4(), owner, [device], leased, uuid4(), clock.now() - age, clock.now() + HOUR),
        )
    return device


def test_a_device_that_refused_its_policy_or_never_applied_it_is_counted(
    rows: Rows, person: People, look: Callable[[Watched], Seen]
) -> None:
    clean(rows)
    owner = person()
    policy_case(rows, owner, ("failed", "a"), ("applied", "b"), leased="b")
    policy_case(rows, owner)
    policy_case(rows, owner, ("applied", "a"))
    policy_case(rows, owner, ("applied", "a"), leased="b", age=timedelta(minutes=5))
    assert look(Watched.POLICY) == Seen(0)
    policy_case(rows, owner, ("applied", "a"), ("failed", "b"))
    assert look(Watched.POLICY).found == 1
    policy_case(rows, owner, ("applied", "a"), leased="b")
    gone = policy_case(rows, owner, leased="b")
    assert look(Watched.POLICY).found == 3
    rows.remove(gone)
    assert look(Watched.POLICY).found == 2


def test_requests_stores_log_and_releases_are_looked_at(
    rows: Rows, person: People, look: Callable[[Watched], Seen]
) -> None:
    clean(rows)
    owner, past = person(), clock.now() - 3 * HOUR
    request = (
        "INSERT INTO request (id, employee_id, type, state, law, received_at, due_at, stands_since) "
        "VALUES (%s, %s, 'erase', 'open', 'gdpr', now(), %s, %s)"
    )
    rows.do(request, uuid4(), owner, past, None)
    rows.do(request, uuid4(), owner, past, past.date())
    assert look(Watched.REQUESTS) == Seen(1, past)
    step = (
        "INSERT INTO request_step (id, employee_id, request_id, store, chosen, state, pending_since) "
        "VALUES (%s, %s, %s, %s, '{}', 'pending', %s)"
    )
    for store in ("lake", "lake", "mail"):
        rows.do(step, uuid4(), owner, uuid4(), store, past)
    assert look(Watched.STORES) == Seen(2, past)
    rows.do("INSERT INTO audit_entry (at, actor_role, action) VALUES (%s, 'worker', 'test')", past)
    assert look(Watched.LOG) == Seen(1, past)
    clean(rows)
    assert look(Watched.LOG) == Seen(0)
    rows.do("UPDATE installation SET created_at = created_at - interval '30 days'")
    try:
        assert look(Watched.RELEASES).found == 1
    finally:
        rows.do("UPDATE installation SET created_at = created_at + interval '30 days'")


AGED = (
    "INSERT INTO retention_step (id, kind, until, state, remaining, read_back_at) "
    "VALUES (%s, %s, %s, %s, %s, %s + interval '1 second')"
)


def test_R03_what_is_kept_too_long_or_not_looked_at_in_time_is_red(
    browse: Browse, omar: UUID, rows: Rows, database: Database, look: Callable[[Watched], Seen]
) -> None:
    clean(rows)
    now = clock.now()
    assert look(Watched.RETENTION) == Seen(0), "of a new installation nothing is due yet"
    for kind in Kind:
        rows.do(AGED, uuid4(), kind, now - 2 * HOUR, "done", 0, now - 2 * HOUR)
    assert look(Watched.RETENTION) == Seen(0)
    answer = browse(omar).get("/officer/retention")
    assert "Nothing is kept longer than the policy allows." in answer.text
    assert int(answer.headers["Daylight-Statements"]) <= 12
    rows.do(AGED, uuid4(), "key", now - HOUR, "partial", 4, now - HOUR)
    rows.do("DELETE FROM retention_step WHERE kind = 'click'")
    rows.do(AGED, uuid4(), "click", now - 4 * HOUR, "done", 0, now - 4 * HOUR)
    assert look(Watched.RETENTION) == Seen(2, now - 3 * HOUR), "due an hour after the last, and two more are too long"
    look_all(database)
    page = browse(omar).get("/officer").text
    assert "Of 2 kinds of data something is kept that is too old, or nobody has deleted it in time." in page
    assert 'href="/officer/retention">To what was deleted by itself' in page
    page = browse(omar).get("/officer/retention").text
    assert "2 kinds of data are not as they should be." in page
    assert "4 items are left" in page
    assert "overdue" in page
    rows.do("DELETE FROM retention_step")
    rows.do("UPDATE installation SET created_at = created_at - interval '30 days'")
    try:
        assert look(Watched.RETENTION).found == len(Kind), "it never ran"
    finally:
        rows.do("UPDATE installation SET created_at = created_at + interval '30 days'")


def test_what_the_officer_can_do_something_about_is_seen_at_once(
    browse: Browse, omar: UUID, rows: Rows, database: Database, person: People
) -> None:
    clean(rows)
    look_all(database)
    today = clock.now().date()
    rows.do(
        "INSERT INTO mismatch (id, day, what, kind, device_class, items, found_on) "
        "VALUES (%s, %s, 'lost', 'key', 'linux', 7, %s)",
        *(uuid4(), today - 90 * DAY, today - 89 * DAY),
    )
    rows.do(
        "INSERT INTO petition (id, title, demand, reasons, answerer, state, created_at, ends_on, employer_on, "
        "answer_due) VALUES (%s, 'Less', 'Less', '', 'employer', 'open', now(), %s, %s, %s)",
        *(uuid4(), today + DAY, today - 40 * DAY, today - DAY),
    )
    draft, few, stop = uuid4(), uuid4(), uuid4()
    rows.do(
        "INSERT INTO policy_draft (id, title, content, state, submitted_at) "
        "VALUES (%s, 'More', '', 'submitted', now())",
        draft,
    )
    for made, site, people in ((few, "Nearly nowhere", 9), (stop, "Nowhere", 10)):
        staff = [person(site=site) for _ in range(people)]
        for one in staff:
            make_collector(rows.connection, one)
        rows.do(
            "INSERT INTO stop (id, sites, reason, by_role, asked_at) VALUES (%s, %s, 'A leak', 'works_council', now())",
            *(made, [site]),
        )
        rows.do(
            "INSERT INTO stop_device (stop_id, device_id, employee_id, lease_until) VALUES (%s, %s, %s, now())",
            *(made, uuid4(), staff[0]),
        )
    try:
        answer = browse(omar).get("/officer")
        assert "4 things are red now." in answer.text
        for told in (
            "1 mismatch of the daily check waits for your answer.",
            "1 petition should have been answered by the employer.",
            "1 draft waits for your signature.",
            "1 device has not said that it stopped.",  # of nine people nobody is told who is paused
        ):
            assert told in answer.text
        for address in ("reconciliation", "petitions", "policies", "stops"):
            assert f'href="/officer/{address}">To the' in answer.text
        assert "Amira" not in answer.text
        assert int(answer.headers["Daylight-Statements"]) <= 12
        rows.do(
            "INSERT INTO policy_signature (id, draft_id, signer, key_id, envelope) VALUES (%s, %s, 'officer', 'k', '')",
            *(uuid4(), draft),
        )
        rows.do("INSERT INTO stop_answer (stop_id, device_id, employee_id) SELECT stop_id, device_id, employee_id "
                "FROM stop_device WHERE stop_id = %s", stop)  # fmt: skip
        assert "2 things are red now." in browse(omar).get("/officer").text
    finally:
        clean(rows)


def test_since_stays_until_it_is_over(rows: Rows, database: Database) -> None:
    first = clock.now().replace(microsecond=0)
    write = noter(Watched.WITNESS)
    for minutes, found in enumerate((1, 2, 2, 0, 1)):
        with database.transaction("worker") as session:
            write(session, found, first + timedelta(minutes=minutes))
        since = rows.one("SELECT since FROM watch WHERE name = 'witness'")
        assert since == [first, first, first, None, first + timedelta(minutes=4)][minutes]


def test_a_job_that_rings_often_writes_seldom(rows: Rows, database: Database) -> None:
    first = clock.now().replace(microsecond=0)
    write = noter(Watched.WITNESS)
    for seconds in (0, 2, 4, 59, 60):
        with database.transaction("worker") as session:
            write(session, 0, first + timedelta(seconds=seconds))
        looked = rows.one("SELECT looked_at FROM watch WHERE name = 'witness'")
        assert looked == first + timedelta(seconds=60 if seconds == 60 else 0)
