"""/council/smallest-group: proposed, downloaded, signed with a key of the council, handed in; everybody reads it."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from portal.core import clock
from portal.core.db import Database
from portal.council import groupings
from portal.operations.publish import as_owner
from portal.policies.actions import publish_trust
from portal.releases.grouping import next_quarter
from portal.signing import bundle
from tests.cast import Organisation
from tests.council.conftest import Council
from wire import canonical, codec, documents, dsse
from wire.documents import Signer, TrustedKey
from wire.grouping import SmallestGroup

PATH = "/council/smallest-group"
REASON = "Our smallest teams want to see themselves."


@pytest.fixture
def signing(council: Council) -> Organisation:
    """A trust document with a council's key."""
    made = Organisation()
    with as_owner(council.company.settings) as session:
        publish_trust(session, made.trust_envelope())
    return made


def propose(council: Council, people: object = 8, reason: str = REASON) -> int:
    """Clara proposes a number; the status."""
    clara = council.as_(council.clara)
    return clara.post(PATH, {"people": str(people), "reason": reason}).status_code


def waiting(council: Council) -> str:
    """The address of the proposal that waits."""
    found = council.company.value("SELECT id FROM smallest_group WHERE signed_at IS NULL AND withdrawn_at IS NULL")
    return f"{PATH}/{found}"


def to_sign(council: Council) -> bundle.ToSign:
    """What the council downloads, read as the signing file reads it."""
    return bundle.read(council.get(f"{waiting(council)}/to-sign.json"))


def hand_in(council: Council, envelope: bytes) -> int:
    """Clara brings a signature back; the status."""
    answer = council.as_(council.clara).post(f"{waiting(council)}/sign", {"signed": envelope.decode()})
    return answer.status_code


def test_only_the_council_proposes_and_everybody_reads(council: Council, signing: Organisation) -> None:
    for who in (council.ben, council.hana):
        assert council.as_(who).get(PATH).status_code == 403
        assert council.as_(who).post(PATH, {"people": "8", "reason": REASON}).status_code == 403
        page = council.get("/statistics/smallest-group", who)
        assert "10 people" in page
        assert "Propose" not in page
    assert council.as_(None).get("/statistics/smallest-group").status_code in {302, 303, 401}
    assert "Nothing was proposed yet" in council.get(PATH)
    assert propose(council) == 303
    for who in (council.ben, council.hana):
        assert council.as_(who).get(f"{waiting(council)}/to-sign.json").status_code == 403
        for act in ("sign", "withdraw"):
            assert council.as_(who).post(f"{waiting(council)}/{act}", {}).status_code == 403


def test_proposed_signed_and_read_by_everybody(council: Council, signing: Organisation) -> None:
    assert propose(council) == 303
    whole = to_sign(council)
    starts = next_quarter(clock.now())
    assert (whole.new.people, whole.new.replaces, whole.new.starts) == (8, 10, starts.isoformat())
    assert whole.new.reason == REASON
    assert hand_in(council, documents.sign(whole.new, [signing.council])) == 303
    page = council.get("/statistics/smallest-group", council.ben)
    assert "8 people from" in page
    assert REASON in page
    (key,) = council.company.value("SELECT envelope::jsonb -> 'signatures' FROM smallest_group")
    assert key["keyid"][:16] in page
    assert council.company.value("SELECT count(*) FROM audit_entry WHERE action = 'smallest_group.signed'") == 1
    assert propose(council, 10) == 303
    assert to_sign(council).new.replaces == 8


@pytest.mark.parametrize("people", ["7", "0", "-1", "1001", "ten", "", "8.5", "٨", "10"])
def test_A04_no_number_below_the_floor_is_proposed(council: Council, signing: Organisation, people: str) -> None:
    assert propose(council, people) == 422
    assert council.company.value("SELECT count(*) FROM smallest_group") == 0


@pytest.mark.parametrize("reason", ["", "x", "a" * 501, "evil \u202e text"])
def test_a_reason_is_one_line_that_everybody_can_read(council: Council, signing: Organisation, reason: str) -> None:
    assert propose(council, 8, reason) == 422


def test_A04_signatures_that_are_none_of_the_council(council: Council, signing: Organisation) -> None:
    propose(council)
    given = to_sign(council)
    other = SmallestGroup(9, 8, 10, given.new.starts, "Another one.", given.new.issued)
    payload = canonical.encode(codec.to_value(given.new))
    for wrong in (
        documents.sign(given.new, [signing.officer]),
        documents.sign(given.new, [signing.officer, signing.council]),
        documents.sign(given.new, [Organisation().council]),
        documents.sign(given.new, []),
        documents.sign(other, [signing.council]),
        payload,
        b"{}",
        b"",
        council.get(f"{waiting(council)}/to-sign.json").encode(),
    ):
        assert hand_in(council, wrong) == 422, wrong[:40]
    assert (
        council.company.value("SELECT count(*) FROM smallest_group WHERE signed_at IS NULL AND envelope IS NULL") == 1
    )
    assert "10 people" in council.get("/statistics/smallest-group", council.ben)


def test_one_proposal_at_a_time_and_a_withdrawn_one_is_kept(council: Council, signing: Organisation) -> None:
    propose(council)
    assert propose(council, 12) == 409
    address, signed = waiting(council), documents.sign(to_sign(council).new, [signing.council])
    clara = council.as_(council.clara)
    assert clara.post(f"{address}/withdraw").status_code == 303
    assert clara.post(f"{address}/withdraw").status_code == 404
    assert clara.post(f"{address}/sign", {"signed": signed.decode()}).status_code == 404
    assert "withdrawn" in council.get(PATH)
    assert propose(council, 12) == 303


def test_once_its_quarter_has_begun_it_is_too_late(council: Council, signing: Organisation) -> None:
    propose(council)
    address, signed = waiting(council), documents.sign(to_sign(council).new, [signing.council])
    council.company.superuser.execute("UPDATE smallest_group SET starts = current_date")
    council.company.superuser.commit()
    answer = council.as_(council.clara).post(f"{address}/sign", {"signed": signed.decode()})
    assert answer.status_code == 422
    assert "Its quarter has begun" in answer.text


def test_A04_two_keys_where_the_quorum_is_two(council: Council) -> None:
    """Signatures come one after the other; each is kept, and one key twice is one."""
    made, second = Organisation(), Organisation().council
    berlin = Organisation().council
    keys = (
        *made.trust().keys,
        TrustedKey(Signer.COUNCIL, dsse.raw_public(second)),
        *(TrustedKey(Signer.COUNCIL, dsse.raw_public(key), "Berlin") for key in (berlin, Organisation().council)),
    )
    trust = replace(made.trust(), keys=keys, quorum=2)
    with as_owner(council.company.settings) as session:
        publish_trust(session, documents.sign(trust, [made.officer, made.council, second]))
    propose(council)
    assert "0 of 2 signatures." in council.get(PATH)
    new = to_sign(council).new
    assert hand_in(council, documents.sign(new, [berlin])) == 422, "it is the central council's"
    enough = []
    for key in (made.council, made.council, second):
        with council.company.database.transaction("web_council", council.clara) as session:
            row = groupings.opened(session)
            assert row
            enough.append(groupings.sign(session, council.clara, row, documents.sign(new, [key]), clock.now()))
    assert enough == [False, False, True]


def test_S07_every_act_about_a_proposal_needs_a_fresh_sign_in(council: Council, signing: Organisation) -> None:
    propose(council)
    address, clara = waiting(council), council.as_(council.clara)
    council.company.superuser.execute("UPDATE login_session SET auth_time = now() - interval '16 minutes'")
    council.company.superuser.commit()
    for path in (PATH, f"{address}/sign", f"{address}/withdraw"):
        answer = clara.post(path, {"people": "12", "reason": REASON})
        assert "Sign in again first." in answer.text, path
    assert waiting(council) == address


@pytest.mark.parametrize("forged", ["number", "signature", "envelope", "document", "trust"])
def test_A04_a_forged_number_is_named_and_the_last_good_one_holds(
    council: Council, signing: Organisation, forged: str
) -> None:
    propose(council)
    good = to_sign(council).new
    assert hand_in(council, documents.sign(good, [signing.council])) == 303
    new = replace(good, number=2, people=30)
    envelope = documents.sign(new, [Organisation().council if forged == "signature" else signing.council]).decode()
    row = {
        "document": "{}" if forged == "document" else canonical.encode(codec.to_value(new)).decode(),
        "people": 31 if forged == "number" else 30,
        "envelope": "[" if forged == "envelope" else envelope,
        "trust_version": 99 if forged == "trust" else 1,
    }
    council.company.superuser.execute(
        "INSERT INTO smallest_group (id, number, people, starts, document, envelope, trust_version, signed_at) "
        "VALUES (gen_random_uuid(), 2, %(people)s, %(starts)s, %(document)s, %(envelope)s, %(trust_version)s, now())",
        row | {"starts": good.starts},
    )
    council.company.superuser.commit()
    for who, path in ((council.clara, PATH), (council.ben, "/statistics/smallest-group")):
        page = council.get(path, who)
        assert "The signature of proposal 2 is wrong." in page
        assert "signature wrong" in page
        assert "8 people from" in page
        assert "30 people" not in page
    assert propose(council, 12) == 303
    assert to_sign(council).new.replaces == 8


def test_A04_the_database_says_by_which_trust_document_it_was_signed(council: Council, signing: Organisation) -> None:
    """That document says whose keys count and how many: a desk in other hands would name an older one."""
    propose(council)
    with as_owner(council.company.settings) as session:
        publish_trust(session, documents.sign(replace(signing.trust(), version=2), [signing.officer, signing.council]))
    database = Database(council.company.settings)
    with database.transaction("web_council", council.clara) as session:
        session.execute(text("UPDATE smallest_group SET envelope = '{}', signed_at = now(), trust_version = 1"))
    database.dispose()
    assert council.company.value("SELECT trust_version FROM smallest_group") == 2


def test_script_in_a_reason_stays_text(council: Council, signing: Organisation) -> None:
    propose(council, 8, "<script>alert(1)</script>")
    assert "<script>alert(1)" not in council.get(PATH)
    assert "&lt;script&gt;alert(1)" in council.get(PATH)
