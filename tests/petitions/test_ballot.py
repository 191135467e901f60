"""The ballot: one token for each person and petition, one use for each token, and a clear word for everything else."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import requests
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ballot.box import Box
from ballot.keys import Keys
from ballot.service import Ballot
from portal.app import create_app
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.web import state
from tests.ballot.process import BallotProcess
from tests.gateway.process import wait_until
from tests.petitions.arrange import DAY, Card, Superuser, column, empty_box, key_of, petition, today, votes
from tests.web_client import BASE, Browser, sign_in

Browse = Callable[[UUID | None], Browser]
MAKE = Callable[..., UUID]


@pytest.fixture
def running(superuser: Superuser, ballot: BallotProcess) -> UUID:
    """An open petition whose key the ballot has made."""
    made = petition(superuser)
    key_of(superuser, made)
    return made


@pytest.fixture
def card(running: UUID, superuser: Superuser, browse: Browse, person: MAKE) -> Card:
    """Somebody's card with a token."""
    made = Card(running, key_of(superuser, running))
    made.fetch(browse(person()))
    return made


def issued(superuser: Superuser, running: UUID) -> int:
    row = superuser.execute("SELECT count(*) FROM ballot_issue WHERE petition_id = %s", [running]).fetchone()
    superuser.rollback()
    assert row
    return int(str(row[0]))


def ask(settings: Settings, ballot: BallotProcess, key: str | None = None, **changed: object) -> tuple[int, object]:
    """The portal's call, with a proof."""
    blank = base64.b64encode(bytes(32)).decode()
    body = json.dumps({"petition": str(uuid4()), "eligible": blank, "blinded": blank} | changed).encode()
    proof = hmac.new(bytes.fromhex(key or settings.require("ballot_key")), body, hashlib.sha256).hexdigest()
    answer = requests.post(f"{ballot.url}/v1/issue", body, headers={"X-Ballot-Proof": proof}, timeout=30)
    return answer.status_code, answer.json()["error"]


def test_A01_a_hundred_cards_of_one_person_at_once_get_one_token(
    running: UUID, superuser: Superuser, browse: Browse, person: MAKE
) -> None:
    amira, key = person(), key_of(superuser, running)
    cards = [Card(running, key) for _ in range(20)]

    def five(one: Card) -> list[int]:
        browser = browse_each()
        return [one.ask(browser).status_code for _ in range(5)]

    browsers = [browse(amira) for _ in range(20)]
    browse_each = iter(browsers).__next__
    with ThreadPoolExecutor(8) as pool:
        done = [status for statuses in pool.map(five, cards) for status in statuses]
    assert sorted(done) == [200] * 5 + [409] * 95  # the same blinded message is signed again and again
    assert issued(superuser, running) == 1


def test_A01_a_token_handed_in_a_hundred_times_at_once_counts_once(
    card: Card, superuser: Superuser, ballot: BallotProcess
) -> None:
    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(lambda _turn: card.call(ballot, "hand-in"), range(100)))
    assert done.count((200, {})) == 1
    assert done.count((409, {"error": "used"})) == 99
    assert votes(superuser, card.petition) == 1


def test_A01_one_person_signs_with_the_name_or_without_never_both(
    running: UUID, superuser: Superuser, ballot: BallotProcess, browse: Browse, person: MAKE
) -> None:
    browser = browse(person())
    card = Card(running, key_of(superuser, running))
    card.fetch(browser)
    path = f"/petitions/{running}/sign"
    bare = browser.post(path)  # a browser without the card cannot give the token up
    assert (bare.status_code, "Your ballot card has a token" in bare.text) == (409, True)
    assert card.call(ballot, "hand-in") == (200, {})
    assert card.call(ballot, "give-up") == (409, {"error": "used"})
    assert card.call(ballot, "take-back") == (200, {})
    status, given = card.call(ballot, "give-up")
    assert status == 200
    assert card.call(ballot, "give-up") == (200, given)  # an answer that was lost is had again
    for wrong in ("%", "A" * 2000, base64.b64encode(bytes(64)).decode(), given["ticket"][:-8]):
        assert browser.post(path, {"ticket": wrong}).status_code == 409
    assert column(superuser, running, "named") == 0
    assert browser.post(path, given).status_code == 303
    assert browser.post(path).status_code == 303  # a second click changes nothing
    assert column(superuser, running, "named") == 1
    for what in ("hand-in", "take-back"):
        assert card.call(ballot, what, again=True) == (409, {"error": "spent"})
    assert card.call(ballot, "counted") == (200, {"counted": False})
    assert browser.post(f"/petitions/{running}/unsign").status_code == 303
    assert card.ask(browser).json == {"error": "spent"}
    empty_box(superuser)
    assert card.call(ballot, "hand-in") == (409, {"error": "spent"})


def test_A01_a_ticket_is_good_once_and_for_its_petition(
    running: UUID, superuser: Superuser, ballot: BallotProcess, browse: Browse, person: MAKE
) -> None:
    key, other = key_of(superuser, running), petition(superuser)
    amira, ben = browse(person()), browse(person())
    for browser in (amira, ben):
        Card(running, key).fetch(browser)
        Card(other, key_of(superuser, other)).fetch(browser)
    card = Card(running, key)
    card.fetch(browse(person()))
    _, ticket = card.call(ballot, "give-up")
    assert amira.post(f"/petitions/{other}/sign", ticket).status_code == 409
    assert amira.post(f"/petitions/{running}/sign", ticket).status_code == 303
    assert ben.post(f"/petitions/{running}/sign", ticket).status_code == 409
    empty_box(superuser)
    assert ben.post(f"/petitions/{running}/sign", ticket).status_code == 409
    assert column(superuser, running, "named") == 1


def test_A01_who_signed_with_the_name_gets_a_token_only_after_taking_it_back(
    running: UUID, superuser: Superuser, browse: Browse, person: MAKE
) -> None:
    browser = browse(person())
    assert browser.post(f"/petitions/{running}/sign").status_code == 303
    card = Card(running, key_of(superuser, running))
    assert (card.ask(browser).status_code, card.ask(browser).json) == (409, {"error": "named"})
    assert browser.post(f"/petitions/{running}/unsign").status_code == 303
    card.fetch(browser)


def test_a_token_is_taken_back_by_its_holder_who_may_sign_anew_and_no_copy_does(
    card: Card, superuser: Superuser, ballot: BallotProcess
) -> None:
    assert card.call(ballot, "counted") == (200, {"counted": False})
    for _ in ("still in the box", "already in the table"):
        assert card.call(ballot, "hand-in", again=True) == (200, {})
        assert card.call(ballot, "counted") == (200, {"counted": True})
        assert votes(superuser, card.petition) == 1
        for _turn in range(2):
            assert card.call(ballot, "take-back") == (200, {})
        assert card.call(ballot, "counted") == (200, {"counted": False})
        assert card.call(ballot, "hand-in") == (409, {"error": "taken_back"})
        assert votes(superuser, card.petition) == 0
        assert card.call(ballot, "hand-in") == (409, {"error": "taken_back"})


def test_A01_taken_back_before_it_came_it_is_not_counted_when_a_copy_comes(
    card: Card, superuser: Superuser, ballot: BallotProcess
) -> None:
    assert card.call(ballot, "take-back") == (200, {})
    assert card.call(ballot, "hand-in") == (409, {"error": "taken_back"})
    assert votes(superuser, card.petition) == 0
    assert card.call(ballot, "hand-in") == (409, {"error": "taken_back"})


def test_a_foreign_a_forged_and_a_senseless_token_are_refused(
    card: Card, superuser: Superuser, ballot: BallotProcess
) -> None:
    other = petition(superuser)
    key_of(superuser, other)
    assert card.call(ballot, "hand-in", petition=str(other)) == (403, {"error": "forged"})
    assert card.call(ballot, "hand-in", petition=str(uuid4())) == (404, {"error": "unknown"})
    changed = base64.b64encode(card.signature[:-1] + bytes([card.signature[-1] ^ 1])).decode()
    for what in ("hand-in", "take-back", "give-up", "counted"):
        assert card.call(ballot, what, signature=changed) == (403, {"error": "forged"})
    for wrong in ({"signature": "%"}, {"prepared": ""}, {"petition": 7}, {"signature": None}, {"prepared": "A" * 4000}):
        assert card.call(ballot, "hand-in", **wrong) == (400, {"error": "malformed"})
    for body in (b"", b"[]", b"{", b"[" * 4000, b"\xff"):
        assert requests.post(f"{ballot.url}/v1/hand-in", body, timeout=30).status_code == 400
    assert requests.post(f"{ballot.url}/v1/hand-in", b"x" * 10_000, timeout=30).status_code == 413
    assert votes(superuser, card.petition) == 0


@pytest.mark.parametrize(
    "end",
    [
        "state = 'closed', ended_on = current_date",
        "ends_on = current_date - 2",
        "state = 'rejected', ended_on = '2026-01-01'",
    ],
)
def test_a_petition_that_ended_meanwhile_is_said_to_have(
    card: Card, superuser: Superuser, ballot: BallotProcess, browse: Browse, person: MAKE, end: str
) -> None:
    superuser.execute(f"UPDATE petition SET {end} WHERE id = %s".encode(), [card.petition])
    superuser.commit()
    wait_until(lambda: card.call(ballot, "counted") == (410, {"error": "ended"}))  # it hears of it within a second
    assert card.call(ballot, "hand-in") == (410, {"error": "ended"})
    answer = Card(card.petition, card.key).ask(browse(person()))
    assert (answer.status_code, answer.json) == (409, {"error": "ended"})


def test_only_the_portal_gets_tokens_issued(settings: Settings, ballot: BallotProcess, running: UUID) -> None:
    assert requests.post(f"{ballot.url}/v1/issue", b"{}", timeout=30).status_code == 401
    assert ask(settings, ballot, key="00" * 32) == (401, "not_the_portal")
    assert ask(settings, ballot) == (404, "unknown")
    assert ask(settings, ballot, petition=str(running), eligible="AAAA") == (400, "malformed")
    assert ask(settings, ballot, petition=str(running)) == (400, "malformed")  # 32 zeros are no blinded message


def test_only_the_portals_pages_may_call_and_nothing_is_kept_in_the_browser(ballot: BallotProcess, card: Card) -> None:
    asked = requests.options(f"{ballot.url}/v1/hand-in", headers={"Origin": "https://evil.example"}, timeout=30)
    answer = requests.post(f"{ballot.url}/v1/counted", json=card.body(), timeout=30)
    for reply in (asked, answer):
        assert reply.headers["Access-Control-Allow-Origin"] == BASE
        assert "Access-Control-Allow-Credentials" not in reply.headers
        assert not reply.cookies
    page = requests.get(ballot.url, timeout=30, headers={"Accept-Language": "de-DE"})
    assert "Ohne Namen unterschreiben" in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in page.headers
    for path in ("/page.js", "/page.css"):
        assert requests.get(ballot.url + path, timeout=30).status_code == 200
    for path in ("/page.en.html", "/nothing.js", "/../keys.py", "/v1/issue"):
        assert requests.get(ballot.url + path, timeout=30).status_code in {404, 405}


@pytest.mark.slow
def test_ten_thousand_real_signatures_in_a_row_are_all_counted(
    superuser: Superuser, ballot: BallotProcess, running: UUID
) -> None:
    """As quickly as they come; the tokens are made with the key opened, since issuing is not what is tried here."""
    row = superuser.execute("SELECT sealed_private FROM ballot_key WHERE petition_id = %s", [running]).fetchone()
    superuser.rollback()
    assert row
    own = Keys(bytes.fromhex("5e" * 32)).private(running, bytes(row[0]))
    bodies = [signed(own, running, number) for number in range(10_000)]
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=16))
    with ThreadPoolExecutor(16) as pool:
        done = list(
            pool.map(lambda body: session.post(f"{ballot.url}/v1/hand-in", json=body, timeout=60).status_code, bodies)
        )
    session.close()
    assert set(done) == {200}
    assert votes(superuser, running) == 10_000


def signed(key: RSAPrivateKey, running: UUID, number: int) -> dict[str, str]:
    prepared = number.to_bytes(64, "big")
    signature = key.sign(prepared, padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384())
    parts = (base64.b64encode(part).decode() for part in (prepared, signature))
    return dict(zip(("petition", "prepared", "signature"), (str(running), *parts), strict=True))


def test_private_keys_are_sealed_to_their_petition_and_destroyed_at_its_end(
    superuser: Superuser, ballot: BallotProcess, running: UUID, card: Card, settings: Settings, tmp_path: Path
) -> None:
    row = superuser.execute(
        "SELECT public_key, sealed_private FROM ballot_key WHERE petition_id = %s", [running]
    ).fetchone()
    assert row
    public, sealed = bytes(row[0]), bytes(row[1])
    own = Keys(bytes.fromhex(settings.require("ballot_seal")))
    assert own.private(running, sealed).public_key() == load_der_public_key(public)
    for keys, number in ((own, uuid4()), (Keys(bytes(32)), running)):
        with pytest.raises(InvalidTag):
            keys.private(number, sealed)
    assert card.call(ballot, "hand-in") == (200, {})
    superuser.execute("UPDATE petition SET state = 'closed', ended_on = %s WHERE id = %s", [today() - DAY, running])
    superuser.commit()
    tidy(settings, own, tmp_path)
    row = superuser.execute("SELECT sealed_private FROM ballot_key WHERE petition_id = %s", [running]).fetchone()
    assert row == (None,)
    assert (votes(superuser, running), issued(superuser, running)) == (0, 0)


def tidy(settings: Settings, keys: Keys, folder: Path) -> None:
    """The ballot's own bell."""
    database, box = Database(settings), Box(folder)
    Ballot(database, keys, box).tidy()
    box.close()
    database.dispose()


def test_without_a_ballot_people_sign_by_name_and_the_page_says_so(
    superuser: Superuser, person: MAKE, settings: Settings
) -> None:
    running = petition(superuser)
    for url, status in ((None, 503), ("http://127.0.0.1:9", 503)):
        app = create_app(replace(settings, ballot_url=url), testing=True)
        browser = Browser(app, sign_in(superuser, person()), BASE)
        page = browser.get(f"/petitions/{running}").text
        assert ("This installation has no ballot" in page) is (url is None)
        answer = browser.post_json(f"/petitions/{running}/token", {"blinded": "AAAA"})
        assert (answer.status_code, answer.json) == (status, {"error": "unavailable"})
        assert browser.post_json(f"/petitions/{running}/token", {"blinded": 7}).status_code == 400
        assert browser.post(f"/petitions/{running}/sign").status_code == (409 if url else 303)
        state.of(app).database.dispose()


@pytest.mark.parametrize("demo", ["0", "1"])
def test_its_page_says_on_a_demo_that_the_data_is_made_up(environment: dict[str, str], demo: str) -> None:
    with BallotProcess(environment | {"PORTAL_DEMO": demo}) as running:
        for language, mark in (("en", "Demo data. "), ("de", "Demodaten. ")):
            page = requests.get(running.url, headers={"Accept-Language": language}, timeout=10).text
            assert f'<html lang="{language}">' in page
            assert page.count(mark) == int(demo)
            assert page.count('class="demo"') == int(demo)
