"""Signing without a name, in a real browser against the real ballot; and what the browser's code agrees with."""

import base64
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, Request, Route, expect

from portal.core import clock
from portal.core.db import Database
from portal.petitions import jobs
from tests.browser.inspection import listening
from tests.browser.installation import Installation
from tests.browser.people import Someone
from tests.petitions.arrange import WORDS, column, emptied_on, key_of, petition, today, votes
from tests.wire.test_blind import PUBLISHED
from wire import token

BLIND = Path(__file__).parents[2] / "portal" / "static" / "petitions" / "blind.js"
HOUR_MS = 3_600_000
SETTLED = "[data-ballot][data-settled]"
CODE = re.compile(r"([0-9A-Z]{4}-){5}[0-9A-Z]{4}")


@pytest.fixture
def amira(newcomer: Callable[..., Someone]) -> Someone:
    """Somebody who may sign."""
    return newcomer()


@pytest.fixture
def running(installed: Installation) -> UUID:
    """An open petition whose key the ballot has made."""
    made = petition(installed.superuser)
    key_of(installed.superuser, made)
    return made


def card_of(page: Page) -> dict[str, Any]:
    """What the browser keeps."""
    kept = page.evaluate("Object.entries(localStorage).find(pair => pair[0].startsWith('daylight.ballot.'))[1]")
    found: dict[str, Any] = json.loads(kept)
    return found


def make_card(page: Page) -> str:
    """Make a ballot card; the recovery code."""
    page.click("button[data-act=make]")
    code = page.locator("[data-code]")
    expect(code).to_have_text(CODE)
    written = code.text_content() or ""
    page.wait_for_selector("[data-ballot]:not([aria-busy])")
    page.click("button[data-act=written]")
    return written


def shows(page: Page, name: str) -> None:
    """The part of this state is what one sees."""
    expect(page.locator(f"[data-show='{name}']")).to_be_visible()


def later(page: Page, hours: int) -> None:
    """So many hours pass before the page is opened again."""
    kept = card_of(page)
    for one in kept["tokens"].values():
        if one.get("due"):
            one["due"] -= hours * HOUR_MS
    page.evaluate(
        "kept => { const [name] = Object.keys(localStorage).filter(key => key.startsWith('daylight.ballot.'));"
        " localStorage.setItem(name, kept) }",
        json.dumps(kept),
    )
    page.reload()
    page.wait_for_selector(SETTLED)


def test_signed_without_a_name_waits_is_handed_in_at_a_later_visit_and_counted_the_next_day(
    amira: Someone, running: UUID, installed: Installation
) -> None:
    with amira.context() as context, listening(context) as (page, heard):
        page.goto(f"/petitions/{running}")
        page.wait_for_selector(SETTLED)
        make_card(page)
        shows(page, "ready")
        page.click("button[data-act=sign]")
        shows(page, "waiting")
        expect(page.locator("[data-show=waiting]")).to_contain_text("not yet counted")
        assert votes(installed.superuser, running) == 0
        page.reload()
        page.wait_for_selector(SETTLED)
        assert votes(installed.superuser, running) == 0  # a visit too early hands nothing in
        later(page, 21)
        shows(page, "handed-in")
        assert votes(installed.superuser, running) == 1
        with_worker(installed, jobs.count_next)
        assert column(installed.superuser, running, "counted_on") == (clock.now() + timedelta(days=1)).date()
        page.click("[data-show='handed-in'] button[data-act=take-back]")
        shows(page, "ready")
        assert votes(installed.superuser, running) == 0
        assert page.evaluate("window.violations") == []
        assert heard.lines == []


def with_worker(installed: Installation, job: Callable[..., Any]) -> None:
    """A bell of the worker, a day from now, once the ballot has emptied its box on that day."""
    database = Database(installed.settings)
    emptied_on(database, (clock.now() + timedelta(days=1)).date())
    with database.transaction("worker") as session:
        while job(session, clock.now() + timedelta(days=1)) is True:
            pass
    database.dispose()


def test_another_browser_goes_on_with_the_recovery_code(amira: Someone, running: UUID, installed: Installation) -> None:
    with amira.page(f"/petitions/{running}") as page:
        page.wait_for_selector(SETTLED)
        code = make_card(page)
        page.click("button[data-act=sign]")
        shows(page, "waiting")
        later(page, 21)
        shows(page, "handed-in")
    with amira.page(f"/petitions/{running}") as page:
        page.wait_for_selector(SETTLED)
        page.locator("summary", has_text="another browser").click()
        page.get_by_label("Recovery code").fill("not a code")
        page.get_by_role("button", name="Go on with this card").click()
        expect(page.locator("[data-say]")).to_contain_text("no recovery code")
        page.get_by_label("Recovery code").fill(code.lower().replace("-", " "))
        page.get_by_role("button", name="Go on with this card").click()
        shows(page, "handed-in")
        page.click("[data-show='handed-in'] button[data-act=take-back]")
        shows(page, "ready")
        assert votes(installed.superuser, running) == 0


def test_a_second_card_gets_no_second_token(amira: Someone, running: UUID) -> None:
    with amira.page(f"/petitions/{running}") as page:
        page.wait_for_selector(SETTLED)
        make_card(page)
        shows(page, "ready")
        page.locator("summary", has_text="Your ballot card").click()
        page.click("button[data-act=forget]")
        shows(page, "none")
        make_card(page)
        shows(page, "elsewhere")


def test_A01_who_signs_with_the_name_gives_the_token_up_and_the_portal_never_gets_it(
    amira: Someone, running: UUID, installed: Installation
) -> None:
    with amira.page(f"/petitions/{running}") as page:
        page.wait_for_selector(SETTLED)
        make_card(page)
        shows(page, "ready")
        signature = card_of(page)["tokens"][str(running)]["signature"]
        sent: list[str] = []
        portal = installed.base
        page.on("request", lambda one: sent.append(one.post_data or "") if one.url.startswith(portal) else None)
        page.locator("#named").get_by_role("button", name="Sign with my name").click()
        expect(page.locator("#unnamed")).to_contain_text("one person has one signature")
        assert any("ticket=" in one for one in sent)
        assert not [one for one in sent if signature[:20] in one or "signature" in one or "prepared" in one]
        assert (column(installed.superuser, running, "named"), votes(installed.superuser, running)) == (1, 0)
        page.get_by_role("button", name="Take my name back").click()
        page.wait_for_selector(SETTLED)
        shows(page, "spent")
        page.locator("#named").get_by_role("button", name="Sign with my name").click()
        expect(page.locator("#unnamed")).to_contain_text("one person has one signature")
        assert votes(installed.superuser, running) == 0


def noted(sent: list[str], request: Request) -> None:
    """Keep what is asked for."""
    sent.append(request.url)


def test_A02_who_signed_without_a_name_sends_nothing_when_signing_with_it(
    amira: Someone, running: UUID, installed: Installation
) -> None:
    with amira.page(f"/petitions/{running}") as page:
        page.wait_for_selector(SETTLED)
        make_card(page)
        page.click("button[data-act=sign]")
        shows(page, "waiting")
        for state in ("waiting", "handed-in"):
            shows(page, state)
            sent: list[str] = []
            page.on("request", partial(noted, sent))
            page.locator("#named").get_by_role("button", name="Sign with my name").click()
            expect(page.locator("[data-say]")).to_contain_text("You signed without your name already")
            assert sent == []
            later(page, 21)
        assert (column(installed.superuser, running, "named"), votes(installed.superuser, running)) == (0, 1)


def test_taken_back_is_said_when_the_ballot_says_so_whatever_the_browser_believes(
    amira: Someone, running: UUID, installed: Installation, browser: Browser
) -> None:
    with amira.page(f"/petitions/{running}") as page:
        page.wait_for_selector(SETTLED)
        make_card(page)
        page.click("button[data-act=sign]")
        page.locator("summary", has_text="another device").click()
        address = page.locator("[data-link]").get_attribute("href") or ""
        phone = browser.new_page()
        phone.goto(address)
        phone.click("#hand-in")
        expect(phone.get_by_role("status")).to_contain_text("Handed in")
        assert votes(installed.superuser, running) == 1
        page.route("**/v1/take-back", lambda route: route.abort())
        page.click("[data-show=waiting] button[data-act=take-back]")
        shows(page, "taking-back")
        expect(page.locator("[data-say]")).not_to_contain_text("Taken back")
        page.unroute("**/v1/take-back")
        page.reload()
        shows(page, "ready")
        expect(page.locator("[data-say]")).to_contain_text("Taken back")
        assert votes(installed.superuser, running) == 0
        phone.goto("about:blank")
        phone.goto(address)
        phone.click("#hand-in")
        expect(phone.get_by_role("status")).to_contain_text("taken back")
        phone.close()
        assert votes(installed.superuser, running) == 0
        page.click("button[data-act=sign]")
        later(page, 21)
        shows(page, "handed-in")
        assert votes(installed.superuser, running) == 1


def test_who_has_left_takes_an_unnamed_signature_back(amira: Someone, running: UUID, installed: Installation) -> None:
    with amira.page(f"/petitions/{running}") as page:
        page.wait_for_selector(SETTLED)
        make_card(page)
        page.click("button[data-act=sign]")
        shows(page, "waiting")
        later(page, 21)
        shows(page, "handed-in")
        assert votes(installed.superuser, running) == 1
        installed.superuser.execute("UPDATE employee SET left_at = now() WHERE id = %s", [amira.id])
        installed.superuser.commit()
        page.reload()
        page.wait_for_selector(SETTLED)
        page.get_by_role("button", name="Take my unnamed signature back").click()
        expect(page.locator("[data-say]")).to_contain_text("Taken back")
        assert votes(installed.superuser, running) == 0
        assert page.locator("button[data-act=sign]").count() == 0


def test_on_the_last_day_it_is_handed_in_at_once(amira: Someone, installed: Installation) -> None:
    ends = petition(installed.superuser, ends_on=today())
    key_of(installed.superuser, ends)
    with amira.page(f"/petitions/{ends}") as page:
        page.wait_for_selector(SETTLED)
        make_card(page)
        page.click("button[data-act=sign]")
        shows(page, "handed-in")
        expect(page.locator("[data-say]")).to_contain_text("since today is the last day")
        assert votes(installed.superuser, ends) == 1


def test_A02_another_key_than_the_stated_one_is_refused(amira: Someone, running: UUID) -> None:
    def forge(route: Route) -> None:
        answer = route.fetch()
        text = re.sub(r"(data-fingerprint[^>]*>)....", r"\g<1>0000", answer.text())
        route.fulfill(response=answer, body=text)

    with amira.page(f"/petitions/{running}") as page:
        page.route(f"**/petitions/{running}", forge)
        page.reload()
        page.wait_for_selector(SETTLED)
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url) if one.url.endswith(f"{running}/token") else None)
        page.click("button[data-act=make]")
        page.wait_for_selector("[data-ballot]:not([aria-busy])")
        page.click("button[data-act=written]")
        shows(page, "no-key no-token")
        assert asked == []


def test_A02_a_key_is_as_the_ballot_makes_them(browser: Browser, installed: Installation) -> None:
    page = browser.new_page()
    page.goto(f"{installed.base}/about")
    page.evaluate(BLIND.read_text())
    for exponent, bits, good in ((65537, 3072, True), (65537, 2048, False), (3, 3072, False)):
        key = rsa.generate_private_key(exponent, bits).public_key()
        spki = base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
        read = "spki => window.daylightBlind.readPetitionKey(spki).then(() => true, error => error.message)"
        assert page.evaluate(read, spki) == (good or "other_key")
    page.close()


def test_each_step_of_the_card_gets_the_focus_and_is_said(amira: Someone, running: UUID) -> None:
    steps = {
        "make": ("Your recovery code", "Your ballot card is made"),
        "written": ("This browser can sign", "Your ballot card is ready"),
        "sign": ("Signed, but not yet counted", "Signed. It is handed in later"),
        "take-back": ("This browser can sign", "Taken back"),
    }
    with amira.page(f"/petitions/{running}") as page:
        page.wait_for_selector(SETTLED)
        for act, (heading, said) in steps.items():
            button = page.locator(f"button[data-act={act}]:visible").first
            button.focus()
            page.keyboard.press("Enter")
            expect(page.locator(":focus")).to_contain_text(heading)
            expect(page.locator("[data-say]")).to_contain_text(said)


def test_the_qr_page_hands_in_without_the_portal(
    amira: Someone, running: UUID, installed: Installation, browser: Browser
) -> None:
    with amira.page(f"/petitions/{running}") as page:
        page.wait_for_selector(SETTLED)
        make_card(page)
        page.click("button[data-act=sign]")
        page.locator("summary", has_text="another device").click()
        expect(page.locator("[data-qr] svg path")).to_have_count(1)
        address = page.locator("[data-link]").get_attribute("href") or ""
    assert installed.settings.ballot_url
    assert address.startswith(f"{installed.settings.ballot_url}/#{running}.")
    phone = browser.new_context(locale="de-DE", viewport={"width": 360, "height": 640})
    with listening(phone) as (page, heard):
        page.goto(address)
        assert "#" not in page.url
        assert "Demodaten." in page.inner_text("body")
        page.get_by_role("button", name="Jetzt abgeben").click()
        expect(page.get_by_role("status")).to_contain_text("Abgegeben")
        assert votes(installed.superuser, running) == 1
        assert phone.cookies() == []
        assert page.evaluate("window.violations") == []
        assert heard.lines == []
    phone.close()


def test_without_javascript_only_names_and_the_page_says_why(amira: Someone, running: UUID) -> None:
    with amira.page(f"/petitions/{running}", java_script_enabled=False) as page:
        expect(page.locator("[data-ballot]")).to_be_hidden()
        expect(page.locator("#unnamed")).to_contain_text("Without JavaScript you can only sign with your name")
        page.locator("#named").get_by_role("button", name="Sign with my name").click()
        expect(page.locator("#named")).to_contain_text("You signed with your name")
        expect(page.locator("#names")).to_contain_text("Amira Kaya")
        page.get_by_role("button", name="Take my name back").click()
        expect(page.locator("#names")).to_contain_text("Nobody yet")


def test_starting_one_shows_similar_ones_first_as_a_step(amira: Someone, running: UUID) -> None:
    for script in (True, False):
        with amira.page("/petitions/new", java_script_enabled=script) as page:
            page.get_by_label("Title").fill("Screenshots in design tools must stop")
            if script:
                page.keyboard.press("Tab")
                expect(page.locator("#similar")).to_contain_text(str(WORDS["title"]))
            page.get_by_label("What should happen?").fill("Stop taking screenshots of our designs.")
            page.get_by_label("Why?").fill("Because they are unpublished work.")
            page.get_by_role("button", name="Start the petition").click()
            expect(page.locator("#similar")).to_contain_text(str(WORDS["title"]))
            page.get_by_role("button", name="Start mine anyway").click()
            expect(page.locator("h1")).to_have_text("Screenshots in design tools must stop")


def test_A01_the_browser_agrees_with_the_vectors_of_the_rfc(browser: Browser, installed: Installation) -> None:
    vector = json.loads((PUBLISHED / "rfc9474.json").read_text())
    public = rsa.RSAPublicNumbers(65537, int(vector["p"], 16) * int(vector["q"], 16)).public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()
    page = browser.new_page()
    page.goto(f"{installed.base}/about")
    page.evaluate(BLIND.read_text())
    found = page.evaluate(
        """async ([vector, spki]) => {
          const lib = window.daylightBlind, bytes = hex => lib.toBytes(BigInt('0x' + hex), hex.length / 2);
          const hex = data => Array.from(data, byte => byte.toString(16).padStart(2, '0')).join('');
          const key = await lib.readKey(lib.base64(bytes(spki)));
          const prepared = bytes(vector.msg_prefix + vector.msg);
          const factor = lib.inverse(BigInt('0x' + vector.inv), key.n);
          const blinded = await lib.blind(key, prepared, bytes(vector.salt), factor);
          const signature = await lib.finalize(key, prepared, bytes(vector.blind_sig), factor);
          const own = await lib.secret('ABCD'.repeat(6), '5f0c3f5e-7d0f-4d3c-9c41-2f1f6f0f7a11', key);
          return [hex(blinded), hex(signature), hex(own.prepared), hex(own.salt), own.factor.toString(16)];
        }""",
        [vector, spki],
    )
    page.close()
    own = token.secret("ABCD" * 6, UUID("5f0c3f5e-7d0f-4d3c-9c41-2f1f6f0f7a11"), public)
    assert found == [
        vector["blinded_msg"], vector["sig"], own.prepared.hex(), own.salt.hex(), f"{own.factor:x}"
    ]  # fmt: skip
