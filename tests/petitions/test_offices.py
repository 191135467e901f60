"""The works council's agenda and the employer's answer: who may, what is refused, what everybody is told."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.core.db import Database
from portal.petitions import jobs, queries
from tests.ballot.process import BallotProcess
from tests.petitions.arrange import DAY, Superuser, column, key_of, petition, today
from tests.web_client import Browser, statements

Browse = Callable[[UUID | None], Browser]
MAKE = Callable[..., UUID]
Office = Callable[[str], Browser]
SAID: dict[str, object] = {"minutes": "We talked about it for an hour.", "result": "We ask the employer to stop."}
WHY: dict[str, object] = {"reason": "duplicate", "words": "There is one with the same demand already."}
ANSWER: dict[str, object] = {"by": "Rosa Brandt, managing director", "words": "We stop it at the end of the month."}


def reached(superuser: Superuser, state: str = "threshold", **more: object) -> UUID:
    return petition(superuser, state, council_on=today(), council_due=today() + 60 * DAY, named=9, **more)


def waits(superuser: Superuser) -> UUID:
    return reached(superuser, "awaiting", employer_on=today(), answer_due=today() + 14 * DAY)


@pytest.mark.parametrize("role", [None, "hr", "privacy_officer"])
def test_only_the_works_council_has_the_agenda(
    browse: Browse, person: MAKE, office: Office, superuser: Superuser, role: str | None
) -> None:
    browser = office(role) if role else browse(person())
    one = reached(superuser)
    for path in ("/council/petitions", f"/council/petitions/{one}"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"/council/petitions/{one}/reject", WHY).status_code == 403
    assert browser.post(f"/council/petitions/{one}/discuss", SAID).status_code == 403
    assert column(superuser, one, "state") == "threshold"


@pytest.mark.parametrize("role", [None, "hr", "works_council"])
def test_only_the_officer_hands_the_answer_in(
    browse: Browse, person: MAKE, office: Office, superuser: Superuser, role: str | None
) -> None:
    browser = office(role) if role else browse(person())
    one = waits(superuser)
    for path in ("/officer/petitions", f"/officer/petitions/{one}"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"/officer/petitions/{one}/answer", ANSWER).status_code == 403
    assert column(superuser, one, "answer") == ""


def test_the_agenda_shows_deadlines_and_nobodys_name(
    office: Office, browse: Browse, person: MAKE, superuser: Superuser
) -> None:
    one, name = reached(superuser, title="Longer breaks for everybody"), f"Zaz{uuid4().hex[:8]}"
    browse(person(name)).post(f"/petitions/{one}/sign")
    clara = office("works_council")
    agenda = clara.get("/council/petitions")
    assert "Longer breaks for everybody" in agenda.text
    assert "60 days left" in agenda.text
    assert statements(agenda) <= 12
    page = clara.get(f"/council/petitions/{one}")
    assert statements(page) <= 12
    assert name not in page.text + agenda.text
    assert name in clara.get(f"/petitions/{one}").text  # on the own pages Clara is an employee as everybody
    assert clara.get(f"/council/petitions/{uuid4()}").status_code == 404


def test_discussed_with_minutes_and_result_everybody_is_told(
    office: Office, browse: Browse, person: MAKE, superuser: Superuser, database: Database
) -> None:
    one, amira = reached(superuser, title="A quieter office"), person()
    clara = office("works_council")
    assert clara.post(f"/council/petitions/{one}/discuss", {"minutes": "", "result": "x"}).status_code == 422
    assert clara.post(f"/council/petitions/{one}/discuss", SAID).status_code == 303
    assert column(superuser, one, "state") == "answered"
    assert clara.post(f"/council/petitions/{one}/discuss", SAID).status_code == 409
    tell(database)
    browser = browse(amira)
    assert "The works council has dealt with the petition “A quieter office”" in browser.get("/").text
    assert str(SAID["result"]) in browser.get(f"/petitions/{one}").text
    tell(database)
    told = "SELECT count(*) FROM notification WHERE employee_id = %s AND reference LIKE %s"
    row = superuser.execute(told, [amira, f"petition:{one}:%"]).fetchone()
    assert row == (1,)


def test_rejected_with_a_published_reason(office: Office, browse: Browse, person: MAKE, superuser: Superuser) -> None:
    one = petition(superuser)
    clara = office("works_council")
    wrongs: tuple[dict[str, object], ...] = (WHY | {"reason": "no_support"}, WHY | {"words": ""})
    for wrong in wrongs:
        assert clara.post(f"/council/petitions/{one}/reject", wrong).status_code == 422
    assert clara.post(f"/council/petitions/{one}/reject", WHY).status_code == 303
    assert clara.post(f"/council/petitions/{one}/reject", WHY).status_code == 409
    page = browse(person()).get(f"/petitions/{one}").text
    assert "Another petition that runs demands the same" in page
    assert str(WHY["words"]) in page
    row = superuser.execute(
        "SELECT actor_role, detail->>'reason' FROM audit_entry WHERE object_id = %s", [one]
    ).fetchone()
    assert row == ("works_council", "duplicate")


def test_the_employer_answers_once_and_in_public(
    office: Office, browse: Browse, person: MAKE, superuser: Superuser
) -> None:
    one = waits(superuser)
    omar = office("privacy_officer")
    assert str(one) in omar.get("/officer/petitions").text
    assert omar.post(f"/officer/petitions/{one}/answer", {"by": "", "words": "No."}).status_code == 422
    assert omar.post(f"/officer/petitions/{one}/answer", ANSWER).status_code == 303
    assert omar.post(f"/officer/petitions/{one}/answer", ANSWER).status_code == 409
    page = browse(person()).get(f"/petitions/{one}").text
    assert str(ANSWER["words"]) in page
    assert str(ANSWER["by"]) in page
    assert omar.post(f"/officer/petitions/{reached(superuser)}/answer", ANSWER).status_code == 409


def test_awaiting_a_response_longest_first(browse: Browse, person: MAKE, superuser: Superuser) -> None:
    newer = reached(superuser, title="The newer one of two")
    older = petition(
        superuser,
        "awaiting",
        title="The older one of two",
        employer_on=today() - 20 * DAY,
        answer_due=today() - 6 * DAY,
    )
    page = browse(person()).get("/petitions").text
    waiting = page[page.index('id="waiting"') : page.index('id="running"')]
    assert waiting.index(str(older)) < waiting.index(str(newer))
    assert "overdue" in waiting


def tell(database: Database) -> None:
    """The worker's bell."""
    with database.transaction("worker") as session:
        while jobs.tell_everybody(session, clock.now()):
            pass


def test_A03_what_is_due_is_shown_whatever_is_started_later(
    office: Office, browse: Browse, person: MAKE, superuser: Superuser, ballot: BallotProcess
) -> None:
    """Both desks, the list that everybody reads, and signing it without a name; what does not fit stands on page 2."""
    old: dict[str, object] = {"title": "The oldest of all, which waits", "created_at": clock.now() - 90 * DAY}
    due = reached(superuser, "awaiting", employer_on=today(), answer_due=today() + 14 * DAY, **old)
    key_of(superuser, due)
    title = f"Noise {uuid4().hex[:8]}"
    for number in range(queries.PAGE_ROWS + 1):
        petition(superuser, "support", title=f"{title} number {number}")
    amira = browse(person())
    try:
        for browser, path in (
            (office("works_council"), "/council/petitions"),
            (office("privacy_officer"), "/officer/petitions"),
            (amira, "/petitions"),
        ):
            for page in ("", "?page=2"):
                answer = browser.get(path + page)
                assert str(old["title"]) in answer.text, path + page
                assert statements(answer) <= 12
        pages = [amira.get(f"/petitions?page={page}").text for page in (1, 2)]
        assert sum(page.count(f"{title} number ") for page in pages) == queries.PAGE_ROWS + 1
        assert "?page=2" in pages[0]
        script = amira.get(f"/petitions/{due}").text.partition("data-petitions=")[2].partition("</form>")[0]
        assert str(due) in script.partition("data-current")[0]
    finally:
        made = b"DELETE FROM ballot_key WHERE petition_id IN (SELECT id FROM petition WHERE title LIKE %s)"
        superuser.execute(made, [f"{title}%"])
        superuser.execute("DELETE FROM petition WHERE title LIKE %s", [f"{title}%"])
        superuser.commit()
