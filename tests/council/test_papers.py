"""Papers in the evidence room: each side its own, versions only add up, minutes that were told reach everybody."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from tests.provider.browser import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]
SignedIn = Callable[..., Browser]
ADD = (
    "INSERT INTO room_document (id, document_id, version, kind, title, on_day, text, link, told) "
    "VALUES (gen_random_uuid(), %s, %s, %s, 'T', now(), 'Text', '', %s)"
)


@pytest.fixture
def clara(signed_in: SignedIn) -> Browser:
    return signed_in("clara", groups=["Works council"])


@pytest.fixture
def omar(signed_in: SignedIn) -> Browser:
    return signed_in("omar", groups=["Privacy office"])


def typed(**changed: str) -> dict[str, str]:
    text = "First line.\r\n<script>alert(1)</script>"
    values = {"kind": "minutes", "title": f"Meeting {uuid4()}", "on_day": "2026-11-20", "text": text}
    return values | {"link": "https://intranet.example/minutes"} | changed


def written(who: Browser, desk: str, **changed: str) -> str:
    """Write a paper; its address."""
    answer = who.post(f"{desk}/documents/new", typed(**changed))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_a_paper_is_read_as_text(clara: Browser) -> None:
    page = clara.get(written(clara, "/council")).text
    assert "First line.\n&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Meeting" in clara.get("/council/evidence").text
    assert clara.get("/council/documents/new").status_code == 200


def test_versions_add_up(clara: Browser, superuser: Superuser) -> None:
    address = written(clara, "/council")
    assert clara.post(address, typed(version="1", text="Put right.")).status_code == 303
    page = clara.get(address).text
    assert page.index("Put right.") < page.index("First line.")
    late = clara.post(address, typed(version="1", text="Another hand."))
    assert late.status_code == 409
    assert "Read it first" in late.text
    rows = superuser.execute(
        "SELECT version FROM room_document WHERE document_id = %s ORDER BY 1", [address.rpartition("/")[2]]
    ).fetchall()
    logged = superuser.execute(
        "SELECT count(*) FROM audit_entry WHERE action = 'paper.written' AND object_id = %s",
        [address.rpartition("/")[2]],
    ).fetchone()
    superuser.rollback()
    assert (rows, logged) == ([(1,), (2,)], (2,))


def test_S11_each_side_writes_its_own_and_reads_the_others(clara: Browser, omar: Browser, signed_in: SignedIn) -> None:
    minutes, impact = written(clara, "/council"), written(omar, "/officer/room", kind="impact_assessment")
    assert clara.get(impact.replace("/officer/room", "/council")).status_code == 200
    assert omar.get(minutes.replace("/council", "/officer/room")).status_code == 200
    assert clara.post(impact.replace("/officer/room", "/council"), typed(version="1")).status_code == 403
    assert omar.post(minutes.replace("/council", "/officer/room"), typed(version="1")).status_code == 403
    assert clara.post("/council/documents/new", typed(kind="incident")).status_code == 422
    assert omar.post("/officer/room/documents/new", typed(kind="agenda")).status_code == 422
    for stranger in (signed_in("ben"), signed_in("hana", groups=["HR team"])):
        for path in (minutes, impact, "/officer/room", "/council/documents/new", "/officer/room/documents/new"):
            assert stranger.get(path).status_code == 403
        assert stranger.post("/council/documents/new", typed()).status_code == 403
    assert clara.get(f"/council/documents/{uuid4()}").status_code == 404


def test_the_officers_looks_are_written_down(omar: Browser, clara: Browser) -> None:
    address = written(omar, "/officer/room", kind="incident", title="Key left in a log, 3 hours")
    assert omar.get(address).status_code == 200
    looks = clara.get("/council/looks").text.partition("<tbody")[2].split("</tr>")
    row = looks[1]
    assert "Who looked" in looks[0], "this very look"
    assert "Privacy officer" in row
    assert "Paper: Key left in a log, 3 hours" in row


def test_only_what_was_told_reaches_everybody(clara: Browser, signed_in: SignedIn) -> None:
    ben = signed_in("ben")
    secret, told = written(clara, "/council"), written(clara, "/council", told="yes", text="We meet on Friday.")
    assert "told to everybody" in clara.get(told).text
    page = ben.get("/statistics/minutes").text
    assert "We meet on Friday." in page
    assert clara.post(told, typed(version="1", text="Not for all.")).status_code == 303
    assert "Not for all." not in ben.get("/statistics/minutes").text
    assert "We meet on Friday." in ben.get("/statistics/minutes").text
    title = re.search(r"Meeting [0-9a-f-]{36}", clara.get(secret).text)
    assert title
    assert title[0] not in ben.get("/statistics/minutes").text
    assert "told to everybody" not in clara.get(written(clara, "/council", kind="agenda", told="yes")).text


def test_D02_the_employees_login_sees_only_what_was_told(app: Flask, superuser: Superuser) -> None:
    untold = uuid4()
    superuser.execute(ADD, [untold, 1, "minutes", False])
    superuser.commit()
    with app.extensions["daylight"].database.transaction("web_employee", uuid4()) as session:
        seen = session.connection().exec_driver_sql("SELECT document_id, told FROM room_document").fetchall()
    assert all(told for _, told in seen)
    assert untold not in [document for document, _ in seen]


@pytest.mark.parametrize(
    ("login", "version", "kind"),
    [("web_council", 1, "incident"), ("web_officer", 1, "minutes"), ("web_council", 2, "agenda")],
)
def test_the_database_holds_sides_and_order(app: Flask, login: str, version: int, kind: str) -> None:
    with (
        pytest.raises(Exception, match="not this side's paper"),
        app.extensions["daylight"].database.transaction(login, uuid4()) as session,
    ):
        session.connection().exec_driver_sql(ADD, (uuid4(), version, kind, False))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"link": "javascript:alert(1)"}, "begins with https://"),
        ({"link": "https://"}, "begins with https://"),
        ({"on_day": "soon"}, "Choose a day."),
        ({"title": " "}, "Between 2 and 160"),
        ({"text": "x" * 20_001}, "Between 2 and 20000"),
        ({"kind": "gossip"}, "Choose one of these."),
    ],
)
def test_what_a_paper_may_not_be(clara: Browser, changed: dict[str, str], said: str) -> None:
    answer = clara.post("/council/documents/new", typed(**changed))
    assert answer.status_code == 422
    assert said in answer.text
