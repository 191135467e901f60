"""The queue: numbers that lead to the rows they count, filters, keyset pages."""

import re
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from portal.core import clock
from portal.hr import queue
from portal.requests.rules import RequestType
from tests.hr.conftest import Office, moved
from tests.web_client import statements

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _alone(office: Office) -> None:
    """Other tests' requests are out of the way: closed long ago."""
    office.superuser.execute(
        "UPDATE request SET state = 'withdrawn', closed_at = now() - interval '400 days', stands_since = NULL, "
        "merged_into = NULL "
        "WHERE state IN ('open', 'asked_back', 'approved', 'running') OR closed_at > now() - interval '100 days'"
    )
    office.superuser.commit()


def numbers(text: str) -> list[int]:
    """The rows of a page, in order."""
    return [int(number) for number in re.findall(r'href="/hr/requests/(\d+)">#', text)]


def card(text: str, label: str) -> tuple[str, str]:
    """(value, address) of a card."""
    found = re.search(rf'>{label}</span>\s*<b[^>]*><a href="([^"]+)">([^<]+)</a>', text)
    assert found, text
    return found[2], found[1].replace("&amp;", "&")


def test_due_first_and_every_number_is_a_door(office: Office) -> None:
    calm, over, risk, own = office.ask(), office.ask(), office.ask(), office.ask(office.hana)
    moved(office, over, due_at=clock.now() - DAY)
    moved(office, risk, due_at=clock.now() + 2 * DAY)
    page = office.as_(office.hana)
    text = page.get("/hr").text
    assert numbers(text) == [over, risk, calm]
    assert own not in numbers(text)
    assert "1 request is overdue." in text
    for label, wanted in (("Still open", [over, risk, calm]), ("At risk, 5 days or less", [risk]), ("Overdue", [over])):
        value, address = card(text, label)
        assert value == str(len(wanted))
        assert numbers(page.get(address).text) == wanted


def test_what_a_colleague_proposed_is_seen_and_counted(office: Office) -> None:
    plain, proposed = office.ask(), office.ask()
    hana, helge = office.as_(office.hana), office.as_(office.helge)
    proposal = {"outcome": "refuse", "ground": "legal_claims", "words": "A case runs."}
    assert office.act(office.helge, proposed, "decide", **proposal).status_code == 303
    text = hana.get("/hr").text
    assert "1 decision waits for a second person." in text
    assert text.count("waits for a second person</span>") == 1
    assert numbers(text) == [plain, proposed]
    assert numbers(hana.get("/hr?waits=1").text) == [proposed]
    own = helge.get("/hr").text
    assert "waits for a second person." not in own
    assert own.count("waits for a second person</span>") == 1
    assert numbers(helge.get("/hr?waits=1").text) == []


def test_at_risk_is_the_fifth_day_and_not_the_sixth(office: Office) -> None:
    number = office.ask()
    today = clock.local_day(clock.now(), ZoneInfo("Europe/Berlin"))
    for days, listed in ((5, True), (6, False)):
        end = clock.to_utc(  # the begin of the day after, which is not part of it
            datetime(today.year, today.month, today.day) + (days + 1) * DAY,  # noqa: DTZ001 - to_utc gives the zone
            ZoneInfo("Europe/Berlin"),
        )
        moved(office, number, due_at=end)
        assert (number in numbers(office.as_(office.hana).get("/hr?urgent=risk").text)) is listed, days


def test_median_of_what_was_done_in_90_days(office: Office) -> None:
    for days, ago in ((2, 10), (4, 20), (30, 100)):
        number = office.ask()
        closed = clock.now() - ago * DAY
        office.superuser.execute(
            "UPDATE request SET state = 'done', closed_at = %s, received_at = %s WHERE number = %s",
            [closed, closed - days * DAY, number],
        )
    office.superuser.commit()
    text = office.as_(office.hana).get("/hr").text
    value, address = card(text, "Median to done, 90 days")
    assert value == "3 d"
    assert len(numbers(office.as_(office.hana).get(address).text)) == 2


def test_filters(office: Office) -> None:
    erase, access = office.ask(), office.ask(kind=RequestType.ACCESS)
    office.act(office.hana, access, "assign", to=str(office.helge))
    office.act(office.hana, erase, "ask", words="?", reason="other")
    page = office.as_(office.helge)
    for query, wanted in (
        ("type=access", [access]),
        ("state=asked_back", [erase]),
        ("state=refused", []),
        ("assigned=me", [access]),
        ("assigned=nobody", [erase]),
        (f"assigned={office.helge}", [access]),
        (f"assigned={uuid4()}", []),
        ("law=cpra", []),
        ("law=gdpr", [erase, access]),
        ("type=nonsense&state=draft&law=x&urgent=y&assigned=z", [erase, access]),
    ):
        answer = page.get(f"/hr?{query}")
        assert sorted(numbers(answer.text)) == sorted(wanted), query
        assert statements(answer) <= 12


def test_pages_by_keyset_lose_and_repeat_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE_ROWS", 4)
    asked = [office.ask(counts=False) for _ in range(10)]
    same = clock.now() + 9 * DAY
    for number in asked[:7]:
        moved(office, number, due_at=same)
    page, address, found = office.as_(office.hana), "/hr", []
    while address:
        text = page.get(address).text
        found.append(numbers(text))
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following[1].replace("&amp;", "&") if following else ""
        if len(found) == 1:
            moved(office, found[0][0], due_at=clock.now() - DAY)  # moves to the front meanwhile: nothing shifts
    assert [len(rows) for rows in found] == [4, 4, 2]
    assert sorted(number for rows in found for number in rows) == sorted(asked)


@pytest.mark.parametrize("after", ["x", "~", "2026-01-01~5", "2026-01-01T00:00:00+00:00~x", "2026-01-01T00:00:00+00:00~" + "9" * 30])  # fmt: skip  # noqa: E501
def test_a_cursor_of_nobody_begins_at_the_top(office: Office, after: str) -> None:
    number = office.ask()
    answer = office.as_(office.hana).get("/hr", query_string={"after": after})
    assert numbers(answer.text) == [number]


def test_an_empty_queue_says_so(office: Office) -> None:
    text = office.as_(office.hana).get("/hr").text
    assert "Nothing waits for you." in text
    assert "As soon as somebody asks for something" in text
