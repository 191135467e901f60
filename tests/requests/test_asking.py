"""Asking: a preview, a draft that outlives the session, and sending; refusals first."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from werkzeug.datastructures import MultiDict

from portal.core import clock
from portal.core.db import Database
from portal.deletion.holding import NewHold, set_hold
from portal.requests.drafting import KEPT_FOR
from portal.requests.forms import read
from portal.requests.jobs import forget_drafts
from portal.requests.rules import RequestType
from portal.worker import run
from tests.captured import store_item
from tests.requests.arrange import decided, sent
from tests.web_client import Browser
from wire.documents import Kind

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
DAY = timedelta(days=1)
DRAFT = re.compile(r'name="draft" value="([0-9a-f-]{36})"')


def _rows(superuser: Superuser, query: str, *values: object) -> list[tuple[Any, ...]]:
    rows = superuser.execute(query.encode(), list(values)).fetchall()
    superuser.commit()
    return rows


def _requests(superuser: Superuser, person: UUID) -> list[tuple[Any, ...]]:
    return _rows(superuser, "SELECT type, state FROM request WHERE employee_id = %s ORDER BY number", person)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"from": "2026-11-21T10:00", "to": "2026-11-21T09:00"}, "The end must lie after the beginning."),
        ({"from": "2026-11-21T10:00"}, "Choose both a beginning and an end"),
        ({"from": "yesterday", "to": "2026-11-21T09:00"}, "Choose a date and a time"),
        ({"from": "1850-01-01T00:00", "to": "2026-11-21T09:00"}, "Choose a date and a time"),
        ({"day": "someday"}, "That is not a day."),
        ({"type": "everything"}, "Choose what you ask for."),
        ({"type": "rectify"}, "without it nobody can decide"),
        ({"type": "erase", "words": "x" * 4001}, "At most 4000 letters."),
        ({"kind": "bogus"}, "Something was chosen that is not known here."),
        ({"kind": ["key", "bogus"]}, "Something was chosen that is not known here."),
        ({"sensitivity": "9"}, "Something was chosen that is not known here."),
        ({"sensitivity": "high"}, "Something was chosen that is not known here."),
        ({"item": "not-an-id"}, "Something was chosen that is not known here."),
        ({"context": [f"app {number}" for number in range(51)]}, "At most 50 apps and sites at once."),
        ({"item": "11111111-1111-4111-8111-111111111111"}, "Some of the items are not yours"),
    ],
)
def test_bad_input_is_said_and_nothing_is_lost(
    form: dict[str, Any], says: str, browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    answer = browse(amira).post("/requests", dict({"words": "Please."} | form if "type" not in form else form))
    assert answer.status_code == 422
    assert says in answer.text
    assert "<title>Error: Ask for something" in answer.text
    summary = answer.text.split('id="to-mend"')[1].split("</ul>")[0]
    assert "autofocus" in summary
    assert says in summary
    for leads in re.findall('href="#([^"]+)"', summary):
        assert f'id="{leads}"' in answer.text
    if "type" not in form:
        assert "Please." in answer.text
    assert _requests(superuser, amira) == []


def test_somebody_elses_items_cannot_be_asked_for(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    item = store_item(superuser, amira, clock.now() - 2 * DAY)
    answer = browse(ben).post("/requests", {"type": "erase", "item": str(item.segment)})
    assert answer.status_code == 422
    assert "Some of the items are not yours" in answer.text
    assert _requests(superuser, ben) == []


def test_somebody_elses_draft_is_not_there(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    browse(amira).post("/requests/drafts", {"type": "object", "words": "Mine."})
    ((draft,),) = _rows(superuser, "SELECT id FROM request WHERE employee_id = %s", amira)
    stranger = browse(ben)
    assert stranger.get(f"/requests/drafts/{draft}").status_code == 404
    assert stranger.post(f"/requests/drafts/{draft}/discard").status_code == 404
    assert stranger.post("/requests", {"type": "object", "words": "Not mine.", "draft": str(draft)}).status_code == 404
    assert stranger.post("/requests/drafts", {"words": "Not mine.", "draft": str(draft)}).status_code == 404
    assert _rows(superuser, "SELECT words, state FROM request WHERE id = %s", draft) == [("Mine.", "draft")]


def test_the_same_twice_leads_to_the_first(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request, browser = sent(database, amira, words="Please."), browse(amira)
    again = browser.post("/requests", {"type": "erase", "words": "Please."})
    assert again.headers["Location"].endswith(f"/requests/{request.id}")
    more = browser.post("/requests", {"type": "erase", "words": "And quickly."})
    assert more.status_code == 409
    assert "You have asked for exactly this already." in more.text
    assert "And quickly." in more.text
    assert len(_requests(superuser, amira)) == 1


def test_while_it_is_carried_out_the_same_is_not_asked_again(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request = sent(database, amira)
    decided(database, request.id)
    again = browse(amira).post("/requests", {"type": "erase"})
    assert again.headers["Location"].endswith(f"/requests/{request.id}")
    assert len(_requests(superuser, amira)) == 1


def test_what_is_held_is_said_with_reason_and_end(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    for days, kind in ((2, Kind.KEY), (2, Kind.CLICK), (9, Kind.KEY)):
        store_item(superuser, amira, now - days * DAY, kind)
    superuser.execute(
        "INSERT INTO legal_hold (id, employee_id, starts_at, ends_at, kinds, ground, reason, set_by, expires_at) "
        "VALUES (%s, %s, %s, %s, '{key}', 'legal_claims', 'Case 12 at the labour court.', %s, %s)",
        [uuid4(), amira, now - 3 * DAY, now - DAY, uuid4(), now + 30 * DAY],
    )
    superuser.commit()
    browser = browse(amira)
    page = browser.get("/requests/new?type=erase").text
    assert "2 items would go." in page
    assert "1 item must stay for now" in page
    assert "Case 12 at the labour court." in page
    browser.post("/requests", {"type": "erase"})
    counted = _rows(
        superuser, "SELECT kind, items, stays, why FROM request_count WHERE employee_id = %s ORDER BY kind", amira
    )
    assert counted == [("click", 1, 0, None), ("key", 2, 1, "hold")]


def test_sending_starts_the_clock_of_the_persons_law(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, dana = person("Amira Kaya", country="DE"), person("Dana Cruz", country="US-CA")
    for who, law, least in ((amira, "gdpr", 27), (dana, "cpra", 44)):
        answer = browse(who).post("/requests", {"type": "erase", "kind": "key"})
        assert answer.status_code == 303
        ((state, code, days),) = _rows(
            superuser, "SELECT state, law, due_at - received_at FROM request WHERE employee_id = %s", who
        )
        assert (state, code) == ("open", law)
        assert days.days >= least
    events = _rows(superuser, "SELECT kind, actor_role FROM request_event WHERE employee_id = %s", amira)
    assert events == [("sent", "employee")]
    logged = _rows(superuser, "SELECT action, actor_id FROM audit_entry WHERE employee_id = %s", amira)
    assert logged == [("request.sent", amira)]


def test_a_draft_outlives_the_session_and_is_sent_once(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    shown = browse(amira).post("/requests/preview", {"type": "object", "words": "Not for training."})
    assert shown.status_code == 200
    found = DRAFT.search(shown.text)
    assert found
    later = browse(amira)
    assert "Object to its use" in later.get("/requests").text
    page = later.get(f"/requests/drafts/{found.group(1)}")
    assert "Not for training." in page.text
    form = {"type": "object", "words": "Not for training, please.", "draft": found.group(1)}
    assert later.post("/requests", dict(form)).status_code == 303
    again = later.post("/requests", dict(form))
    assert again.headers["Location"].endswith(f"/requests/{found.group(1)}")
    assert _rows(superuser, "SELECT state, words FROM request WHERE employee_id = %s", amira) == [
        ("open", "Not for training, please.")
    ]


def test_hr_never_sees_a_draft(browse: Browse, database: Database, person: Callable[..., UUID]) -> None:
    amira, hana = person("Amira Kaya"), person("Hana Lindqvist")
    browse(amira).post("/requests/drafts", {"type": "object", "words": "Not yet."})
    with database.transaction("web_hr", hana) as session:
        rows = session.connection().exec_driver_sql("SELECT count(*) FROM request WHERE employee_id = %s", (amira,))
        assert rows.scalar_one() == 0


def test_drafts_are_discarded_limited_and_forgotten(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    for number in range(20):
        assert browser.post("/requests/drafts", {"type": "object", "words": f"{number}"}).status_code == 303
    full = browser.post("/requests/drafts", {"type": "object", "words": "One too many."})
    assert full.status_code == 422
    assert "You have 20 drafts already." in full.text
    ((draft,), *_) = _rows(superuser, "SELECT id FROM request WHERE employee_id = %s", amira)
    assert browser.post(f"/requests/drafts/{draft}/discard").status_code == 303
    assert browser.post(f"/requests/drafts/{draft}/discard").status_code == 404
    old = clock.now() - KEPT_FOR - DAY
    superuser.execute("UPDATE request SET changed_at = %s WHERE employee_id = %s AND words = '7'", [old, amira])
    superuser.commit()
    run(database, forget_drafts)
    assert len(_requests(superuser, amira)) == 18


def test_a_request_that_was_sent_is_not_discarded(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request = sent(database, amira)
    browser = browse(amira)
    assert (
        browser.post(f"/requests/drafts/{request.id}/discard").headers["Location"].endswith(f"/requests/{request.id}")
    )
    assert "This was sent meanwhile." in browser.get(f"/requests/{request.id}").text
    assert _requests(superuser, amira) == [("erase", "open")]


def test_who_has_left_still_asks(browse: Browse, person: Callable[..., UUID], superuser: Superuser) -> None:
    amira = person("Amira Kaya", left_at=clock.now() - DAY)
    browser = browse(amira)
    assert browser.get("/requests/new").status_code == 200
    assert browser.post("/requests", {"type": "access"}).status_code == 303
    assert _requests(superuser, amira) == [("access", "open")]


def test_chosen_items_of_a_day_are_asked_about(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, at = person("Amira Kaya"), clock.now().replace(hour=10, minute=0) - 2 * DAY
    items = [store_item(superuser, amira, at + timedelta(minutes=minutes)) for minutes in range(3)]
    day, browser = at.date().isoformat(), browse(amira)
    chosen = [str(item.segment) for item in items[:2]]
    page = browser.get("/requests/new", query_string={"day": day, "chosen": "1", "item": chosen}).text
    assert "2 items would go." in page
    nothing = browser.get("/requests/delete", query_string={"day": day, "chosen": "1"})
    assert nothing.headers["Location"].endswith(f"/data/{day}")
    older = browser.get("/requests/delete", query_string={"day": day, "chosen": "1", "item": chosen}).text
    assert "2 items are too old to delete by yourself." in older
    assert "Ask HR to delete these" in older


def test_only_chosen_items_and_sensitivities_are_hidden_at_once(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    items = [
        store_item(superuser, amira, now - timedelta(minutes=minutes), sensitivity=level)
        for minutes, level in ((5, 1), (6, 4), (7, 1), (8, 4))
    ]
    browser = browse(amira)
    browser.post("/requests/delete", {"last": "1h", "item": [str(items[0].segment), str(items[1].segment)]})
    browser.post("/requests/delete", {"last": "1h", "sensitivity": "4"})
    left = _rows(superuser, "SELECT id FROM segment WHERE employee_id = %s AND erasure_id IS NULL", amira)
    assert left == [(items[2].segment,)]
    kept = _rows(
        superuser, "SELECT cardinality(segments), sensitivities FROM erasure WHERE employee_id = %s ORDER BY 1", amira
    )
    assert kept == [(2, None), (None, [4])]


@pytest.mark.parametrize("kind", list(RequestType))
def test_every_type_is_sent_with_words(
    kind: RequestType, browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    answer = browse(amira).post("/requests", {"type": kind.value, "words": "It names somebody else."})
    assert answer.status_code == 303
    assert _requests(superuser, amira) == [(kind.value, "open")]


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) or re.search(
        rf'value="([^"]*)"[^>]*name="{name}"', page
    )
    return found[1] if found else ""


def _fields(page: str) -> dict[str, object]:
    return {
        name: _field(page, name) for name in ("from", "to", "exact_from", "exact_to", "draft") if _field(page, name)
    }


def test_what_is_sent_is_what_was_counted_to_the_second(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    starts = clock.now().replace(second=30, microsecond=0) - timedelta(minutes=20)
    ends = starts + timedelta(minutes=15)
    store_item(superuser, amira, starts + timedelta(seconds=5))
    store_item(superuser, amira, starts - timedelta(seconds=20), seq=2)
    store_item(superuser, amira, ends + timedelta(seconds=10), seq=3)
    superuser.commit()
    browser = browse(amira)
    page = browser.get(f"/requests/new?{urlencode({'from': starts.isoformat(), 'to': ends.isoformat()})}").text
    assert "1 item would go" in page
    browser.post("/requests/drafts", _fields(page) | {"words": "Later."})
    ((draft,),) = _rows(superuser, "SELECT id FROM request WHERE employee_id = %s", amira)
    page = browser.get(f"/requests/drafts/{draft}").text
    assert "1 item would go" in page
    assert (
        "3 items would go" in browser.post("/requests/preview", _fields(page) | {"exact_from": "", "exact_to": ""}).text
    )
    page = browser.post("/requests/preview", _fields(browser.get(f"/requests/drafts/{draft}").text)).text
    browser.post("/requests", _fields(page))
    told = _rows(
        superuser, "SELECT starts_at <= %s, ends_at >= %s FROM request WHERE employee_id = %s", starts, ends, amira
    )
    assert told == [(True, True)]


def test_a_changed_field_counts_and_the_hour_that_comes_twice_is_kept() -> None:
    zone, now = ZoneInfo("Europe/Berlin"), datetime(2026, 10, 25, 1, 40, 7, tzinfo=UTC)
    first = read(MultiDict({"last": "15m"}), now, zone)
    exact = {"exact_from": first.about.starts_at.isoformat(), "exact_to": first.about.ends_at.isoformat()}  # type: ignore[union-attr]
    again = read(MultiDict({"from": first.starts, "to": first.ends, **exact}), now, zone)
    assert (again.about.starts_at, again.about.ends_at) == (first.about.starts_at, now)
    changed = read(MultiDict({"from": first.starts, "to": "2026-10-25T04:00", **exact}), now, zone)
    assert (changed.about.starts_at, changed.about.ends_at) == (
        now - timedelta(minutes=15),
        now.replace(hour=3, minute=0, second=0),
    )
    assert read(
        MultiDict({"from": first.starts, "to": first.ends, "exact_from": "x", "exact_to": "y"}), now, zone
    ).errors


def test_an_item_at_the_edge_of_a_hold_is_said_to_stay(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, hana, now = person("Amira Kaya"), person("Hana Vogel"), clock.now()
    item = store_item(superuser, amira, now - timedelta(minutes=10))
    ((ends,),) = _rows(superuser, "SELECT ended_at FROM segment WHERE id = %s", item.segment)
    told = NewHold(ends, ends + timedelta(minutes=5), "legal_claims", "Claim 7", now + DAY)
    with database.transaction("web_hr", hana) as session:
        set_hold(session, amira, told, hana, now)
    about = {"from": (now - timedelta(minutes=20)).isoformat(), "to": ends.isoformat()}
    page = browse(amira).get(f"/requests/new?{urlencode(about)}").text
    assert "Claim 7" in page
    assert "0 items would go" in page or "1 item must stay" in page or "1 item stays" in page, page
