"""A copy for somebody who has left: two people of HR, two secrets, a third for the leaver alone (decision 0043)."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.db import Database
from portal.core.vault_client import HandoverRefused, TicketRefused, VaultClient
from portal.core.vault_handovers import HandoverClient
from portal.requests import actions
from portal.requests.deciding import Proposal
from portal.requests.rules import About, Actor, RequestType, Role
from tests.requests.arrange import MONTH, YES, decided
from tests.vault import arrange
from tests.vault.arrange import SECRET, Insider, Superuser, looks_of, store, typed
from tests.vault.exporting import Archive, await_state
from tests.vault.provider import Provider
from tests.web_client import BASE, Browser

BrowserOf = Callable[[Insider], Browser]
CODE = re.compile(r'<p class="code">([A-Z2-7]{5}(?:-[A-Z2-7]{5}){3})</p>')
LINK = re.compile(r"<code>\S+?/pickup/([\w-]+)</code>")
CHECKED = "Passport shown in the office."


class Office:
    """A leaver with one item, an agreed request, two people of HR, and what they do."""

    def __init__(
        self, superuser: Superuser, provider: Provider, client: VaultClient, database: Database, said: Proposal = YES
    ) -> None:
        self.superuser, self.database = superuser, database
        self.leaver = arrange.sign_in(superuser, provider, client, "Lena Leaver")
        self.item = store(superuser, self.leaver, typed())
        self.hana = arrange.sign_in(superuser, provider, client, "Hana Lindqvist")
        self.helge = arrange.sign_in(superuser, provider, client, "Helge Moe")
        self.mallory = arrange.sign_in(superuser, provider, client, "Mallory Moe")
        for who in (self.hana, self.helge):
            superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'hr')", [who.person])
        superuser.execute(
            "UPDATE employee SET left_at = now() - interval '15 days' WHERE id = %s", [self.leaver.person]
        )
        superuser.execute("UPDATE login_session SET ended_at = now() WHERE employee_id = %s", [self.leaver.person])
        superuser.commit()
        self.vault = HandoverClient(client)
        self.request, self.number = self._asked(said)

    def _asked(self, said: Proposal) -> tuple[UUID, int]:
        by, now = Actor(self.hana.person, Role.HR, "Hana Lindqvist"), clock.now()
        with self.database.transaction("web_hr", self.hana.person) as session:
            filed = actions.file(
                session, self.leaver.person, RequestType.ACCESS, About(), by, now, law="gdpr", due_at=now + MONTH
            )  # fmt: skip
            made, number = filed.id, filed.number
        decided(self.database, made, said)
        return made, number

    @property
    def path(self) -> str:
        """HR's page."""
        return f"/hr/requests/{self.number}/handover"

    def prepared(self) -> tuple[UUID, str]:
        """Hana has checked."""
        return self.vault.prepare(self.hana.ticket, self.request, CHECKED)

    def agreed(self) -> tuple[str, str]:
        """Link and release code."""
        made, link = self.prepared()
        return link, self.vault.approve(self.helge.ticket, made)

    def ready(self) -> tuple[str, str]:
        """Link and pickup code of an archive that is made."""
        link, code = self.agreed()
        pickup = self.vault.claim(link, code, "en")
        self.made()
        return link, pickup

    def made(self) -> None:
        """The archive is made; no worker runs here that would read external stores for it."""
        made = UUID(str(self.row("SELECT order_id FROM handover WHERE request_id = %s", self.request)[0]))
        self.write("UPDATE export_order SET stores_listed_at = now() WHERE id = %s", made)
        assert await_state(self.superuser, made, lambda row: row["finished_at"], 30)["state"] == "ready"

    def row(self, statement: str, *values: object) -> tuple[Any, ...]:
        """One row, as the superuser sees it."""
        found = self.superuser.execute(statement.encode(), values).fetchone()
        self.superuser.rollback()
        assert found is not None
        return found

    def write(self, statement: str, *values: object) -> None:
        """What somebody who rules over the database could do."""
        self.superuser.execute(statement.encode(), values)
        self.superuser.commit()


@pytest.fixture
def office(superuser: Superuser, identity_provider: Provider, client: VaultClient, database: Database) -> Office:
    return Office(superuser, identity_provider, client, database)


@pytest.fixture
def nobody(portal: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(portal, None, BASE)


def refused(act: Callable[[], object], why: str) -> None:
    with pytest.raises(HandoverRefused) as caught:
        act()
    assert caught.value.why == why


def typed_in(browser: Browser, path: str, form: dict[str, object]) -> TestResponse:
    """A form of the page behind the link, sent from there."""
    return browser.post(path, form, page=path.removesuffix("/download"))


# --- refusals first


def test_C05_only_hr_with_a_live_fresh_ticket_prepares(office: Office) -> None:
    for ticket in (office.mallory.ticket, office.leaver.ticket, "x"):
        with pytest.raises(TicketRefused):
            office.vault.prepare(ticket, office.request, CHECKED)
    office.write(
        "UPDATE login_session SET auth_time = now() - interval '16 minutes' WHERE employee_id = %s", office.hana.person
    )
    with pytest.raises(TicketRefused):
        office.prepared()


def test_C05_only_for_what_hr_agreed_to_and_for_who_has_left(office: Office) -> None:
    refused(lambda: office.vault.prepare(office.hana.ticket, uuid4(), CHECKED), "unknown")
    office.write("UPDATE request SET state = 'open' WHERE id = %s", office.request)
    refused(office.prepared, "unknown")
    office.write("UPDATE request SET state = 'approved', started_by = 'person' WHERE id = %s", office.request)
    refused(office.prepared, "unknown")
    office.write("UPDATE request SET started_by = 'hr' WHERE id = %s", office.request)
    office.write("UPDATE employee SET left_at = NULL WHERE id = %s", office.leaver.person)
    refused(office.prepared, "unknown")


def test_C05_who_was_called_a_leaver_has_two_weeks_to_say_so(office: Office, browser_of: BrowserOf) -> None:
    office.write("UPDATE employee SET left_at = now() - interval '13 days' WHERE id = %s", office.leaver.person)
    refused(office.prepared, "unknown")
    hana = browser_of(office.hana)
    assert "A copy can be handed over from" in hana.get(office.path).get_data(as_text=True)
    answer = hana.post(office.path, {"checked": CHECKED}, page=office.path)
    assert answer.status_code == 422
    assert office.row("SELECT count(*) FROM handover WHERE request_id = %s", office.request) == (0,)


def test_C05_no_login_of_the_web_calls_somebody_a_leaver_of_long_ago(office: Office) -> None:
    long_ago = "left_at < now() - interval '14 days'"
    for before in ("NULL", "now()"):
        office.write(f"UPDATE employee SET left_at = {before} WHERE id = %s", office.leaver.person)
        with office.database.transaction("web_directory") as session:
            session.execute(
                text("UPDATE employee SET left_at = now() - interval '15 days' WHERE id = :who"),
                {"who": office.leaver.person},
            )
        row = office.row(f"SELECT left_at IS NOT NULL, {long_ago} FROM employee WHERE id = %s", office.leaver.person)
        assert row == (True, False), f"before: {before}"
    refused(office.prepared, "unknown")


def test_C05_a_handover_ends_when_the_person_works_here_after_all(office: Office, browser_of: BrowserOf) -> None:
    link, code = office.agreed()
    office.write("UPDATE employee SET left_at = NULL WHERE id = %s", office.leaver.person)
    assert office.vault.state(link)[0] == "ended"
    refused(lambda: office.vault.claim(link, code, "en"), "over")
    page = browser_of(office.hana).get(office.path).get_data(as_text=True)
    assert "This person works here, and fetches the copy themselves." in page


def test_C05_one_person_of_hr_alone_cannot(office: Office) -> None:
    made, link = office.prepared()
    refused(lambda: office.vault.approve(office.hana.ticket, made), "four_eyes")
    with pytest.raises(TicketRefused):
        office.vault.approve(office.mallory.ticket, made)
    assert office.vault.state(link)[0] == "waiting"
    refused(lambda: office.vault.claim(link, "AAAAA-AAAAA-AAAAA-AAAAA", "en"), "over")


def test_a_second_handover_waits_for_the_end_of_the_first(office: Office) -> None:
    made, link = office.prepared()
    refused(office.prepared, "twice")
    office.vault.revoke(office.helge.ticket, made)
    assert office.vault.state(link)[0] == "ended"
    assert office.prepared()


def test_C05_a_wrong_code_opens_nothing_and_ten_end_it(office: Office) -> None:
    link, code = office.agreed()
    refused(lambda: office.vault.claim("x" * 32, code, "en"), "unknown")
    for _ in range(10):
        refused(lambda: office.vault.claim(link, "AAAAA-AAAAA-AAAAA-AAAAA", "en"), "wrong_code")
    refused(lambda: office.vault.claim(link, code, "en"), "over")
    assert office.vault.state(link)[0] == "ended"
    logged = office.row("SELECT count(*) FROM audit_entry WHERE action = 'handover.wrong_code' AND employee_id = %s",
                        office.leaver.person)  # fmt: skip
    assert logged == (10,)
    assert looks_of(office.superuser, office.leaver.person) == []


def test_C05_an_expired_link_opens_nothing(office: Office) -> None:
    link, code = office.agreed()
    office.write("UPDATE handover SET expires_at = now() - interval '1 second' WHERE request_id = %s", office.request)
    refused(lambda: office.vault.claim(link, code, "en"), "over")


@pytest.mark.parametrize(
    "forged",
    [
        "approved_by = gen_random_uuid()",
        "approve_seal = prepare_seal",
        "code_hash = sha256('code AAAAAAAAAAAAAAAAAAAA')",
        "checked = 'Nothing.'",
        "kinds = '{key}'",
        "expires_at = expires_at + interval '1 day'",
        "prepared_by = gen_random_uuid()",
    ],
)
def test_C05_a_forged_grant_opens_nothing(office: Office, forged: str) -> None:
    link, code = office.agreed()
    office.write(f"UPDATE handover SET {forged} WHERE request_id = %s", office.request)
    with pytest.raises(HandoverRefused):
        office.vault.claim(link, "AAAAA-AAAAA-AAAAA-AAAAA" if "code_hash" in forged else code, "en")
    assert office.row("SELECT count(*) FROM export_order WHERE employee_id = %s", office.leaver.person) == (0,)


def test_C05_a_grant_of_another_person_opens_nothing(office: Office, amira: Insider) -> None:
    link, code = office.agreed()
    office.write("UPDATE handover SET employee_id = %s WHERE request_id = %s", amira.person, office.request)
    with pytest.raises(HandoverRefused):
        office.vault.claim(link, code, "en")


def test_C05_the_two_of_hr_cannot_open_what_the_leaver_claimed(office: Office) -> None:
    link, code = office.agreed()
    pickup = office.vault.claim(link, code, "en")
    refused(lambda: office.vault.claim(link, code, "en"), "over")
    office.made()
    refused(lambda: office.vault.take(link, code), "wrong_code")
    office.write(
        "UPDATE handover SET pickup_hash = sha256('code AAAAAAAAAAAAAAAAAAAA') WHERE request_id = %s", office.request
    )
    refused(lambda: office.vault.take(link, "AAAAA-AAAAA-AAAAA-AAAAA"), "unknown")
    assert pickup != code


def test_ending_it_after_the_claim_keeps_the_archive_shut(office: Office) -> None:
    link, pickup = office.ready()
    made = office.row("SELECT id FROM handover WHERE request_id = %s", office.request)[0]
    office.vault.revoke(office.hana.ticket, UUID(str(made)))
    refused(lambda: office.vault.take(link, pickup), "over")


# --- how it goes


def test_C05_the_copy_is_fetched_once_and_every_act_is_logged(office: Office) -> None:
    link, pickup = office.ready()
    assert office.vault.state(link)[0] == "ready"
    archive = Archive(b"".join(office.vault.take(link, pickup.lower().replace("-", " "))))
    assert [item["content"]["text"] for item in archive.items()] == [SECRET]
    assert archive.lines("data/about/handovers.jsonl")[0]["checked"] == CHECKED
    refused(lambda: office.vault.take(link, pickup), "over")
    assert office.vault.state(link)[0] == "taken"
    acts = office.row(
        "SELECT array_agg(action ORDER BY id) FROM audit_entry WHERE action LIKE 'handover.%%' AND employee_id = %s",
        office.leaver.person,
    )
    assert acts[0] == ["handover.prepared", "handover.approved", "handover.claimed", "handover.taken"]
    purposes = office.row(
        "SELECT array_agg(purpose ORDER BY at) FROM look WHERE employee_id = %s", office.leaver.person
    )
    assert purposes[0] == ["export", "export_download"]


def test_C01_no_secret_of_it_lies_in_the_database(office: Office) -> None:
    link, pickup = office.ready()
    told = office.row("SELECT h::text FROM handover h WHERE request_id = %s", office.request)[0]
    for secret in (link, pickup, pickup.replace("-", "")):
        assert secret not in told


def test_from_hrs_page_to_the_file(office: Office, browser_of: BrowserOf, nobody: Browser) -> None:
    hana, helge = browser_of(office.hana), browser_of(office.helge)
    assert f'href="{office.path}"' in hana.get(f"/hr/requests/{office.number}").text
    assert hana.post(office.path, {"checked": " "}).status_code == 422
    link = LINK.search(html.unescape(hana.post(office.path, {"checked": CHECKED}).text))
    assert link
    assert "Agree and get the code" not in hana.get(office.path).text
    assert CHECKED in helge.get(office.path).text
    code = CODE.search(helge.post(f"{office.path}/approve").text)
    assert code
    path = f"/pickup/{link[1]}"
    assert "Have my archive made" in nobody.get(path).text
    wrong = typed_in(nobody, path, {"code": "AAAAA"})
    assert (wrong.status_code, "This code is not right" in wrong.text) == (422, True)
    pickup = CODE.search(typed_in(nobody, path, {"code": code[1]}).text)
    assert pickup
    office.made()
    assert "Fetch my archive" in nobody.get(path).text
    answer = typed_in(nobody, f"{path}/download", {"code": pickup[1]})
    assert [item["content"]["text"] for item in Archive(answer.get_data()).items()] == [SECRET]
    assert answer.headers["Cache-Control"] == "no-store"
    again = typed_in(nobody, f"{path}/download", {"code": pickup[1]})
    assert (again.status_code, "was fetched" in again.text) == (422, True)
    assert "the person has it" in hana.get(office.path).text


def test_pages_refuse_strangers_and_unknown_links(office: Office, browser_of: BrowserOf, nobody: Browser) -> None:
    assert nobody.get(office.path).status_code == 303
    assert browser_of(office.mallory).get(office.path).status_code == 403
    assert browser_of(office.mallory).post(office.path, {"checked": "x"}).status_code == 403
    assert browser_of(office.hana).post(office.path, {"checked": "x", "csrf_token": "wrong"}).status_code == 400
    assert browser_of(office.hana).post(f"{office.path}/approve").status_code == 404
    for answer in (nobody.get("/pickup/nothing"), typed_in(nobody, "/pickup/nothing", {"code": "A"})):
        assert answer.status_code == 404
    office.write("UPDATE request SET state = 'open' WHERE id = %s", office.request)
    assert browser_of(office.hana).get(office.path).status_code == 404


def test_guessing_codes_is_slowed_down(office: Office, nobody: Browser) -> None:
    link, _ = office.agreed()
    answers = [typed_in(nobody, f"/pickup/{link}", {"code": "AAAAA"}).status_code for _ in range(11)]
    assert answers[-1] == 429


def test_an_old_link_says_so(office: Office, nobody: Browser) -> None:
    link, _ = office.agreed()
    office.write(
        "UPDATE handover SET expires_at = %s WHERE request_id = %s", clock.now() - timedelta(days=1), office.request
    )
    assert "This address is too old." in nobody.get(f"/pickup/{link}").text
