"""An expert's seat: from a day to a day, in the evidence room and nowhere else, ended by the clock or the council."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from portal.core import clock
from portal.core.permissions import Permission
from portal.council import jobs, rules
from tests.cast import make_person
from tests.provider.browser import Browser
from tests.provider.server import HostileProvider
from tests.web.routes import SAFE, routes
from tests.web.staff import seat

Superuser = psycopg.Connection[tuple[Any, ...]]
SignedIn = Callable[..., Browser]
TODAY = date(2026, 11, 29)
OPEN = {"/expert", "/expert/evidence"}


@pytest.fixture
def clara(signed_in: SignedIn) -> Browser:
    browser = signed_in("clara", groups=["Works council"])
    assert browser.sign_in("/sign-in?fresh=1").status_code == 303
    return browser


@pytest.fixture
def eva(app: Flask, provider: HostileProvider, clara: Browser) -> Browser:
    """Eva has a seat, and is signed in."""
    return sign_in(app, provider, clara, f"eva-{datetime.now(UTC).timestamp()}")


def sign_in(app: Flask, provider: HostileProvider, clara: Browser, subject: str) -> Browser:
    assert clara.post("/council/experts", seat(f"{subject}@DAYLIGHT.example")).headers["Location"] == "/council/experts"
    provider.add(subject)
    browser = Browser(app)
    assert browser.sign_in().status_code == 303
    return browser


def test_S11_an_expert_has_the_seat_and_nothing_else(app: Flask, eva: Browser) -> None:
    reached = set()
    for route in routes(app):
        if route.access.permission is None or route.endpoint == "home.now":
            continue
        answer = eva.get(route.path) if route.method in SAFE else eva.post(route.path)
        if answer.status_code != 403:
            reached.add(route.endpoint)
            assert route.access.permission is Permission.EXPERT_DESK_READ, route
            assert route.method == "GET"
    assert reached == {
        f"expert.{name}" for name in ("front", "one", "report", "groups", "evidence", "document", "policy")
    }
    assert eva.get("/").headers["Location"] == "/expert"
    page = eva.get("/expert/evidence").text
    assert not [
        one for one in ('href="/settings', 'href="/about', 'href="/statistics', 'href="/council') if one in page
    ]


def test_S11_an_experts_looks_are_written_down(eva: Browser, clara: Browser) -> None:
    assert eva.get("/expert/evidence").status_code == 200
    row = clara.get("/council/looks").text.partition("Eva-")[2]
    assert "Expert" in row.partition("</tr>")[0]


def test_an_expert_is_no_employee(eva: Browser, superuser: Superuser) -> None:
    name = eva.get("/expert").text.partition('class="menu person"><summary><span>')[2].partition("<")[0]
    found = superuser.execute("SELECT left_at IS NOT NULL, site FROM employee WHERE name = %s", [name]).fetchall()
    superuser.rollback()
    assert found == [(True, None)]


def test_S11_a_seat_ends_by_the_clock_for_an_open_page_too(
    app: Flask, provider: HostileProvider, clara: Browser, superuser: Superuser
) -> None:
    eva = sign_in(app, provider, clara, f"eva-{datetime.now(UTC).timestamp()}")
    assert eva.get("/expert").status_code == 200
    superuser.execute("UPDATE expert_seat SET starts_at = now() - interval '2 days', ends_at = now()")
    superuser.commit()
    assert eva.get("/expert/evidence").status_code == 303
    refused = eva.sign_in()
    assert refused.status_code == 400
    assert "Your seat is not open." in refused.text


def test_the_council_ends_a_seat_early(eva: Browser, clara: Browser, superuser: Superuser) -> None:
    (seat,) = superuser.execute("SELECT id FROM expert_seat ORDER BY named_at DESC LIMIT 1").fetchone() or ()
    superuser.rollback()
    assert clara.post(f"/council/experts/{seat}/end").status_code == 303
    assert eva.get("/expert").status_code == 303
    assert clara.post(f"/council/experts/{seat}/end").status_code == 404
    assert "ended early" in clara.get("/council/experts").text


def test_before_the_first_day_nobody_gets_in_and_nobody_becomes_an_employee(
    app: Flask, provider: HostileProvider, clara: Browser, superuser: Superuser
) -> None:
    subject = f"eva-{datetime.now(UTC).timestamp()}"
    assert clara.post("/council/experts", seat(subject, 1)).status_code == 303
    provider.add(subject, email=None)
    assert Browser(app).sign_in().status_code == 400
    assert superuser.execute("SELECT count(*) FROM employee WHERE subject = %s", [subject]).fetchone() == (0,)
    superuser.rollback()
    assert "to come" in clara.get("/council/experts").text


def test_a_colleague_gets_no_seat_and_no_colleague_is_locked_out(
    signed_in: SignedIn, provider: HostileProvider, clara: Browser, superuser: Superuser
) -> None:
    ben = signed_in("ben")
    answer = clara.post("/council/experts", seat(f"{provider.subject}@daylight.example"))
    assert answer.status_code == 422
    assert "somebody from outside" in answer.text
    superuser.execute(
        "INSERT INTO expert_seat (id, name, account, task, starts_at, ends_at) "
        "VALUES (gen_random_uuid(), 'B', %s, 't', now(), now() + interval '1 day')",
        [provider.subject],
    )
    superuser.commit()
    assert ben.sign_in("/sign-in?fresh=1").status_code == 303
    assert (ben.get("/").status_code, ben.get("/expert").status_code) == (200, 403)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"last": "never"}, "Choose a day."),
        ({"first": "2020-01-01"}, "90 days at most"),
        ({"last": "2036-01-01"}, "90 days at most"),
        ({"account": " "}, "Between 2 and 255"),
        ({"name": "x" * 121}, "Between 2 and 120"),
    ],
)
def test_what_a_form_may_not_say(clara: Browser, changed: dict[str, str], said: str) -> None:
    answer = clara.post("/council/experts", seat("eva") | changed)
    assert answer.status_code == 422
    assert said in answer.text


def test_only_the_council_gives_seats(signed_in: SignedIn) -> None:
    for who in (signed_in("ben"), signed_in("hana", groups=["HR team"]), signed_in("omar", groups=["Privacy office"])):
        assert who.get("/council/experts").status_code == 403
        assert who.post("/council/experts", seat("eva")).status_code == 403
        assert who.post(f"/council/experts/{UUID(int=1)}/end").status_code == 403


def test_everybody_sees_that_an_expert_reads_and_not_who(eva: Browser, signed_in: SignedIn) -> None:
    page = signed_in("ben").get("/statistics").text
    assert "An expert whom the works council chose" in page
    assert "Exner" not in page
    assert eva.get("/statistics").status_code == 403


def test_D06_names_go_two_years_after_the_seat(app: Flask, clara: Browser, superuser: Superuser) -> None:
    assert clara.post("/council/experts", seat("eva-forgotten")).status_code == 303
    database = app.extensions["daylight"].database
    for days, left in ((700, 1), (800, 0)):
        with database.transaction("worker") as session:
            jobs.forget_seats(session, clock.now() + timedelta(days=days))
        found = superuser.execute("SELECT count(*) FROM expert_seat WHERE account = 'eva-forgotten'").fetchone()
        superuser.rollback()
        assert found == (left,)


def test_how_long_a_seat_may_be() -> None:
    days = {days: rules.seat_too_long(TODAY, TODAY + timedelta(days=days), TODAY) for days in (-1, 0, 89, 90)}
    assert days == {-1: True, 0: False, 89: False, 90: True}
    assert rules.seat_too_long(TODAY - timedelta(days=1), TODAY, TODAY)


def test_a_person_is_erased_with_their_seat(superuser: Superuser) -> None:
    person = make_person(superuser, "Eva Exner")
    superuser.execute("INSERT INTO expert (employee_id) VALUES (%s)", [person])
    (found,) = superuser.execute("SELECT count(*) FROM person_tables() WHERE name = 'expert'").fetchone() or ()
    superuser.rollback()
    assert found == 1
