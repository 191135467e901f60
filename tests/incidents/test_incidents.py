"""Anybody says that something is wrong; the officer answers, the council reads what it was given, nobody more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.incidents.actions import A_DAY
from tests.captured import store_item
from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
WORDS = "My screen was recorded while I was paused."


@dataclass
class Desk:
    """Amira Kaya raises, Ben is a colleague, Omar of the privacy office, Clara of the council, Hana of HR."""

    browse: Browse
    amira: UUID
    ben: UUID
    omar: UUID
    clara: UUID
    hana: UUID

    def raised(self, who: UUID | None = None, **changed: str) -> int:
        """Somebody raises an incident; the status."""
        form: dict[str, object] = {"what": "not_stopped", "grave": "now", "text": WORDS, "named": "no"}
        return self.browse(who or self.amira).post("/incidents", form | changed).status_code

    def page(self, who: UUID, path: str) -> str:
        """A page as somebody sees it."""
        answer = self.browse(who).get(path)
        assert answer.status_code == 200, path
        return answer.text.partition("<main")[2].partition("</main>")[0]


@pytest.fixture
def desk(browse: Browse, person: Callable[..., UUID], superuser: Superuser) -> Desk:
    superuser.execute("DELETE FROM incident")
    amira = person(f"Amira {uuid4().hex[:12]}", site="Berlin", department="Design")
    ben, omar, clara, hana = (person(name) for name in ("Ben Roth", "Omar Haddad", "Clara Voss", "Hana Berg"))
    for who, role in ((omar, "privacy_officer"), (clara, "works_council"), (hana, "hr")):
        superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", [who, role])
    superuser.commit()
    return Desk(browse, amira, ben, omar, clara, hana)


def value(superuser: Superuser, statement: str, *values: object) -> Any:
    found = superuser.execute(statement.encode(), values).fetchone()
    superuser.rollback()
    assert found
    return found[0]


def name(superuser: Superuser, who: UUID) -> str:
    return str(value(superuser, "SELECT name FROM employee WHERE id = %s", who))


def test_refusals(desk: Desk, superuser: Superuser) -> None:
    assert desk.browse(None).get("/incidents").status_code in {302, 303, 401}
    desk.raised()
    incident = value(superuser, "SELECT id FROM incident")
    for who in (desk.amira, desk.ben, desk.clara, desk.hana):
        assert desk.browse(who).get("/officer/incidents").status_code == 403
        answer = desk.browse(who).post(f"/officer/incidents/{incident}/answer", {"answer": "It is all right."})
        assert answer.status_code == 403
    for who in (desk.amira, desk.ben, desk.omar, desk.hana):
        assert desk.browse(who).get("/council/incidents").status_code == 403
    assert desk.browse(desk.ben).post(f"/incidents/{incident}/end").status_code == 404
    assert WORDS not in desk.page(desk.ben, "/incidents")


def test_raised_without_a_name_answered_and_told(desk: Desk, superuser: Superuser) -> None:
    assert "Nothing yet" in desk.page(desk.amira, "/incidents")
    assert desk.raised() == 303
    page = desk.page(desk.omar, "/officer/incidents")
    assert WORDS in page
    assert "an employee" in page
    assert name(superuser, desk.amira) not in page
    assert str(desk.amira) not in page
    incident = value(superuser, "SELECT id FROM incident")
    answered: dict[str, object] = {"answer": "The device was cut off; it is stopped now."}
    assert desk.browse(desk.omar).post(f"/officer/incidents/{incident}/answer", {"answer": "x"}).status_code == 422
    assert desk.browse(desk.omar).post(f"/officer/incidents/{incident}/answer", answered).status_code == 303
    assert desk.browse(desk.omar).post(f"/officer/incidents/{incident}/answer", answered).status_code == 409
    assert str(answered["answer"]) in desk.page(desk.amira, "/incidents")
    kinds = "SELECT kind FROM notification WHERE employee_id = %s"
    assert value(superuser, kinds, desk.amira) == "incident_answered"
    assert "has answered what you raised" in desk.page(desk.amira, "/")
    assert desk.browse(desk.amira).post(f"/incidents/{incident}/end").status_code == 404


def test_with_the_name_the_officer_sees_it(desk: Desk, superuser: Superuser) -> None:
    desk.raised(named="yes")
    assert name(superuser, desk.amira) in desk.page(desk.omar, "/officer/incidents")


def test_A04_the_council_reads_words_only_where_it_was_let_and_never_who(desk: Desk, superuser: Superuser) -> None:
    desk.raised(named="yes", text="This one is for the officer alone.")
    desk.raised(named="yes", council="yes", text="This one is for the council, too.")
    page = desk.page(desk.clara, "/council/incidents")
    assert "This one is for the council, too." in page
    assert "for the officer alone" not in page
    for telling in (name(superuser, desk.amira), str(desk.amira), "Berlin", "Design", clock.now().strftime("%H:%M")):
        assert telling not in page
    assert clock.now().strftime("%B %Y") in page


def test_about_an_own_item_and_about_nobody_elses(desk: Desk, superuser: Superuser) -> None:
    item = store_item(superuser, desk.amira, clock.now() - timedelta(hours=2))
    day = clock.from_ms(item.start).date().isoformat()
    about = {"item": str(item.segment), "day": day}
    assert "About this item" in desk.page(desk.amira, f"/incidents?item={item.segment}&day={day}")
    assert desk.browse(desk.ben).get(f"/incidents?item={item.segment}&day={day}").status_code == 404
    assert desk.browse(desk.amira).get("/incidents?item=x&day=y").status_code == 404
    assert desk.raised(desk.ben, **about) == 404
    assert desk.raised(None, **about, council="yes") == 303
    page = desk.page(desk.omar, "/officer/incidents")
    assert "Item" in page
    assert str(item.segment) not in page
    assert item.context not in desk.page(desk.clara, "/council/incidents")


@pytest.mark.parametrize(
    "wrong",
    [{"text": ""}, {"text": "short"}, {"text": "x" * 4001}, {"what": "x"}, {"grave": ""}, {"named": ""},
     {"on_day": "never"}],
    ids=str,
)  # fmt: skip
def test_what_is_not_one_is_not_raised(desk: Desk, superuser: Superuser, wrong: dict[str, str]) -> None:
    assert desk.raised(None, **wrong) == 422
    assert value(superuser, "SELECT count(*) FROM incident") == 0


def test_script_stays_text(desk: Desk) -> None:
    desk.raised(text="<script>alert(1)</script>", council="yes")
    pages = {desk.amira: "/incidents", desk.omar: "/officer/incidents", desk.clara: "/council/incidents"}
    for who, path in pages.items():
        page = desk.page(who, path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_not_more_than_five_a_day(desk: Desk, superuser: Superuser) -> None:
    assert [desk.raised() for _ in range(A_DAY + 1)] == [303] * A_DAY + [429]
    superuser.execute("UPDATE incident SET raised_at = raised_at - interval '25 hours'")
    superuser.commit()
    assert desk.raised() == 303


def test_it_is_red_at_once_and_until_it_is_answered_or_taken_back(desk: Desk, superuser: Superuser) -> None:
    def red() -> bool:
        return "waits for your answer" in (page := desk.page(desk.omar, "/officer")) or "wait for your answer" in page

    assert not red()
    desk.raised()
    assert red()
    desk.raised()
    assert "2 incidents that employees raised wait for your answer." in desk.page(desk.omar, "/officer")
    first, second = (row[0] for row in superuser.execute("SELECT id FROM incident").fetchall())
    superuser.rollback()
    assert desk.browse(desk.amira).post(f"/incidents/{first}/end").status_code == 303
    desk.browse(desk.omar).post(f"/officer/incidents/{second}/answer", {"answer": "It is all right now."})
    assert not red()


def test_nobody_answers_an_incident_of_their_own(desk: Desk, superuser: Superuser) -> None:
    desk.raised(desk.omar)
    incident = value(superuser, "SELECT id FROM incident")
    answer = desk.browse(desk.omar).post(f"/officer/incidents/{incident}/answer", {"answer": "It is all right."})
    assert answer.status_code == 409


def test_D04_neither_a_desk_nor_the_worker_has_the_table(desk: Desk, database: Database) -> None:
    for login in ("web_officer", "web_council", "web_hr", "worker"):
        with database.transaction(login, desk.omar) as session, pytest.raises(Exception, match="permission denied"):
            session.connection().exec_driver_sql("SELECT text FROM incident")
