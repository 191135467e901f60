"""Who may not decide, what a second of time changes, and how many keys it takes."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.core import clock
from portal.core.db import Database
from portal.policies.deciding import actions, rules
from portal.policies.deciding.actions import Hand
from portal.policies.deciding.rules import RefusedError, Why
from tests.deciding.conftest import Chamber
from tests.web_client import statements
from tests.wire.samples import (
    BERLIN,
    BERLIN_2,
    COUNCIL,
    COUNCILS,
    MUNICH,
    MUNICH_2,
    NOW,
    OFFICER,
    POLICY,
    SECOND,
    STRANGER,
)
from wire import documents, dsse
from wire.documents import Signer
from wire.policy import Audience, accepts
from wire.precedence import Change

ORIGIN = {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}
PATHS = ("/council/policies/{}/sign", "/council/policies/{}/reject", "/council/policies/{}/conditions")
WIDER = replace(POLICY, version=4, max_sensitivity=4)
NARROWER = replace(POLICY, version=4, max_sensitivity=1)


@pytest.mark.parametrize("path", [*PATHS, "/officer/signing/{}", "/council/policies/clauses"])
def test_nobody_else_decides(chamber: Chamber, withheld: int, person: Callable[..., UUID], path: str) -> None:
    """Anonymous, stranger, HR, the other desk, without token, from another site: refused, and nothing changes."""
    address = path.format(withheld)
    envelope = chamber.envelope(withheld, chamber.organisation.council, chamber.organisation.officer)
    sent = {"envelope": envelope, "reasons": "no", "number": "1", "text_en": "a", "text_de": "b", "kinds": "key"}
    hana = person("Hana Berg")
    chamber.superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'hr')", [hana])
    chamber.superuser.commit()
    mine, other = (chamber.omar, chamber.clara) if path.startswith("/officer") else (chamber.clara, chamber.omar)
    anonymous = chamber.browse(None)._client.post(address, data=sent, base_url="https://localhost", headers=ORIGIN)
    assert anonymous.status_code == 401
    for who in (chamber.amira, hana, other):
        assert chamber.as_(who).post(address, dict(sent)).status_code == 403
        assert chamber.as_(who).get(address).status_code == 403
    client = chamber.as_(mine)._client
    assert client.post(address, data=sent, base_url="https://localhost", headers=ORIGIN).status_code == 400
    foreign = {"Origin": "https://evil.example"}
    assert client.post(address, data=sent, base_url="https://localhost", headers=foreign).status_code == 403
    assert chamber.as_(mine)._client.put(address, base_url="https://localhost", headers=ORIGIN).status_code == 405
    assert chamber.state(withheld) == "submitted"
    for table in ("policy_signature", "policy_decision", "agreement_clause"):
        assert chamber.value(f"SELECT count(*) FROM {table}") == 0
    chamber.superuser.execute("DELETE FROM role_grant WHERE employee_id = %s", [hana])
    chamber.superuser.commit()


@pytest.mark.parametrize("path", [*PATHS, "/officer/signing/{}"])
def test_S07_deciding_asks_for_a_fresh_sign_in(chamber: Chamber, withheld: int, path: str) -> None:
    mine = chamber.omar if path.startswith("/officer") else chamber.clara
    browser = chamber.as_(mine)
    chamber.superuser.execute(
        "UPDATE login_session SET auth_time = now() - interval '16 minutes' WHERE employee_id = %s", [mine]
    )
    chamber.superuser.commit()
    page, act = browser.get(path.format(withheld)), browser.post(path.format(withheld), {"reasons": "no"})
    assert page.status_code == 303
    assert "fresh=1" in page.headers["Location"]
    assert (act.status_code, "Sign in again first." in act.text) == (401, True)
    assert chamber.state(withheld) == "submitted"


@pytest.mark.parametrize("path", ["", "/sign", "/reject", "/conditions", "/to-sign.json"])
def test_a_draft_that_is_still_written_is_nobodys_to_see(chamber: Chamber, withheld: int, path: str) -> None:
    for number in (withheld + 1000, 1 << 60):
        assert chamber.as_(chamber.clara).get(f"/council/policies/{number}{path}").status_code == 404
    answer = chamber.as_(chamber.clara).get(f"/council/policies/{withheld}{path}")
    assert answer.status_code == 200
    assert statements(answer) <= 12


def test_a_signature_comes_as_a_file_too(chamber: Chamber, withheld: int) -> None:
    envelope = chamber.envelope(withheld, chamber.organisation.council).encode()
    fields: dict[str, Any] = {"file": (BytesIO(envelope + b"\n"), "signature.json"), "minutes": "All of us agreed."}
    assert chamber.as_(chamber.clara).post(f"/council/policies/{withheld}/sign", fields).status_code == 303
    assert "All of us agreed." in chamber.as_(chamber.clara).get(f"/council/policies/{withheld}").get_data(as_text=True)


def test_P03_two_last_signatures_at_one_moment_publish_once(
    chamber: Chamber, withheld: int, database: Database
) -> None:
    """Officer and council hand in at the same moment: whoever comes second sees the first, and publishes."""
    keys = chamber.organisation
    hands = [
        (chamber.omar, Signer.OFFICER, keys.officer, "web_officer"),
        (chamber.clara, Signer.COUNCIL, keys.council, "web_council"),
    ]
    draft = chamber.value("SELECT id FROM policy_draft WHERE number = %s", withheld)
    together, done = threading.Barrier(2), []
    document = chamber.document(withheld)

    def sign(who: UUID, role: Signer, key: Ed25519PrivateKey, login: str) -> None:
        with database.transaction(login, who) as session:
            together.wait(30)
            envelope = documents.sign(document, [key])
            done.append(actions.sign(session, Hand(who, role, clock.now()), draft, envelope))

    threads = [threading.Thread(target=sign, args=hand) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == [False, True]
    assert chamber.published(withheld)
    told = "SELECT count(*) FROM notification WHERE kind = 'policy_published' AND employee_id = %s"
    assert chamber.value(told, chamber.amira) == 1


def test_P03_two_officers_publishing_different_drafts_at_one_moment(chamber: Chamber, database: Database) -> None:
    first, second = chamber.submit(max_sensitivity=3), chamber.submit(max_sensitivity=2)
    drafts = [
        (
            chamber.value("SELECT id FROM policy_draft WHERE number = %s", one),
            chamber.envelope(one, chamber.organisation.officer),
        )
        for one in (first, second)
    ]
    together = threading.Barrier(2)
    done: list[bool | Why] = []

    def sign(draft: UUID, envelope: str) -> None:
        try:
            with database.transaction("web_officer", chamber.omar) as session:
                together.wait(30)
                hand = Hand(chamber.omar, Signer.OFFICER, clock.now())
                done.append(actions.sign(session, hand, draft, envelope.encode()))
        except RefusedError as error:
            done.append(error.why)

    threads = [threading.Thread(target=sign, args=one) for one in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # The higher version first makes the lower one a rollback; the lower first makes the other's difference stale.
    assert set(done) == {True, Why.OVERTAKEN}
    assert chamber.value("SELECT count(*) FROM policy WHERE version > 1") == 1


HOLDERS = (OFFICER, COUNCIL, SECOND, BERLIN, BERLIN_2, MUNICH, MUNICH_2, STRANGER)


SITES = st.sampled_from([None, ("Berlin",), ("Berlin", "München")])


@given(st.lists(st.sampled_from(HOLDERS)), SITES, st.sampled_from([None, 2]))
def test_P03_a_widening_needs_an_officer_and_a_quorum_of_different_keys(
    keys: list[Ed25519PrivateKey], sites: tuple[str, ...] | None, quorum: int | None
) -> None:
    """The desk asks for exactly what devices ask for, and a key that signs twice is one key."""
    trust = replace(COUNCILS, quorum=quorum)
    old, place = replace(POLICY, audience=Audience(None, None, None)), Audience(sites, None, None)
    new, less = replace(old, version=4, audience=place, max_sensitivity=4), replace(old, version=4, audience=place)
    signed = [dsse.key_id(dsse.raw_public(key)) for key in keys]
    council = {key for key in keys if key in ((BERLIN, BERLIN_2) if sites == ("Berlin",) else (COUNCIL, SECOND))}
    wider, narrower = rules.needed(Change(old, new), trust), rules.needed(Change(old, less), trust)
    assert wider.met(trust, signed) is (OFFICER in keys and len(council) >= (quorum or 1))
    assert narrower.met(trust, signed) is (OFFICER in keys)
    assert rules.needed(Change(None, less), trust) == wider
    known = set(keys) - {STRANGER}
    if known:
        assert accepts(documents.sign(new, known), trust, old, NOW) is wider.met(trust, signed)


@given(st.integers(0, 400), st.integers(0, 72))
def test_people_are_told_in_time_or_not_at_all(hours_ahead: int, notice: int) -> None:
    now = POLICY.not_before
    wider = replace(WIDER, not_before=now + hours_ahead * rules.HOUR_MS)
    told = timedelta(hours=notice)
    expected = pytest.raises(RefusedError, match="no_notice") if hours_ahead < notice else nullcontext()
    with expected:
        rules.timely(Change(POLICY, wider), now, told)
    rules.timely(Change(POLICY, replace(NARROWER, not_before=now)), now, told)


def test_P03_the_database_takes_no_signature_of_the_other_side(chamber: Chamber, withheld: int) -> None:
    """Not even the officer's own login writes a signature of the council, or tells people of what is not published."""
    draft = chamber.value("SELECT id FROM policy_draft WHERE number = %s", withheld)
    forged = text(
        "INSERT INTO policy_signature (id, draft_id, signer, key_id, envelope) "
        "VALUES (gen_random_uuid(), :d, 'council', 'x', 'y')"
    )
    tell = text("SELECT policy_tell((SELECT id FROM policy LIMIT 1), true, null, null, null)")
    for statement in (forged, tell):
        with (
            pytest.raises(ProgrammingError),
            chamber.database.transaction("web_officer", chamber.omar) as session,
        ):
            session.execute(statement, {"d": draft} if statement is forged else {})
    assert documents.document_hash(chamber.document(withheld))
