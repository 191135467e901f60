"""Signing with one's name: refusals, doubles in parallel, taking back, and what nobody else can see."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from portal.core.db import Database
from portal.petitions import actions, queries
from portal.petitions.models import Petition
from tests.petitions.arrange import DAY, Superuser, column, petition, today
from tests.web_client import Browser

Browse = Callable[[UUID | None], Browser]
MAKE = Callable[..., UUID]


@pytest.mark.parametrize("what", ["sign", "unsign", "withdraw", "token"])
def test_refusals(browse: Browse, person: MAKE, superuser: Superuser, what: str) -> None:
    path = f"/petitions/{petition(superuser)}/{what}"
    assert browse(None)._client.post(path, base_url="https://localhost").status_code == 403  # no Origin
    assert browse(None).get(path).status_code in {404, 405}
    amira = browse(person())
    assert (
        amira._client.post(path, base_url="https://localhost", headers=amira._headers()).status_code == 400
    )  # no token
    assert amira.post(f"/petitions/{uuid4()}/{what}").status_code in {400, 404}


def test_who_has_left_reads_and_takes_back_but_signs_nothing(
    browse: Browse, person: MAKE, superuser: Superuser
) -> None:
    running, ben = petition(superuser), person("Ben Otto")
    browser = browse(ben)
    assert browser.post(f"/petitions/{running}/sign").status_code == 303
    superuser.execute("UPDATE employee SET left_at = now() WHERE id = %s", [ben])
    superuser.commit()
    page = browser.get(f"/petitions/{running}")
    assert page.status_code == 200
    assert "Sign without my name" not in page.text
    assert "Signed without a name?" in page.text  # what was signed so can be taken back, too
    assert browser.post(f"/petitions/{running}/sign").status_code == 403
    assert browser.post(f"/petitions/{running}/unsign").status_code == 303
    assert column(superuser, running, "named") == 0


def test_D02_who_has_left_reads_no_name_but_the_own(browse: Browse, person: MAKE, superuser: Superuser) -> None:
    running, ben, amira = petition(superuser), person("Ben Gone"), person("Amira Stays")
    for one in (ben, amira):
        assert browse(one).post(f"/petitions/{running}/sign").status_code == 303
    superuser.execute("UPDATE employee SET left_at = now() WHERE id = %s", [ben])
    superuser.commit()
    page = browse(ben).get(f"/petitions/{running}").text
    assert ("Ben Gone" in page.partition("Signed with their names")[2], "Amira Stays" in page) == (True, False)
    assert "Amira Stays" in browse(amira).get(f"/petitions/{running}").text


def test_A01_a_hundred_signatures_of_one_person_at_once_are_one(
    database: Database, person: MAKE, superuser: Superuser
) -> None:
    running, ben = petition(superuser), person("Ben Otto")

    def sign(_turn: int) -> bool:
        with database.transaction("web_employee", ben) as session:
            found = session.get_one(Petition, running)
            return actions.sign(session, ben, found, today())

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(sign, range(100)))
    assert done.count(True) == 1
    assert column(superuser, running, "named") == 1


@pytest.mark.parametrize("state", ["closed", "rejected", "withdrawn"])
def test_a_petition_that_ended_meanwhile_says_so(
    browse: Browse, person: MAKE, superuser: Superuser, state: str
) -> None:
    ended = petition(superuser, state)
    answer = browse(person()).post(f"/petitions/{ended}/sign")
    assert answer.status_code == 409
    assert "has ended, so nothing was changed" in answer.text
    assert column(superuser, ended, "named") == 0


def test_after_its_last_day_nothing_is_signed_though_it_still_waits(
    browse: Browse, person: MAKE, superuser: Superuser
) -> None:
    over = petition(superuser, "awaiting", ends_on=today() - DAY, employer_on=today() - DAY, answer_due=today())
    answer = browse(person()).post(f"/petitions/{over}/sign")
    assert answer.status_code == 409
    assert "Sign with my name" not in answer.text


def test_names_are_seen_on_that_page_and_nowhere_else(browse: Browse, person: MAKE, superuser: Superuser) -> None:
    running, name = petition(superuser), f"Zaz{uuid4().hex[:8]} Marker"
    assert browse(person(name)).post(f"/petitions/{running}/sign").status_code == 303
    amira = browse(person())
    assert name in amira.get(f"/petitions/{running}").text
    for path in ("/petitions", "/petitions/how", "/petitions/new", f"/petitions/similar?title={name}"):
        assert name not in amira.get(path).text.replace(f"title={name}", "")


def test_the_database_shows_names_only_to_somebody_who_is_there(database: Database, superuser: Superuser) -> None:
    running = petition(superuser)
    with database.transaction("web_employee") as session:
        assert queries.people(session, running, 0).names == ()


def test_S13_script_in_the_text_stays_text(browse: Browse, person: MAKE) -> None:
    amira = browse(person("<script>alert(1)</script>"))
    hostile: dict[str, object] = {
        "title": "<img src=x onerror=alert(1)> now", "demand": "</textarea><script>alert(2)</script>",
        "reasons": "{{ 7 * 7 }} javascript:alert(3)", "answerer": "employer", "seen": "1",
    }  # fmt: skip
    answer = amira.post("/petitions", hostile)
    assert answer.status_code == 303, answer.text
    for path in (answer.headers["Location"], "/petitions"):
        page = amira.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "{{ 7 * 7 }}" in amira.get(answer.headers["Location"]).text


def test_only_the_author_withdraws_and_only_once(browse: Browse, person: MAKE, superuser: Superuser) -> None:
    form: dict[str, object] = {
        "title": "More light in the office",
        "demand": "Bigger windows, please.",
        "reasons": "It is dark here.",
    }
    author, other = browse(person()), browse(person("Ben Otto"))
    path = author.post("/petitions", form | {"answerer": "works_council", "seen": "1"}).headers["Location"]
    number = UUID(path.rpartition("/")[2])
    assert other.post(f"{path}/withdraw").status_code == 404
    assert "Withdraw my petition" not in other.get(path).text
    asked = author.get(path).text.partition('id="withdraw-title"')[2].partition("</section>")[0]
    assert f'action="{path}/withdraw"' in asked.partition('<details class="act">')[2].partition("</details>")[0]
    assert author.post(f"{path}/withdraw").status_code == 303
    assert column(superuser, number, "state") == "withdrawn"
    assert author.post(f"{path}/withdraw").status_code == 409
    assert "Its author withdrew it." in other.get(path).text


def test_more_names_than_a_page_are_paged(browse: Browse, person: MAKE, superuser: Superuser) -> None:
    running = petition(superuser)
    for number in range(103):
        one = person(f"Person{number:03} Last")
        superuser.execute("INSERT INTO petition_signature VALUES (%s, %s, %s)", [one, running, today()])
    superuser.commit()
    amira = browse(person())
    first = amira.get(f"/petitions/{running}").text
    assert "Person099" in first
    assert "Person102" not in first
    assert "Person102" in amira.get(f"/petitions/{running}?after=100").text
    for odd in ("-5", "x", "99999999999999999999"):
        assert amira.get(f"/petitions/{running}?after={odd}").status_code == 200
