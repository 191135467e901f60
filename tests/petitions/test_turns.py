"""One person, one signature, whatever happens at the same time or breaks off in between (A01)."""

import base64
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from portal.petitions import issuing
from tests.ballot.process import BallotProcess
from tests.gateway.process import wait_until
from tests.petitions.arrange import Card, Superuser, column, key_of, petition, today
from tests.web_client import Browser

Browse = Callable[[UUID | None], Browser]
MAKE = Callable[..., UUID]
WAIT_S = 1.0
"""As long as a request stands still for another one that may, or may not, be kept waiting for it."""


@pytest.fixture
def running(superuser: Superuser, ballot: BallotProcess) -> UUID:
    """An open petition whose key the ballot has made."""
    made = petition(superuser)
    key_of(superuser, made)
    return made


def stand_still(
    monkeypatch: pytest.MonkeyPatch, name: str, *, before: bool, other: Callable[[], Any]
) -> list[Future[Any]]:
    """Let `other` happen while the portal's call `name` to the ballot is to be made, or was answered."""
    real, began = getattr(issuing, name), list[Future[Any]]()
    pool = ThreadPoolExecutor(1)

    def beside() -> None:
        if not began:
            done = threading.Event()
            began.append(pool.submit(other))
            began[0].add_done_callback(lambda _: done.set())
            done.wait(WAIT_S)

    def call(*arguments: Any) -> Any:
        if before:
            beside()
        answer = real(*arguments)
        if not before:
            beside()
        return answer

    monkeypatch.setattr(issuing, name, call)
    return began


def test_A01_signing_again_while_the_name_is_taken_back_leaves_no_token_beside_it(
    running: UUID, superuser: Superuser, ballot: BallotProcess, browse: Browse, person: MAKE, monkeypatch: Any
) -> None:
    amira = person()
    one, two, card = browse(amira), browse(amira), Card(running, key_of(superuser, running))
    assert one.post(f"/petitions/{running}/sign").status_code == 303
    began = stand_still(monkeypatch, "reserve", before=False, other=lambda: two.post(f"/petitions/{running}/unsign"))
    assert one.post(f"/petitions/{running}/sign").status_code == 303
    assert began[0].result().status_code == 303
    monkeypatch.undo()
    assert signatures(superuser, ballot, card, one) == 1


def test_A01_a_token_asked_for_while_the_name_is_signed_leaves_one_of_them(
    running: UUID, superuser: Superuser, ballot: BallotProcess, browse: Browse, person: MAKE, monkeypatch: Any
) -> None:
    amira = person()
    one, two, card = browse(amira), browse(amira), Card(running, key_of(superuser, running))
    began = stand_still(monkeypatch, "issue", before=True, other=lambda: two.post(f"/petitions/{running}/sign"))
    assert card.ask(one).status_code == 200
    assert began[0].result().status_code == 409, "the token came first"
    monkeypatch.undo()
    assert signatures(superuser, ballot, card, one) == 1


def signatures(superuser: Superuser, ballot: BallotProcess, card: Card, browser: Browser) -> int:
    """How many the person has, once a token was asked for and handed in as far as there is one."""
    answer = card.ask(browser)
    if answer.status_code == 200:
        card.take(base64.b64decode((answer.json or {})["signature"]))
        assert card.call(ballot, "hand-in") == (200, {})
    return int(answer.status_code == 200) + int(column(superuser, card.petition, "named"))


def test_a_name_is_taken_back_while_the_ballot_is_away_and_a_token_is_there_afterwards(
    running: UUID, superuser: Superuser, browse: Browse, person: MAKE, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object) -> None:
        raise issuing.BallotUnavailableError

    browser, card = browse(person()), Card(running, key_of(superuser, running))
    assert browser.post(f"/petitions/{running}/sign").status_code == 303
    with monkeypatch.context() as patched:
        patched.setattr(issuing, "_post", away)
        assert browser.post(f"/petitions/{running}/unsign").status_code == 303
    assert column(superuser, running, "named") == 0
    card.fetch(browser)


def test_a_signature_that_broke_off_after_the_reservation_keeps_nobody_from_a_token(
    running: UUID, superuser: Superuser, browse: Browse, person: MAKE, app: Any
) -> None:
    amira = person()
    issuing.reserve(app.extensions["daylight"].settings, running, amira, "")
    assert column(superuser, running, "named") == 0
    Card(running, key_of(superuser, running)).fetch(browse(amira))


def test_what_cannot_be_signed_costs_nobody_the_token(
    running: UUID, superuser: Superuser, browse: Browse, person: MAKE
) -> None:
    browser = browse(person())
    malformed = browser.post_json(f"/petitions/{running}/token", {"blinded": base64.b64encode(b"x").decode()})
    assert (malformed.status_code, malformed.json) == (409, {"error": "malformed"})
    Card(running, key_of(superuser, running)).fetch(browser)


def test_A01_who_signs_while_it_is_being_rejected_is_told_that_it_has_ended(
    running: UUID, superuser: Superuser, browse: Browse, person: MAKE
) -> None:
    browser = browse(person())
    browser.get("/petitions")
    superuser.execute(
        "UPDATE petition SET state = 'rejected', reason = 'insult', ended_on = %s WHERE id = %s", [today(), running]
    )
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(browser.post, f"/petitions/{running}/sign")
        waits = "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        wait_until(lambda: bool(superuser.execute(waits).fetchall()))
        superuser.commit()
    assert answer.result().status_code == 409
    assert (
        "The petition has ended, so it cannot be signed" in answer.result().text or "has ended" in answer.result().text
    )
    assert "Rejected" in answer.result().text
    assert column(superuser, running, "named") == 0
