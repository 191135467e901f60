"""Who signs what, and when it counts: narrowing by one key at once, widening by both, silence never (P03)."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.core import clock
from portal.policies.deciding import actions
from portal.policies.deciding.rules import RefusedError
from portal.policies.drafts import actions as drafting
from portal.policies.drafts.actions import Seen
from tests.deciding.conftest import Chamber
from wire import documents
from wire.policy import Policy

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def test_a_narrowing_is_published_by_the_officers_signature_alone(chamber: Chamber) -> None:
    number = chamber.submit(max_sensitivity=3)
    assert chamber.officer_signs(number).status_code == 303
    assert chamber.state(number) == "published"
    assert chamber.published(number)
    told = chamber.value(
        "SELECT params->>'wider' FROM notification WHERE kind = 'policy_published' AND employee_id = %s", chamber.amira
    )
    assert told == "false"
    assert "It captures nothing more" in chamber.as_(chamber.amira).get("/").get_data(as_text=True)


@pytest.mark.parametrize("first", ["officer", "council"])
def test_P03_a_widening_is_published_when_the_last_signature_arrives(chamber: Chamber, first: str) -> None:
    number = chamber.submit(WEEK, self_service_hours=1)
    order = [chamber.officer_signs, chamber.council_signs]
    for sign, done in zip(order if first == "officer" else order[::-1], (False, True), strict=True):
        assert sign(number).status_code == 303
        assert chamber.published(number) is done
    envelope = chamber.value("SELECT envelope FROM policy WHERE version = %s", chamber.document(number).version)
    trust = chamber.organisation.trust()
    keys = trust.keys_of(documents.Signer.OFFICER) | trust.keys_of(documents.Signer.COUNCIL)
    policy, signers = documents.open_signed(Policy, envelope.encode(), keys)
    assert policy == chamber.document(number)
    assert len(signers) == 2
    assert (
        chamber.value("SELECT count(*) FROM outbox WHERE kind = 'policy_published' AND employee_id = %s", chamber.amira)
        == 1
    )
    page = chamber.as_(chamber.amira).get("/").get_data(as_text=True)
    assert "You can pause, opt out or object" in page
    assert 'href="/policy"' in page


def test_P03_silence_is_not_consent(chamber: Chamber) -> None:
    """No time that goes by makes a missing signature count, and there is no job that could."""
    number = chamber.submit(WEEK, self_service_hours=1)
    chamber.officer_signs(number)
    chamber.superuser.execute(b"ALTER TABLE policy_draft DISABLE TRIGGER USER")
    chamber.superuser.execute(
        b"UPDATE policy_draft SET submitted_at = now() - interval '1 year' WHERE number = %s", [number]
    )
    chamber.superuser.execute(b"ALTER TABLE policy_draft ENABLE TRIGGER USER")
    chamber.superuser.commit()
    assert chamber.as_(chamber.clara).get("/council/policies").status_code == 200
    assert (chamber.state(number), chamber.published(number)) == ("submitted", False)


def refusal(answer: object) -> str:
    """What is to mend, as the page says it on top, where it takes the focus."""
    text = answer.get_data(as_text=True)  # type: ignore[attr-defined]
    assert "<title>Error: " in text
    found = re.search(r'id="to-mend".*?<ul>(.*?)</ul>', text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found.group(1)).strip() if found else text


def test_P01_what_is_not_the_councils_signature_over_this_document_is_refused(chamber: Chamber) -> None:
    keys, number = chamber.organisation, chamber.submit(WEEK, self_service_hours=1)
    document = chamber.document(number)
    other = documents.sign(replace(document, version=document.version + 1), [keys.council]).decode()
    good = chamber.envelope(number, keys.council)
    stranger = chamber.envelope(number, type(keys)().council)
    wrong = good.replace(good[good.index('"sig":"') + 7 : good.index('"sig":"') + 11], "AAAA")
    for envelope, word in {
        other: "another document",
        stranger: "does not name the key",
        wrong: "signature is wrong",
        chamber.envelope(number): "signature is wrong",
        chamber.envelope(number, keys.officer): "other side",
        chamber.envelope(number, keys.lease): "does not name the key",
        "nonsense": "not a signature",
        "": "not a signature",
        good[:-1]: "not a signature",
    }.items():
        answer = chamber.council_signs(number, envelope)
        assert answer.status_code == 422, word
        assert word in refusal(answer)
    assert "other side" in refusal(chamber.officer_signs(number, good))
    assert chamber.value("SELECT count(*) FROM policy_signature") == 0
    chamber.council_signs(number)
    assert "signed this policy already" in refusal(chamber.council_signs(number))


def test_P02_another_policy_published_first_overtakes_a_draft(chamber: Chamber) -> None:
    """A second officer at the same moment: the one who comes second is told, and nothing is published."""
    first, second = chamber.submit(max_sensitivity=3), chamber.submit(max_sensitivity=2)
    chamber.officer_signs(first)
    assert chamber.published(first)
    answer = chamber.officer_signs(second)
    assert answer.status_code == 422
    assert "published in the meantime" in refusal(answer)
    assert not chamber.published(second)


def test_P02_a_rollback_is_refused(chamber: Chamber) -> None:
    first, second = chamber.submit(max_sensitivity=3), chamber.submit(max_sensitivity=2)
    chamber.superuser.execute(
        b"UPDATE policy_draft SET state = 'withdrawn', closed_at = now() WHERE number = %s", [second]
    )
    chamber.superuser.commit()
    third = chamber.submit(max_sensitivity=2)
    chamber.officer_signs(third)
    assert "published in the meantime" in refusal(chamber.officer_signs(first))
    assert "not open" in refusal(chamber.officer_signs(second))


def test_a_policy_that_is_over_is_not_published(chamber: Chamber) -> None:
    number = chamber.submit(max_sensitivity=3)
    with chamber.database.transaction("web_officer", chamber.omar) as session:
        hand = actions.Hand(chamber.omar, documents.Signer.OFFICER, clock.now() + 400 * DAY)
        draft = chamber.value("SELECT id FROM policy_draft WHERE number = %s", number)
        with pytest.raises(RefusedError, match="expired"):
            actions.sign(session, hand, draft, chamber.envelope(number, chamber.organisation.officer).encode())


def test_people_are_told_before_a_widening_begins_or_it_is_not_signed(chamber: Chamber) -> None:
    number = chamber.submit(timedelta(hours=2), self_service_hours=1)
    for sign in (chamber.officer_signs, chamber.council_signs):
        assert "before people could be told" in refusal(sign(number))
    assert "no longer be signed in time" in chamber.as_(chamber.clara).get("/council/policies").get_data(as_text=True)


def test_a_rejection_names_its_reasons_and_closes(chamber: Chamber) -> None:
    number = chamber.submit(WEEK, self_service_hours=1)
    path = f"/council/policies/{number}/reject"
    assert "Say why" in refusal(chamber.as_(chamber.clara).post(path, {"reasons": "  "}))
    assert chamber.as_(chamber.clara).post(path, {"reasons": "Too wide.", "minutes": "All of us."}).status_code == 303
    assert chamber.state(number) == "rejected"
    for sign in (chamber.officer_signs, chamber.council_signs):
        assert "not open" in refusal(sign(number))
    assert "Too wide." in chamber.as_(chamber.amira).get("/policy").get_data(as_text=True)


def conditioned(chamber: Chamber, number: int) -> int:
    """The council approves this draft with conditions; the number of the draft that has them."""
    path = f"/council/policies/{number}/conditions"
    assert chamber.as_(chamber.clara).post(path, {"reasons": "Only until March."}).status_code == 303
    of = "SELECT n.number FROM policy_draft n JOIN policy_draft d ON d.id = n.answers_id WHERE d.number = %s"
    return int(chamber.value(of, number))


def page(chamber: Chamber, path: str) -> str:
    """As the one reads it whose page it is."""
    who = {"/council": chamber.clara, "/officer": chamber.omar}.get(path[: path.find("/", 1)], chamber.amira)
    return chamber.as_(who).get(path).get_data(as_text=True)


def test_P03_approved_with_conditions_is_no_rejection_and_no_approval(chamber: Chamber) -> None:
    number = chamber.submit(WEEK, self_service_hours=1)
    chamber.officer_signs(number)
    new = conditioned(chamber, number)
    assert chamber.state(number) == "conditions"
    assert not chamber.published(number)
    for sign in (chamber.officer_signs, chamber.council_signs):
        assert "not open" in refusal(sign(number))
    draft = chamber.value("SELECT id FROM policy_draft WHERE number = %s", number)
    for path in (f"/council/policies/{number}", f"/officer/signing/{number}", f"/officer/policies/{draft}"):
        told = page(chamber, path)
        assert "It was approved with conditions, so it does not come into force as it stood." in told, path
        assert "ejected" not in told, path
    assert "approved with conditions</span>" in page(chamber, "/council/policies")
    assert "Approved with conditions</span>" in page(chamber, "/officer/policies")
    for path in ("/policy", "/council/evidence", f"/council/policies/{number}"):
        told = page(chamber, path)
        assert "Only until March." in told, path
        assert "That is no approval of the policy as it stood" in told, path
    logged = "SELECT count(*) FROM audit_entry WHERE action = 'policy_draft.conditions' AND object_id = %s"
    assert chamber.value(logged, draft) == 1
    assert chamber.state(new) == "draft"
    assert chamber.document(new).self_service_hours == 1


def test_P03_conditions_and_the_draft_that_answers_them_lead_to_each_other(chamber: Chamber) -> None:
    number = chamber.submit(WEEK, self_service_hours=1)
    new = conditioned(chamber, number)
    ids = [chamber.value("SELECT id FROM policy_draft WHERE number = %s", one) for one in (number, new)]
    assert f'href="/officer/policies/{ids[1]}"' in page(chamber, f"/officer/policies/{ids[0]}")
    told = page(chamber, f"/officer/policies/{ids[1]}")
    assert f'href="/officer/policies/{ids[0]}"' in told
    assert "Only until March." in told
    assert "with conditions to answer" in page(chamber, "/officer/policies")
    assert "Once it is submitted, it stands here." in page(chamber, f"/council/policies/{number}")
    assert chamber.as_(chamber.clara).get(f"/council/policies/{new}").status_code == 404, "it is the officer's still"
    with chamber.database.transaction("web_officer", chamber.omar) as session:
        drafting.submit(session, Seen(chamber.omar, clock.now(), ids[1], 1))
    assert f'href="/council/policies/{new}"' in page(chamber, f"/council/policies/{number}")
    told = page(chamber, f"/council/policies/{new}")
    assert f'href="/council/policies/{number}"' in told
    assert "It answers these conditions" in told


def test_a_copy_keeps_no_conditions_from_the_officer_and_answers_none(chamber: Chamber) -> None:
    """The officer copied the draft before: the council's conditions still become a draft of their own, once."""
    number = chamber.submit(WEEK, self_service_hours=1)
    draft = chamber.value("SELECT id FROM policy_draft WHERE number = %s", number)
    assert chamber.as_(chamber.omar).post(f"/officer/policies/{draft}/copy").status_code == 303
    new = conditioned(chamber, number)
    assert chamber.value("SELECT count(*) FROM policy_draft WHERE parent_id = %s", draft) == 2
    copies = "SELECT count(*) FROM policy_draft WHERE parent_id = %s AND answers_id IS NULL"
    assert chamber.value(copies, draft) == 1
    assert chamber.state(new) == "draft"


def test_a_rule_without_a_clause_is_flagged(chamber: Chamber) -> None:
    number = chamber.submit(WEEK, self_service_hours=1)
    clara = chamber.as_(chamber.clara)
    assert clara.get(f"/council/policies/{number}").get_data(as_text=True).count("No clause covers this") == 6
    incomplete = clara.post("/council/policies/clauses", {"number": "§ 4", "text_en": "Keys.", "kinds": "key"})
    assert incomplete.status_code == 422
    page = incomplete.get_data(as_text=True)
    assert refusal(incomplete) == "Give its text in German."
    assert page.count('aria-invalid="true"') == 1
    whole: dict[str, object] = {"number": "§ 4", "text_en": "Keys.", "text_de": "Tasten.", "kinds": ["key", "click"]}
    assert clara.post("/council/policies/clauses", whole).status_code == 303
    page = clara.get(f"/council/policies/{number}").get_data(as_text=True)
    assert page.count("No clause covers this") == 4
    assert "Keys." in page
    clause = chamber.value("SELECT id FROM agreement_clause")
    assert clara.post(f"/council/policies/clauses/{clause}/end").status_code == 303
    assert clara.post(f"/council/policies/clauses/{clause}/end").status_code == 404
    assert clara.get(f"/council/policies/{number}").get_data(as_text=True).count("No clause covers this") == 6
