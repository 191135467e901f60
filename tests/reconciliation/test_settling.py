"""A mismatch is red until the privacy officer answered it; who is affected reads the answer and may dispute it once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal.core import clock
from portal.core.db import Database
from portal.reconciliation.jobs import forget_checks, gather
from portal.reconciliation.settling import actions
from portal.reconciliation.settling.rules import stays
from tests.cast import Organisation
from tests.gateway.process import Rows
from tests.web_client import Browser

Browse = Callable[[UUID | None], Browser]
TODAY = clock.now().date()
ANSWER: dict[str, object] = {"cause": "late", "words": "The pause came late to the device; the items are deleted."}
AGAIN: dict[str, object] = {"cause": "device", "words": "The program on the device ignored the pause; it is repaired."}
STATE = "SELECT state FROM mismatch WHERE id = %s"


@dataclass
class Desk:
    """Amira and Ben may be affected, Omar of the privacy office answers, Clara of the council counts, Hana of HR."""

    browse: Browse
    rows: Rows
    database: Database
    amira: UUID
    ben: UUID
    omar: UUID
    clara: UUID
    hana: UUID

    def find(self, who: UUID, day: date = TODAY, **changed: object) -> UUID:
        """A finding as the check of a day writes it."""
        values: dict[str, object] = {"what": "in_pause", "kind": "key", "context": "payroll", "place": "", "items": 3}
        values |= {"id": uuid4(), "employee_id": who, "day": day, "segment_ids": [], "device_class": "linux"} | changed
        names, slots = ", ".join(values), ", ".join(["%s"] * len(values))
        self.rows.do(f"INSERT INTO reconciliation_finding ({names}) VALUES ({slots})", *values.values())
        return UUID(str(values["id"]))

    def gather(self, on: date = TODAY, smallest_group: int = 10) -> list[UUID]:
        """What the worker makes of the findings; every mismatch, oldest first."""
        with self.database.transaction("worker") as session:
            actions.gather(session, on)
            actions.publish(session, smallest_group)
        return [one for (one,) in self.rows.all("SELECT id FROM mismatch ORDER BY number")]

    def page(self, who: UUID, path: str) -> str:
        """A page as somebody sees it."""
        answer = self.browse(who).get(path)
        assert answer.status_code == 200, path
        assert int(answer.headers["Daylight-Statements"]) <= 12
        return answer.text.partition("<main")[2].partition("</main>")[0]

    def answer(self, mismatch: UUID, said: dict[str, object], items: int = 3) -> int:
        """Omar answers; the status."""
        path = f"/officer/reconciliation/{mismatch}/answer"
        return self.browse(self.omar).post(path, said | {"items": str(items)}).status_code

    def dispute(self, who: UUID, mismatch: UUID, day: date = TODAY) -> str:
        """Somebody says that it does not explain it; where it stands then."""
        answer = self.browse(who).post(f"/data/{day}/check/{mismatch}/dispute")
        assert answer.status_code == 303
        return str(self.rows.one(STATE, mismatch))


@pytest.fixture
def desk(
    browse: Browse,
    person: Callable[..., UUID],
    superuser: psycopg.Connection[tuple[object, ...]],
    organisation: Organisation,
    database: Database,
) -> Desk:
    rows = Rows(superuser, organisation)
    for table in ("mismatch_part", "mismatch_step", "mismatch", "mismatch_share", "reconciliation_finding"):
        rows.do(f"DELETE FROM {table}")
    amira, ben, omar, clara, hana = (person(name) for name in ("Amira Kaya", "Ben Roth", "Omar", "Clara", "Hana"))
    for who, role in ((omar, "privacy_officer"), (clara, "works_council"), (hana, "hr")):
        rows.do("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", who, role)
    return Desk(browse, rows, database, amira, ben, omar, clara, hana)


def test_refusals(desk: Desk) -> None:
    desk.find(desk.amira)
    (mismatch,) = desk.gather()
    one = f"/officer/reconciliation/{mismatch}"
    assert desk.browse(None).get(one).status_code in {302, 303, 401}
    for who in (desk.amira, desk.clara, desk.hana):
        assert desk.browse(who).get(one).status_code == 403
        assert desk.browse(who).post(f"{one}/answer", ANSWER | {"items": "3"}).status_code == 403
    assert desk.browse(desk.omar).get(f"/officer/reconciliation/{uuid4()}").status_code == 404
    assert desk.browse(desk.omar).post(f"/officer/reconciliation/{uuid4()}/answer", ANSWER).status_code == 404
    assert desk.browse(desk.amira).get(f"/data/{TODAY}/check/{mismatch}/dispute").status_code == 405
    assert desk.browse(desk.amira).post(f"/data/2026-13-01/check/{mismatch}/dispute").status_code == 404
    assert desk.rows.one(STATE, mismatch) == "open"


def test_P06_a_mismatch_stays_red_until_it_is_answered_however_old(desk: Desk) -> None:
    desk.find(desk.amira, TODAY - timedelta(days=51))
    (mismatch,) = desk.gather(TODAY - timedelta(days=50))
    assert "1 mismatch of the daily check waits for your answer." in desk.page(desk.omar, "/officer")
    assert "the oldest for 50 days" in desk.page(desk.omar, "/officer/reconciliation")
    assert desk.answer(mismatch, ANSWER) == 303
    assert "mismatch of the daily check" not in desk.page(desk.omar, "/officer")
    assert "No mismatch waits for your answer." in desk.page(desk.omar, "/officer/reconciliation")


def test_the_officer_sees_kind_count_and_class_and_nobody(desk: Desk) -> None:
    desk.find(desk.amira)
    desk.find(desk.ben, context="secret-app", items=4)
    (mismatch,) = desk.gather()
    for path in ("/officer/reconciliation", f"/officer/reconciliation/{mismatch}"):
        page = desk.page(desk.omar, path)
        assert "Stored, captured during a pause" in page
        assert "Linux" in page
        assert ">7<" in page
        for telling in ("Amira", "Ben", "payroll", "secret-app", str(desk.amira), str(desk.ben)):
            assert telling not in page


@pytest.mark.parametrize(
    "wrong", [{"cause": ""}, {"cause": "x"}, {"words": ""}, {"words": "short"}, {"words": "x" * 4001}], ids=str
)
def test_what_is_no_answer_closes_nothing(desk: Desk, wrong: dict[str, object]) -> None:
    desk.find(desk.amira)
    (mismatch,) = desk.gather()
    assert desk.answer(mismatch, ANSWER | wrong) == 422
    assert desk.rows.one(STATE, mismatch) == "open"


def test_P06_an_answer_to_fewer_items_than_there_are_closes_nothing(desk: Desk) -> None:
    desk.find(desk.amira)
    desk.gather()
    desk.find(desk.ben)
    (mismatch,) = desk.gather()
    assert desk.answer(mismatch, ANSWER, items=3) == 409
    assert desk.rows.one(STATE, mismatch) == "open"
    assert desk.answer(mismatch, ANSWER, items=6) == 303
    assert desk.answer(mismatch, AGAIN, items=6) == 409


def test_whoever_is_affected_reads_the_answer_and_is_told(desk: Desk) -> None:
    desk.find(desk.amira)
    desk.find(desk.ben, what="lost")
    mismatch, other = desk.gather()
    assert "It waits since today." in desk.page(desk.amira, f"/data/{TODAY}/check")
    desk.answer(mismatch, ANSWER)
    page = desk.page(desk.amira, f"/data/{TODAY}/check")
    assert str(ANSWER["words"]) in page
    assert "A pause, a stop or a policy reached a device too late" in page
    assert "why something of" in desk.page(desk.amira, "/")
    told = "SELECT count(*) FROM notification WHERE employee_id = %s AND kind = 'check_answered'"
    assert [desk.rows.one(told, who) for who in (desk.amira, desk.ben)] == [1, 0]
    assert str(ANSWER["words"]) not in desk.page(desk.ben, f"/data/{TODAY}/check")
    assert desk.rows.one(STATE, other) == "open"
    logged = "SELECT actor_id, actor_role FROM audit_entry WHERE action = 'mismatch.answered' AND object_id = %s"
    assert desk.rows.all(logged, mismatch) == [(desk.omar, "privacy_officer")]


def test_P06_somebody_affected_reopens_it_once(desk: Desk) -> None:
    desk.find(desk.amira)
    (mismatch,) = desk.gather()
    assert desk.dispute(desk.amira, mismatch) == "open"
    desk.answer(mismatch, ANSWER)
    assert desk.dispute(desk.amira, mismatch) == "disputed"
    assert "1 mismatch of the daily check waits" in desk.page(desk.omar, "/officer")
    page = desk.page(desk.omar, f"/officer/reconciliation/{mismatch}")
    assert "disputed by somebody affected" in page
    assert "Amira" not in page
    assert desk.answer(mismatch, AGAIN) == 303
    page = desk.page(desk.amira, f"/data/{TODAY}/check")
    assert str(ANSWER["words"]) in page
    assert str(AGAIN["words"]) in page
    assert "raise an incident" in page
    assert desk.dispute(desk.amira, mismatch) == "answered"
    steps = "SELECT step FROM mismatch_step WHERE mismatch_id = %s ORDER BY number"
    assert [step for (step,) in desk.rows.all(steps, mismatch)] == ["found", "answered", "disputed", "answered"]
    logged = "SELECT actor_id, employee_id FROM audit_entry WHERE action = 'mismatch.disputed' AND object_id = %s"
    assert desk.rows.all(logged, mismatch) == [(desk.amira, desk.amira)]


def test_D02_nobody_else_disputes_or_reads_it(desk: Desk) -> None:
    desk.find(desk.amira)
    (mismatch,) = desk.gather()
    desk.answer(mismatch, ANSWER)
    for who in (desk.ben, desk.omar, desk.hana):
        assert desk.dispute(who, mismatch) == "answered"
    for table in ("mismatch", "mismatch_step", "mismatch_part"):
        key = "id" if table == "mismatch" else "mismatch_id"
        seen = []
        for who in (desk.amira, desk.ben):
            with desk.database.transaction("web_employee", who) as session:
                seen.append(session.execute(text(f"SELECT count({key}) FROM {table}")).scalar_one() > 0)
        assert seen == [True, False], table


@pytest.mark.parametrize(
    ("login", "statement"),
    [
        ("worker", "UPDATE mismatch SET state = 'answered'"),
        ("web_officer", "UPDATE mismatch SET state = 'answered'"),
        ("web_officer", "UPDATE mismatch_step SET words = 'Nothing happened.'"),
        ("web_officer", "DELETE FROM mismatch_step"),
        ("web_officer", "SELECT employee_id FROM mismatch_part"),
        ("web_employee", "SELECT items FROM mismatch"),
        ("web_council", "SELECT day FROM mismatch"),
        ("web_employee", "SELECT mismatch_answer(gen_random_uuid(), 1, 'late', 'It is all right.')"),
    ],
)
def test_D01_no_login_passes_by_the_two_functions(desk: Desk, login: str, statement: str) -> None:
    with desk.database.transaction(login, desk.omar if login != "worker" else None) as session:
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text(statement))
        session.rollback()


def test_D01_the_worker_writes_no_answer_into_the_history(desk: Desk) -> None:
    row = (
        "INSERT INTO mismatch_step (mismatch_id, number, step, on_day{}) "
        "VALUES (gen_random_uuid(), 2, 'answered', now(){})"
    )
    with desk.database.transaction("worker") as session:
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text(row.format(", cause, words", ", 'late', 'It is all right.'")))
        session.rollback()
    with desk.database.transaction("worker") as session:
        with pytest.raises(IntegrityError, match="ck_mismatch_step_answer"):
            session.execute(text(row.format("", "")))
        session.rollback()


def test_P06_an_officer_who_is_affected_does_not_use_up_the_one_dispute(desk: Desk) -> None:
    for who in (desk.omar, desk.amira):
        desk.find(who)
    (mismatch,) = desk.gather()
    assert desk.answer(mismatch, ANSWER, desk.rows.one("SELECT items FROM mismatch WHERE id = %s", mismatch)) == 303
    with desk.database.transaction("web_employee", desk.omar) as session:
        assert not actions.dispute(session, mismatch)
    with desk.database.transaction("web_employee", desk.amira) as session:
        assert actions.dispute(session, mismatch)


def test_P06_everybody_affected_disputes_once_whoever_did_before(desk: Desk) -> None:
    for who in (desk.ben, desk.amira):
        desk.find(who)
    (mismatch,) = desk.gather()
    for who, words in ((desk.ben, ANSWER), (desk.amira, AGAIN)):
        desk.answer(mismatch, words, desk.rows.one("SELECT items FROM mismatch WHERE id = %s", mismatch))
        assert "This does not explain it" in desk.page(who, f"/data/{TODAY}/check")
        assert desk.dispute(who, mismatch) == "disputed"
    desk.answer(mismatch, ANSWER, desk.rows.one("SELECT items FROM mismatch WHERE id = %s", mismatch))
    for who in (desk.ben, desk.amira):
        assert desk.dispute(who, mismatch) == "answered", "each once"


def test_what_comes_after_the_answer_is_a_new_mismatch(desk: Desk) -> None:
    finding = desk.find(desk.amira)
    (first,) = desk.gather()
    assert desk.gather() == [first]
    desk.answer(first, ANSWER)
    assert desk.gather() == [first]
    desk.find(desk.ben)
    first, second = desk.gather()
    desk.answer(second, ANSWER)
    desk.rows.do("UPDATE reconciliation_finding SET items = 5 WHERE id = %s", finding)
    first, second, third = desk.gather()
    assert [desk.rows.one(STATE, one) for one in (first, second, third)] == ["answered", "answered", "open"]
    assert desk.rows.one("SELECT items FROM mismatch WHERE id = %s", third) == 5
    assert desk.dispute(desk.amira, first) == "disputed"
    page = desk.page(desk.amira, f"/data/{TODAY}/check")
    assert page.count("The privacy officer has it in front of them and must say why.") == 2


def test_A04_the_council_is_told_no_small_number(desk: Desk, person: Callable[..., UUID]) -> None:
    assert "Nothing was counted yet" in desk.page(desk.clara, "/council/reconciliation")
    people = [person(f"Person {number}") for number in range(11)]
    for number, who in enumerate(people[:9]):
        desk.find(who, TODAY - timedelta(days=60))
        desk.gather(TODAY - timedelta(days=50 - number))
    desk.find(people[9], TODAY - timedelta(days=30))
    desk.gather(TODAY - timedelta(days=20))
    told = "SELECT state, cases, people, since FROM mismatch_share WHERE people IS NOT NULL"
    assert desk.rows.all(told) == [("open", 2, 10, TODAY - timedelta(days=20))]
    page = desk.page(desk.clara, "/council/reconciliation")
    assert "for 20 days" in page
    assert "for 50 days" not in page
    assert "hidden: fewer than 10 people" in page
    desk.gather(smallest_group=11)
    assert desk.rows.all(told) == []
    desk.gather(smallest_group=8)
    assert desk.rows.all(told) == [("open", 2, 10, TODAY - timedelta(days=20))]
    for mismatch in desk.gather():
        items = desk.rows.one("SELECT items FROM mismatch WHERE id = %s", mismatch)
        assert desk.answer(mismatch, ANSWER, items) == 303
    desk.find(people[10], TODAY)
    desk.gather()
    assert desk.rows.all(told) == [("answered", 2, 10, None)]


@pytest.mark.parametrize(
    ("before", "people", "same"),
    [(30, 39, True), (30, 21, True), (30, 40, False), (30, None, False), (None, 12, False)],
)
def test_A04_the_councils_number_moves_by_k_people_or_not_at_all(
    before: int | None, people: int | None, *, same: bool
) -> None:
    assert stays(before, people, 10) is same


def test_the_worker_forgets_what_was_answered_and_keeps_what_was_not(desk: Desk) -> None:
    old = TODAY - timedelta(days=401)
    desk.find(desk.amira, old)
    desk.find(desk.ben, old, what="lost")
    answered, waits = desk.gather(old)
    desk.answer(answered, ANSWER)
    with desk.database.transaction("worker") as session:
        forget_checks(session, clock.now())
        gather(session, clock.now())
    assert desk.rows.all("SELECT id FROM mismatch") == [(waits,)]
    assert desk.rows.all("SELECT DISTINCT mismatch_id FROM mismatch_step") == [(waits,)]
    assert desk.rows.all("SELECT employee_id FROM mismatch_part") == []
    assert desk.answer(waits, ANSWER) == 303


def test_script_stays_text(desk: Desk) -> None:
    desk.find(desk.amira)
    (mismatch,) = desk.gather()
    desk.answer(mismatch, ANSWER | {"words": "<script>alert(1)</script>"})
    for who, path in ((desk.amira, f"/data/{TODAY}/check"), (desk.omar, f"/officer/reconciliation/{mismatch}")):
        page = desk.page(who, path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
