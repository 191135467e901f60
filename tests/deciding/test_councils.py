"""Sites with a works council of their own, two keys of each: desks ask for what devices ask for, and say it (P03)."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta

import pytest

from tests.councils import Councils, in_force
from tests.deciding.conftest import Chamber
from tests.deciding.test_deciding import refusal
from wire import documents, dsse
from wire.documents import Trust
from wire.policy import Audience, Policy

WEEK = timedelta(days=7)


@pytest.fixture
def keys(chamber: Chamber) -> Iterator[Councils]:
    """The next trust document: the same keys, and those of Berlin and München."""
    same = {field.name: getattr(chamber.organisation, field.name) for field in fields(chamber.organisation)}
    made = Councils(**same)
    envelope = made.trust_envelope()
    with in_force(chamber.superuser, envelope):
        yield made


def submitted(chamber: Chamber, *sites: str) -> int:
    """A wider policy for these sites."""
    return chamber.submit(WEEK, self_service_hours=1, audience=Audience(sites or None, None, None))


def text(chamber: Chamber, path: str) -> str:
    """A page of the council's desk, or of the officer's."""
    who = chamber.omar if path.startswith("/officer") else chamber.clara
    return chamber.as_(who).get(path).get_data(as_text=True)


def test_P03_a_sites_council_decides_about_its_site_with_two_keys(chamber: Chamber, keys: Councils) -> None:
    number = submitted(chamber, "Berlin")
    page = f"/council/policies/{number}"
    assert "signatures of the privacy officer and of 2 keys of the works council of Berlin" in text(chamber, page)
    assert "2 keys of the works council of Berlin" in text(chamber, f"/officer/signing/{number}")
    draft = chamber.value("SELECT id FROM policy_draft WHERE number = %s", number)
    said = "It asks for more: you and 2 keys of the works council of Berlin sign."
    assert said in text(chamber, f"/officer/policies/{draft}")
    assert chamber.officer_signs(number).status_code == 303
    for other in (*keys.munich, *keys.central):
        answer = chamber.council_signs(number, chamber.envelope(number, other))
        assert answer.status_code == 422
        assert "another works council than the one that decides" in refusal(answer)
    one, two = keys.berlin
    assert chamber.council_signs(number, chamber.envelope(number, one)).status_code == 303
    assert "It still needs the signature of the works council of Berlin" in text(chamber, page)
    assert "signed this policy already" in refusal(chamber.council_signs(number, chamber.envelope(number, one)))
    assert not chamber.published(number)
    assert chamber.council_signs(number, chamber.envelope(number, two), minutes="Three of five.").status_code == 303
    assert chamber.published(number)
    assert text(chamber, page).count("Works council of Berlin") >= 2
    history = chamber.as_(chamber.amira).get("/policy").get_data(as_text=True)
    for name in (one, two):
        key = dsse.key_id(dsse.raw_public(name))[:16]
        assert f'works council of Berlin <span class="small soft">key <code>{key}' in history


@pytest.mark.parametrize("sites", [(), ("Berlin", "München"), ("Lisbon",)], ids=["all", "two", "without a council"])
def test_P03_the_central_council_decides_about_all_else(
    chamber: Chamber, keys: Councils, sites: tuple[str, ...]
) -> None:
    number = submitted(chamber, *sites)
    assert "of 2 keys of the works council." in text(chamber, f"/council/policies/{number}")
    answer = chamber.council_signs(number, chamber.envelope(number, *keys.berlin))
    assert "another works council" in refusal(answer)
    assert chamber.officer_signs(number).status_code == 303
    assert chamber.council_signs(number).status_code == 303
    assert not chamber.published(number), "one of two keys"
    assert chamber.council_signs(number, chamber.envelope(number, keys.second)).status_code == 303
    assert chamber.published(number)


def test_P03_less_needs_the_officer_alone_at_every_site(chamber: Chamber, keys: Councils) -> None:
    number = chamber.submit(max_sensitivity=3, audience=Audience(("Berlin",), None, None))
    assert chamber.officer_signs(number).status_code == 303
    assert chamber.published(number)
    assert keys.trust().quorum == 2


def test_a_key_that_was_taken_away_meanwhile_signs_no_more(chamber: Chamber, keys: Councils) -> None:
    """It signed while it counted; what is published bears only keys that devices know."""
    number = submitted(chamber)
    chamber.council_signs(number)
    heir = type(keys)()
    left = tuple(
        key if key.public_key != dsse.raw_public(keys.council) else type(key)(key.signer, dsse.raw_public(heir.council))
        for key in keys.trust().keys
    )
    envelope = documents.sign(Trust(2, keys.issued, left, 2), [keys.officer, keys.second, heir.council])
    chamber.superuser.execute(b"UPDATE trust_document SET envelope = %s WHERE version = 2", [envelope.decode()])
    chamber.superuser.commit()
    chamber.officer_signs(number)
    chamber.council_signs(number, chamber.envelope(number, keys.second))
    assert not chamber.published(number)
    chamber.council_signs(number, chamber.envelope(number, heir.council))
    assert chamber.published(number)
    kept = chamber.value("SELECT envelope FROM policy WHERE version = %s", chamber.document(number).version)
    known = documents.read(Trust, dsse.payload_of(envelope))
    keys_now = known.keys_of(documents.Signer.OFFICER) | known.keys_of(documents.Signer.COUNCIL)
    assert len(documents.open_signed(Policy, kept.encode(), keys_now)[1]) == 3
