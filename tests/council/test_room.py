"""The evidence room: each look is written down, for the council and the officer."""

from uuid import UUID

import pytest

from portal.council import queries
from tests.cast import make_person
from tests.council.conftest import Council
from tests.web_client import statements


@pytest.fixture
def omar(council: Council) -> UUID:
    """Omar is privacy officer."""
    person = make_person(council.company.superuser, "Omar Haddad")
    grant = "INSERT INTO role_grant (employee_id, role) VALUES (%s, 'privacy_officer')"
    council.company.superuser.execute(grant.encode(), [person])
    council.company.superuser.commit()
    return person


def test_S11_every_look_is_written_down(released: Council) -> None:
    before = released.company.value("SELECT count(*) FROM room_look")
    release = released.newest()
    noted = ("/evidence", f"/releases/{release}?site=Berlin", f"/releases/{release}/report.csv")
    for path in ("", *noted, "/incidents", "/reconciliation"):
        released.get(f"/council{path}")
    rows = released.company.superuser.execute(
        "SELECT reader_id, reader_name, role, what, about FROM room_look ORDER BY id OFFSET %s", [before]
    ).fetchall()
    released.company.superuser.rollback()
    who = (released.clara, "Clara Voss", "works_council")
    assert rows == [
        (*who, "release", release),
        (*who, "room", None),
        (*who, "release", release),
        (*who, "file", release),
        (*who, "incidents", None),
        (*who, "check", None),
    ]
    logged = "SELECT count(*) FROM audit_entry WHERE action = 'room.looked' AND (actor_id, actor_role) = (%s, %s)"
    assert released.company.value(logged, *who[::2]) == before + 6
    page = released.get("/council/looks")
    assert "Clara Voss" in page
    assert "Report as a file: Week" in page
    assert "Berlin" not in page.partition("<main")[2].partition("</main>")[0]


def test_what_everybody_reads_is_not_counted(released: Council) -> None:
    before = released.company.value("SELECT count(*) FROM room_look")
    released.get("/statistics", released.ben)
    released.get(f"/statistics/releases/{released.newest()}/report.csv", released.ben)
    assert released.company.value("SELECT count(*) FROM room_look") == before


def test_council_and_officer_read_the_list_and_nobody_else(council: Council, omar: UUID) -> None:
    assert "Clara Voss" in council.get("/council/looks"), "who reads the list stands in it"
    council.get("/council/evidence")
    assert "Clara Voss" in council.get("/officer/room/looks", omar)
    for path, strangers in {
        "/council/looks": (council.ben, council.hana, omar),
        "/officer/room/looks": (council.ben, council.hana, council.clara),
    }.items():
        assert council.as_(None).get(path).status_code == 303
        assert [council.as_(one).get(path).status_code for one in strangers] == [403] * 3
        assert council.as_(council.clara).post(path, {}).status_code in {403, 405}


def test_the_list_has_pages(council: Council, omar: UUID) -> None:
    one_more = "INSERT INTO room_look (reader_id, reader_name, role, what) SELECT %s, 'C', 'works_council', 'room' "
    council.company.superuser.execute(
        f"{one_more} FROM generate_series(0, {queries.PAGE_ROWS})".encode(), [council.clara]
    )
    council.company.superuser.commit()
    assert "page=2" in council.get("/council/looks")
    assert "page=1" in council.get("/council/looks?page=2")
    assert statements(council.as_(council.clara).get("/council/looks")) <= 12
    assert statements(council.as_(omar).get("/officer/room/looks")) <= 12
