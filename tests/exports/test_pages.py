"""/exports from the click to the file: through the real portal and a real vault."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from portal.capture.opening import TICKET_COOKIE
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.exports import actions, queries
from portal.exports.rules import Chosen
from tests.vault.arrange import SECRET, Insider, Superuser, screenshot, store, typed
from tests.vault.exporting import Archive, await_state
from tests.web_client import BASE, Browser, sign_in, statements
from vault.exports.running import TURN_LOCK

BrowserOf = Callable[[Insider], Browser]
EXPORT = re.compile(r"/exports/([0-9a-f-]{36})$")
MOST_STATEMENTS = 12
GOOD: dict[str, object] = {"scope": "everything"}


def ordered(browser: Browser, form: dict[str, object] | None = None) -> UUID:
    """Order by the form; the export that it leads to."""
    answer = browser.post("/exports", form or GOOD)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    found = EXPORT.search(answer.headers["Location"])
    assert found, answer.headers["Location"]
    return UUID(found.group(1))


def finished(superuser: Superuser, made: UUID) -> dict[str, Any]:
    return await_state(superuser, made, lambda row: row["finished_at"])


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_from_the_form_to_the_file(browser_of: BrowserOf, superuser: Superuser, amira: Insider) -> None:
    header, browser = store(superuser, amira, typed()), browser_of(amira)
    made = ordered(browser)
    assert finished(superuser, made)["state"] == "ready"
    page = browser.get(f"/exports/{made}")
    assert statements(page) <= MOST_STATEMENTS
    assert "Your archive is ready." in words(page)
    answer = browser.post(f"/exports/{made}/download")
    archive = Archive(answer.get_data())
    assert [item["id"] for item in archive.items()] == [str(header.segment)]
    assert archive.items()[0]["content"]["text"] == SECRET
    assert answer.headers["Content-Type"] == "application/zip"
    assert re.fullmatch(r'attachment; filename="daylight-\d{4}-\d\d-\d\d\.zip"', answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert int(answer.headers["Content-Length"]) == len(answer.get_data())


def test_each_batch_and_each_download_stand_in_who_looked(
    browser_of: BrowserOf, superuser: Superuser, amira: Insider
) -> None:
    store(superuser, amira, typed())
    browser = browser_of(amira)
    made = ordered(browser)
    finished(superuser, made)
    browser.post(f"/exports/{made}/download").get_data()
    page = words(browser.get("/looks"))
    assert "The vault opened it for an export you ordered" in page
    assert "You downloaded an export" in page
    assert f'href="/exports/{made}">The archive' in page


def test_the_person_is_told_when_it_is_ready(browser_of: BrowserOf, superuser: Superuser, amira: Insider) -> None:
    browser = browser_of(amira)
    finished(superuser, ordered(browser))
    assert "Your export is ready to download until" in words(browser.get("/"))


def test_ordered_twice_leads_to_the_one_that_runs(browser_of: BrowserOf, superuser: Superuser, amira: Insider) -> None:
    """The second click of a double click, or of another tab."""
    browser = browser_of(amira)
    superuser.execute("SELECT pg_advisory_lock(%s)", [TURN_LOCK])  # the vault takes no step until it is released
    try:
        made = ordered(browser)
        assert ordered(browser) == made
        assert "Another export of yours is still being made." in words(browser.get(f"/exports/{made}"))
        assert "One export is being made now." in words(browser.get("/exports"))
    finally:
        superuser.execute("SELECT pg_advisory_unlock(%s)", [TURN_LOCK])
    assert finished(superuser, made)["state"] == "ready"


def test_a_range_and_kinds_are_what_is_ordered(browser_of: BrowserOf, superuser: Superuser, amira: Insider) -> None:
    wanted = store(superuser, amira, typed())
    store(superuser, amira, screenshot(b"image"))
    store(superuser, amira, typed(start=clock.to_ms(clock.now() - timedelta(hours=3))))
    starts, until = amira.recently
    request_id = uuid4()
    form: dict[str, object] = {
        "scope": "range",
        "from": starts.isoformat(),
        "to": until.isoformat(),
        "kind": ["key", "prompt"],
        "request": str(request_id),
    }
    browser = browser_of(amira)
    made = ordered(browser, form)
    row = finished(superuser, made)
    assert (row["kinds"], row["stores"], row["request_id"]) == (["key", "prompt"], False, request_id)
    archive = Archive(browser.post(f"/exports/{made}/download").get_data())
    assert [item["id"] for item in archive.items()] == [str(wanted.segment)]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"scope": "range"}, "Say when it begins."),
        ({"scope": "range", "from": "2026-11-01T10:00"}, "Say when it ends."),
        ({"scope": "range", "from": "2026-11-02T10:00", "to": "2026-11-01T10:00"}, "It must end after it begins."),
        ({"scope": "range", "from": "9999-12-31T23:59", "to": "10000-01-01T00:00"}, "Say when it begins."),
        ({"scope": "everything", "kind": ["sound"]}, "That is not a kind."),
    ],
)
def test_a_form_that_says_too_little_says_what_is_missing(
    browser_of: BrowserOf, superuser: Superuser, amira: Insider, form: dict[str, Any], said: str
) -> None:
    answer = browser_of(amira).post("/exports", form)
    assert answer.status_code == 400
    assert said in words(answer)
    row = superuser.execute("SELECT count(*) FROM export_order WHERE employee_id = %s", [amira.person]).fetchone()
    assert row == (0,)


def test_an_address_fills_the_form_in(browser_of: BrowserOf, amira: Insider) -> None:
    request_id = uuid4()
    address = f"/exports?from=2026-11-01T10:00&to=2026-11-02T10:00&kind=key&request={request_id}"
    page = words(browser_of(amira).get(address))
    assert 'value="2026-11-01T10:00"' in page
    assert f'name="request" value="{request_id}"' in page
    assert re.findall(r'name="kind" value="(\w+)" checked', page) == ["key"]
    assert re.findall(r'name="scope" value="(\w+)" checked', page) == ["range"]


def test_another_persons_export_is_not_there(
    browser_of: BrowserOf, superuser: Superuser, amira: Insider, ben: Insider
) -> None:
    made = ordered(browser_of(amira))
    finished(superuser, made)
    browser = browser_of(ben)
    assert browser.get(f"/exports/{made}").status_code == 404
    for act in ("download", "cancel"):
        assert browser.post(f"/exports/{made}/{act}").status_code == 404
        assert browser.post(f"/exports/{uuid4()}/{act}").status_code == 404
    assert str(made) not in words(browser.get("/exports"))


def test_another_persons_ticket_opens_nothing(
    browser_of: BrowserOf, superuser: Superuser, amira: Insider, ben: Insider
) -> None:
    browser = browser_of(amira)
    made = ordered(browser)
    finished(superuser, made)
    browser.hold(TICKET_COOKIE, ben.ticket)
    answer = browser.post(f"/exports/{made}/download")
    assert answer.status_code == 303
    assert "This archive is not there any more." in words(browser.get(f"/exports/{made}"))


def test_without_a_live_ticket_the_person_signs_in_again(
    portal: Flask, browser_of: BrowserOf, superuser: Superuser, amira: Insider
) -> None:
    made = ordered(browser_of(amira))
    finished(superuser, made)
    superuser.execute("UPDATE login_session SET ended_at = now() WHERE id = %s", [amira.session])
    superuser.commit()
    without = Browser(portal, sign_in(superuser, amira.person), BASE)
    for browser in (browser_of(amira), without):
        for path in (f"/exports/{made}/download", "/exports"):
            answer = browser.post(path, GOOD)
            assert answer.status_code == 303
            assert "only after a fresh sign-in" in words(browser.get(answer.headers["Location"]))


def test_the_page_says_when_the_vault_is_down(
    environment: dict[str, str], portal: Flask, superuser: Superuser, amira: Insider, app: Flask
) -> None:
    """The portal of the other tests has no vault at its address here."""
    assert portal is not app
    made = uuid4()
    superuser.execute(
        "INSERT INTO export_order (id, employee_id, ordered_at, expires_at, stores, language, timezone, key_id, "
        "wrapped_key, seal, state, archive_until, finished_at) VALUES (%s, %s, now(), now() + interval '1 hour', "
        "false, 'en', 'UTC', %s, '', '', 'ready', now() + interval '1 day', now())",
        [made, amira.person, uuid4()],
    )
    superuser.commit()
    browser = Browser(app, sign_in(superuser, amira.person), BASE)
    browser.hold(TICKET_COOKIE, amira.ticket)
    for path in (f"/exports/{made}/download", "/exports"):
        answer = browser.post(path, GOOD)
        assert "The vault does not answer." in words(browser.get(answer.headers["Location"]))


def test_cancelled_it_is_over_and_can_be_ordered_again(
    browser_of: BrowserOf, superuser: Superuser, amira: Insider
) -> None:
    browser = browser_of(amira)
    made = ordered(browser)
    browser.post(f"/exports/{made}/cancel")
    page = words(browser.get(f"/exports/{made}"))
    assert "This export is ended." in page
    assert "Download the archive" not in page
    browser.post(f"/exports/{made}/download")
    assert "This archive is not there any more." in words(browser.get(f"/exports/{made}"))
    browser.post(f"/exports/{made}/cancel")
    assert "This export had ended already." in words(browser.get(f"/exports/{made}"))
    assert ordered(browser) != made
    rows = superuser.execute(
        "SELECT count(*) FROM audit_entry WHERE object_id = %s AND action = 'export.cancelled'", [made]
    ).fetchone()
    assert rows == (1,)


def test_a_fragment_tells_how_far_it_is(browser_of: BrowserOf, superuser: Superuser, amira: Insider) -> None:
    browser = browser_of(amira)
    made = ordered(browser)
    finished(superuser, made)
    superuser.execute(
        "UPDATE export_order SET state = 'running', finished_at = NULL, items_done = 3, items_total = 8, "
        "next_try_at = now() + interval '1 hour' WHERE id = %s",
        [made],
    )
    superuser.commit()
    answer = browser.get(f"/exports/{made}", headers={"HX-Request": "true"})
    text = words(answer)
    assert text.strip().startswith('<div id="export"')
    assert 'hx-trigger="every 2s"' in text
    assert "3 of 8 items" in text
    assert statements(answer) <= MOST_STATEMENTS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("state = 'failed', reason = 'too_late'", "It was not finished within 24 hours."),
        ("state = 'failed', reason = 'refused'", "The vault did not recognise this order"),
        ("state = 'failed', reason = 'internal'", "the archive was given up"),
        ("state = 'running', finished_at = NULL, reason = 'disk_full'", "disk is full"),
        ("state = 'running', finished_at = NULL, reason = 'unavailable'", "out of reach"),
        ("archive_until = now() - interval '1 second'", "has expired"),
        (
            "state = 'running', finished_at = NULL, ordered_at = now() - interval '1 day', expires_at = now()",
            "It was not finished within 24 hours.",
        ),
    ],
)
def test_what_went_wrong_is_said(
    browser_of: BrowserOf, superuser: Superuser, amira: Insider, change: str, said: str
) -> None:
    browser = browser_of(amira)
    made = ordered(browser)
    finished(superuser, made)
    superuser.execute(
        f"UPDATE export_order SET {change}, next_try_at = now() + interval '1 hour' WHERE id = %s".encode(), [made]
    )
    superuser.commit()
    assert said in words(browser.get(f"/exports/{made}"))


def test_requests_find_their_exports(
    client: Any, database: Database, settings: Settings, superuser: Superuser, amira: Insider, ben: Insider
) -> None:
    request_id = uuid4()
    made = actions.order(client, amira.ticket, Chosen(request_id=request_id), language="en", timezone="UTC")
    assert made.made
    assert settings.actor_key
    for who, found in ((amira, [made.id]), (ben, [])):
        with database.transaction("web_employee", who.person) as session:
            assert [row.id for row in queries.of_request(session, who.person, request_id)] == found
            assert queries.order(session, who.person, made.id) is not None or who is ben
            assert actions.cancel(session, ben.person, made.id, clock.now()) is False


def test_a_copy_says_that_rows_under_a_shared_address_are_not_in_it_and_does_not_promise_to_go_on(
    browser_of: BrowserOf, superuser: Superuser, amira: Insider
) -> None:
    store(superuser, amira, typed())
    browser = browser_of(amira)
    made = ordered(browser)
    finished(superuser, made)
    superuser.execute(
        "INSERT INTO export_store (order_id, number, employee_id, dataset_id, store, state, reason, next_try_at) "
        "SELECT id, 0, employee_id, %s, 'lake.events', 'missing', 'contested', now() FROM export_order WHERE id = %s",
        [uuid4(), made],
    )
    superuser.commit()
    page = words(browser.get(f"/exports/{made}"))
    assert "these rows are not in this copy. Once HR has said whose it was, ask for another one." in page
    assert "goes on by itself" not in page
