"""Delegates act on requests of the scope alone, until the day, and by the database's word (decision 0022)."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from portal.core import clock
from portal.core.db import Database
from portal.requests import delegating, queries
from portal.requests.delegating import NotDelegatedError
from portal.requests.jobs import count_next
from portal.requests.rules import RequestType
from portal.worker import run
from tests.captured import store_item
from tests.requests.arrange import NO, asked_back, decided, sent, state
from tests.web_client import Browser, statements

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
DAY = timedelta(days=1)
ERASE = (RequestType.ERASE,)


@pytest.fixture
def two(person: Callable[..., UUID]) -> tuple[UUID, UUID]:
    """Amira, and Ben who may act for her."""
    return person("Amira Kaya"), person("Ben Okafor")


def _named(
    database: Database, amira: UUID, ben: UUID, types: tuple[RequestType, ...] = ERASE, until: timedelta = DAY
) -> UUID:
    now = clock.now()
    with database.transaction("web_employee", amira) as session:
        return delegating.name(session, amira, (ben, "Ben Okafor"), types, now + until, now).id


def _refused(database: Database, who: UUID, delegation: UUID) -> None:
    with pytest.raises(NotDelegatedError), delegating.behalf(database, who, delegation):
        pass


def test_D03_nobody_acts_without_being_named(
    database: Database, two: tuple[UUID, UUID], person: Callable[..., UUID]
) -> None:
    amira, ben = two
    delegation = _named(database, amira, ben)
    _refused(database, ben, uuid4())
    _refused(database, person("Mallory Moe"), delegation)
    _refused(database, amira, delegation)


def test_a_delegate_does_not_ask_for_everything_by_a_slip(
    database: Database, two: tuple[UUID, UUID], browse: Browse, superuser: Superuser
) -> None:
    amira, ben = two
    delegation = _named(database, amira, ben)
    slips: tuple[dict[str, Any], ...] = ({"kind": "bogus"}, {"sensitivity": "9"}, {"item": "not-an-id"})
    for slip in slips:
        answer = browse(ben).post(f"/requests/for/{delegation}", {"type": "erase", "words": "Please."} | slip)
        assert answer.status_code == 422
        assert "Something was chosen that is not known here." in answer.text
        assert "Please." in answer.text
    assert superuser.execute("SELECT count(*) FROM request WHERE employee_id = %s", [amira]).fetchone() == (0,)
    superuser.commit()


@pytest.mark.parametrize("whose", ["the delegate's", "the person's", "nobody's"])
def test_D03_a_delegate_chooses_no_items(
    database: Database, two: tuple[UUID, UUID], browse: Browse, superuser: Superuser, whose: str
) -> None:
    amira, ben = two
    delegation = _named(database, amira, ben)
    owner = {"the delegate's": ben, "the person's": amira}.get(whose)
    item = store_item(superuser, owner, clock.now()).segment if owner else uuid4()
    superuser.commit()
    form: dict[str, object] = {"type": "erase", "words": "Please.", "item": str(item)}
    answer = browse(ben).post(f"/requests/for/{delegation}", form)
    assert answer.status_code == 422
    assert "A delegate does not see single items" in answer.text
    assert "Please." in answer.text
    assert superuser.execute("SELECT count(*) FROM request WHERE employee_id = %s", [amira]).fetchone() == (0,)
    superuser.commit()


def test_who_is_named_is_told_and_led_to_the_page(
    database: Database, two: tuple[UUID, UUID], browse: Browse, superuser: Superuser
) -> None:
    amira, ben = two
    _named(database, amira, ben)
    page = browse(ben).get("/").text
    assert "A colleague lets you act on requests for them." in page
    assert 'href="/requests/for"' in page
    told = superuser.execute("SELECT count(*) FROM notification WHERE employee_id = %s", [amira]).fetchone()
    assert told == (0,)


def test_D03_the_end_counts_from_the_next_click_on(database: Database, two: tuple[UUID, UUID]) -> None:
    amira, ben = two
    delegation = _named(database, amira, ben)
    with delegating.behalf(database, ben, delegation) as (_session, whom):
        assert whom.id == amira
    with database.transaction("web_employee", amira) as session:
        assert delegating.end(session, amira, delegation, clock.now())
    _refused(database, ben, delegation)


def test_D03_expiry_and_leaving_end_it_too(database: Database, two: tuple[UUID, UUID], superuser: Superuser) -> None:
    amira, ben = two
    over, live = _named(database, amira, ben), _named(database, amira, ben)
    superuser.execute(
        "UPDATE delegation SET created_at = now() - interval '2 days', expires_at = now() - interval '1 second' "
        "WHERE id = %s",
        [over],
    )
    superuser.commit()
    _refused(database, ben, over)
    superuser.execute("UPDATE employee SET left_at = now() WHERE id = %s", [ben])
    superuser.commit()
    _refused(database, ben, live)


def test_a_delegate_sees_requests_of_the_scope_and_no_draft(database: Database, two: tuple[UUID, UUID]) -> None:
    amira, ben = two
    erase, _access = sent(database, amira), sent(database, amira, RequestType.ACCESS)
    with database.transaction("web_employee", amira) as session:
        session.execute(
            text("INSERT INTO request (id, employee_id, type, law) VALUES (:id, :amira, 'erase', 'gdpr')"),
            {"id": uuid4(), "amira": amira},
        )
    with delegating.behalf(database, ben, _named(database, amira, ben)) as (session, _whom):
        assert session.execute(text("SELECT id FROM request")).scalars().all() == [erase.id]
        assert session.execute(text("SELECT DISTINCT request_id FROM request_event")).scalars().all() == [erase.id]


@pytest.mark.parametrize(
    "table", ["segment", "upload", "erasure", "employee", "pause", "look", "delegation", "device", "request_count"]
)
def test_a_delegate_reads_nothing_else_of_the_person(table: str, database: Database, two: tuple[UUID, UUID]) -> None:
    amira, ben = two
    delegation = _named(database, amira, ben)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        delegating.behalf(database, ben, delegation) as (
            session,
            _whom,
        ),
    ):
        session.execute(text(f"SELECT count(*) FROM {table}"))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('portal.actor', replace(current_setting('portal.actor'), :ben, :mallory), true)",
        "SELECT set_config('portal.actor', :mallory, true)",
        "SELECT set_config('portal.delegation', :other || substr(current_setting('portal.delegation'), 37), true)",
        "SELECT set_config('portal.delegation', '', true)",
    ],
)
def test_D03_an_injected_setting_shows_no_row(
    statement: str, database: Database, two: tuple[UUID, UUID], person: Callable[..., UUID]
) -> None:
    amira, ben = two
    mallory = person("Mallory Moe")
    sent(database, amira), sent(database, mallory)
    own, other = _named(database, amira, ben), _named(database, mallory, amira)
    values = {"ben": str(amira), "mallory": str(mallory), "other": str(other)}
    with delegating.behalf(database, ben, own) as (session, _whom):
        assert session.execute(text("SELECT count(*) FROM request")).scalar_one() == 1
        given = {name: value for name, value in values.items() if f":{name}" in statement}
        session.execute(text(statement), given)
        assert session.execute(text("SELECT count(*) FROM request")).scalar_one() == 0


def test_D03_a_delegate_of_a_delegate_is_none(
    database: Database, two: tuple[UUID, UUID], person: Callable[..., UUID]
) -> None:
    """Ben acts for Amira, and Amira for Cara: that does not make Ben one of Cara's."""
    amira, ben = two
    cara = person("Cara Lund")
    sent(database, cara)
    first, second = _named(database, amira, ben), _named(database, cara, amira)
    with pytest.raises(DBAPIError, match="no live delegation"), delegating.behalf(database, ben, first) as (session, _):
        session.execute(text("SELECT * FROM act_for(:id)"), {"id": second})


def test_another_login_cannot_act_for_anybody(database: Database, two: tuple[UUID, UUID]) -> None:
    amira, ben = two
    delegation = _named(database, amira, ben)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        database.transaction("web_employee", ben) as session,
    ):
        session.execute(text("SELECT * FROM act_for(:id)"), {"id": delegation})


def test_what_a_delegate_does_carries_both_names(
    browse: Browse, database: Database, two: tuple[UUID, UUID], superuser: Superuser
) -> None:
    amira, ben = two
    delegation = _named(database, amira, ben)
    store_item(superuser, amira, clock.now() - DAY)
    browser = browse(ben)
    answer = browser.post(f"/requests/for/{delegation}", {"type": "erase", "words": "She is unwell."})
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    assert "HR has until" in page.text
    assert "Ben Okafor, for you" in page.text
    logged = superuser.execute(
        "SELECT actor_id, actor_role, employee_id FROM audit_entry WHERE action = 'request.sent' AND employee_id = %s",
        [amira],
    ).fetchall()
    superuser.commit()
    assert logged == [(ben, "delegate", amira)]
    assert "was sent to HR for you" in browse(amira).get("/").text
    run(database, count_next)
    counted = superuser.execute("SELECT sum(items) FROM request_count WHERE employee_id = %s", [amira]).fetchone()
    superuser.commit()
    assert counted == (1,)


def test_a_delegate_answers_withdraws_and_stays_in_the_scope(
    browse: Browse, database: Database, two: tuple[UUID, UUID]
) -> None:
    amira, ben = two
    base = f"/requests/for/{_named(database, amira, ben)}"
    browser, request, other = browse(ben), sent(database, amira), sent(database, amira, RequestType.ACCESS)
    asked_back(database, request.id)
    assert browser.post(f"{base}/{request.id}/answer", {"words": ""}).status_code == 422
    assert browser.post(f"{base}/{request.id}/answer", {"words": "May."}).status_code == 303
    assert state(database, amira, request.id) == "open"
    assert browser.post(f"{base}/{request.id}/say", {"words": "And June."}).status_code == 303
    assert browser.post(f"{base}/{request.id}/withdraw").status_code == 303
    assert state(database, amira, request.id) == "withdrawn"
    assert browser.get(f"{base}/{other.id}").status_code == 404
    assert browser.post(f"{base}/{other.id}/withdraw").status_code == 404
    assert browser.post(base, {"type": "access"}).status_code == 422


def test_a_delegate_appeals_only_with_reviews_in_the_scope(
    browse: Browse, database: Database, two: tuple[UUID, UUID]
) -> None:
    amira, ben = two
    request = sent(database, amira)
    decided(database, request.id, NO)
    browser = browse(ben)
    narrow, wide = _named(database, amira, ben), _named(database, amira, ben, (RequestType.ERASE, RequestType.REVIEW))
    assert browser.post(f"/requests/for/{narrow}/{request.id}/appeal").status_code == 422
    assert browser.post(f"/requests/for/{wide}/{request.id}/appeal").status_code == 303


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"email": "nobody@daylight.example"}, "Nobody at the company has this address."),
        ({"email": "own"}, "That is yourself."),
        ({"until": "2020-01-01"}, "Choose a day from today on"),
        ({"until": "soon"}, "Choose a day from today on"),
        ({"type": "everything"}, "Choose at least one."),
    ],
)
def test_naming_somebody_says_what_is_wrong(
    form: dict[str, str], says: str, browse: Browse, two: tuple[UUID, UUID]
) -> None:
    amira, ben = two
    good = {"email": f"{ben}@daylight.example", "type": "erase", "until": (clock.now() + DAY).date().isoformat()}
    given = good | form
    if given["email"] == "own":
        given["email"] = f"{amira}@daylight.example"
    answer = browse(amira).post("/settings/delegates", dict(given))
    assert answer.status_code == 422
    assert says in answer.text


def test_S07_the_form_tells_who_works_here_only_where_that_person_is_told_too(
    browse: Browse, two: tuple[UUID, UUID]
) -> None:
    """Sent without a right or an end it names nobody and tells nobody: so it says nothing of the address either."""
    amira, ben = two
    until = (clock.now() + DAY).date().isoformat()
    for form in ({"until": until}, {"type": "erase"}, {"until": until, "type": "everything"}):
        for address in (f"{ben}@daylight.example", f"{amira}@daylight.example", "nobody@daylight.example"):
            answer = browse(amira).post("/settings/delegates", {**form, "email": address})
            assert answer.status_code == 422
            assert "Nobody at the company has this address" not in answer.text
            assert "That is yourself" not in answer.text


def test_S07_addresses_are_not_tried_by_the_hundred(browse: Browse, two: tuple[UUID, UUID]) -> None:
    until = (clock.now() + DAY).date().isoformat()
    form: dict[str, object] = {"type": "erase", "until": until, "email": "nobody@daylight.example"}
    owner = browse(two[0])
    answers = [owner.post("/settings/delegates", dict(form)).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


def _settled(superuser: Superuser, address: str, **spans: tuple[UUID, bool]) -> None:
    """What HR said of an address eight days ago."""
    for who, theirs in spans.values():
        superuser.execute(
            "INSERT INTO address_span (employee_id, address, theirs, settled_by, settled_at) "
            "VALUES (%s, %s, %s, gen_random_uuid(), now() - interval '8 days')",
            [who, address, theirs],
        )
    superuser.commit()


@pytest.mark.parametrize("has", [True, False])
def test_D03_an_address_that_the_directory_moved_names_nobody_until_hr_has_said_whose_it_is(
    browse: Browse, two: tuple[UUID, UUID], person: Callable[..., UUID], superuser: Superuser, *, has: bool
) -> None:
    """A lying directory gives Ben's address to Mallory: typing it must not make her Amira's delegate."""
    amira, ben = two
    mallory, address = person("Mallory Moe"), f"{ben}@daylight.example"
    if not has:
        superuser.execute("UPDATE employee SET email = %s WHERE id = %s", [f"o.{address}", ben])
    superuser.execute("UPDATE employee SET email = %s WHERE id = %s", [address.upper(), mallory])
    superuser.commit()
    form: dict[str, object] = {"email": address, "type": "erase", "until": (clock.now() + DAY).date().isoformat()}
    answer = browse(amira).post("/settings/delegates", form)
    assert answer.status_code == 422
    assert "Several people have or had this address" in answer.text
    _settled(superuser, address, ben=(ben, has), mallory=(mallory, not has))
    assert browse(amira).post("/settings/delegates", form).status_code == 303
    named = superuser.execute("SELECT delegate_id FROM delegation WHERE employee_id = %s", [amira]).fetchall()
    assert named == [(ben if has else mallory,)]


def test_the_pages_of_delegates_open(browse: Browse, database: Database, two: tuple[UUID, UUID]) -> None:
    amira, ben = two
    owner, delegate = browse(amira), browse(ben)
    good = {"email": f"{ben}@daylight.example", "type": "erase", "until": (clock.now() + DAY).date().isoformat()}
    assert owner.post("/settings/delegates", dict(good)).status_code == 303
    assert "Ben Okafor" in owner.get("/settings/delegates").text
    assert "Nobody has asked you to" in owner.get("/requests/for").text
    people = delegate.get("/requests/for")
    assert "Amira Kaya" in people.text
    (row,) = _rows(database, ben)
    sent(database, amira)
    for path in ("", "/new"):
        answer = delegate.get(f"/requests/for/{row}{path}")
        assert answer.status_code == 200
        assert statements(answer) <= 12
    assert owner.post(f"/settings/delegates/{row}/end").status_code == 303
    assert delegate.get(f"/requests/for/{row}").status_code == 404
    assert owner.post(f"/settings/delegates/{row}/end").status_code == 404


def test_D02_a_delegate_holds_the_receipts_of_the_scope_and_of_nothing_else(
    browse: Browse, database: Database, two: tuple[UUID, UUID], person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, ben = two
    request, other = sent(database, amira), sent(database, amira, RequestType.RESTRICT)
    delegation, proof = _named(database, amira, ben), {"leaf": 7, "checkpoint": "a\n1\nb\n", "key": "c"}
    steps = {}
    for one in (request, other):
        steps[one.id] = uuid4()
        superuser.execute(
            "INSERT INTO request_step (id, employee_id, request_id, store, chosen, state, deleted, remaining, apart) "
            "VALUES (%s, %s, %s, 'daylight', '{}', 'done', 41, 0, true)",
            [steps[one.id], amira, one.id],
        )
        superuser.execute(
            "INSERT INTO receipt (id, employee_id, request_id, step_id, envelope, proof, issued_at) "
            "VALUES (%s, %s, %s, %s, '{}', %s, now())",
            [uuid4(), amira, one.id, steps[one.id], json.dumps(proof)],
        )
    superuser.commit()
    delegate = browse(ben)
    where = f"/requests/for/{delegation}/{request.id}"
    file, paper = f"{where}/receipts/{steps[request.id]}.json", f"{where}/receipt.pdf"
    page = delegate.get(where)
    assert f'href="{file}"' in page.text
    assert f'href="{paper}"' in page.text
    assert statements(page) <= 12
    assert delegate.get(file).get_json() == proof
    assert delegate.get(paper).data.startswith(b"%PDF")
    outside = f"/requests/for/{delegation}/{other.id}"
    assert delegate.get(f"{outside}/receipts/{steps[other.id]}.json").status_code == 404
    assert delegate.get(f"{outside}/receipt.pdf").status_code == 404
    assert browse(person("Mallory Moe")).get(file).status_code == 404
    with database.transaction("web_employee", amira) as session:
        assert delegating.end(session, amira, delegation, clock.now())
    assert delegate.get(file).status_code == 404


def test_a_delegates_words_stay_with_the_twin(browse: Browse, database: Database, two: tuple[UUID, UUID]) -> None:
    amira, ben = two
    request, delegation = sent(database, amira), _named(database, amira, ben)
    answer = browse(ben).post(f"/requests/for/{delegation}", {"type": "erase"})
    assert answer.headers["Location"].endswith(f"/{request.id}")
    with database.transaction("web_employee", amira) as session:
        assert queries.own(session, amira)[0][0].id == request.id


def _rows(database: Database, ben: UUID) -> list[UUID]:
    with database.transaction("web_employee", ben) as session:
        return [row.id for row in delegating.to_me(session)]
