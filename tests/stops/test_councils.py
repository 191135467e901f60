"""A stop of one site ends by the signatures of that site's own council, of as many keys as devices ask for (P03)."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cast import make_person
from tests.councils import Councils, in_force
from tests.stops.conftest import Company
from wire import documents, dsse
from wire.documents import Signer, TrustedKey

OWN = tuple(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (31, 32))


@pytest.fixture
def keys(company: Company) -> Iterator[Councils]:
    """The next trust document, in which the site of the company has a council of its own."""
    old = company.organisation
    made = Councils(old.officer, old.council, old.lease, old.vault, old.issued)
    held = tuple(TrustedKey(Signer.COUNCIL, dsse.raw_public(key), company.site) for key in OWN)
    trust = replace(made.trust(), version=2, keys=(*made.trust().keys, *held))
    envelope = documents.sign(trust, [made.officer, *made.central])
    with in_force(company.superuser, envelope):
        yield made


def test_P03_a_stop_of_one_site_is_ended_by_its_council(company: Company, keys: Councils) -> None:
    stop = company.stop()
    page = f"/council/stops/{stop}"
    assert f"Works council of {company.site} (0 of 2 keys)" in company.of("council").get(page).get_data(as_text=True)
    resume = company.resume(stop)
    assert company.hand_in("officer", stop, documents.sign(resume, [keys.officer])).status_code == 303
    for others in (keys.central, keys.berlin, keys.munich):
        answer = company.hand_in("council", stop, documents.sign(resume, others))
        assert answer.status_code == 422
        assert "another works council" in answer.get_data(as_text=True)
    for key in (OWN[0], OWN[0]):
        assert company.hand_in("council", stop, documents.sign(resume, [key])).status_code == 303
        assert "(1 of 2 keys)" in company.of("council").get(page).get_data(as_text=True)
        assert company.one("SELECT resumed_at FROM stop WHERE id = %s", stop) is None, "the same key twice is one"
    assert company.hand_in("council", stop, documents.sign(resume, [OWN[1]])).status_code == 303
    assert company.one("SELECT resumed_at IS NOT NULL FROM stop WHERE id = %s", stop)


def test_P03_a_stop_of_two_sites_is_ended_by_the_central_council(company: Company, keys: Councils) -> None:
    other = f"Site {uuid4()}"
    for _ in range(10):
        make_person(company.superuser, site=other)
    answer = company.of("officer").post(
        "/officer/stops", {"whom": "some", "sites": [company.site, other], "reason": "A leak."}
    )
    stop = company.one("SELECT id FROM stop WHERE sites @> ARRAY[%s] AND cardinality(sites) = 2", company.site)
    assert str(stop) in answer.headers["Location"]
    resume = company.resume(stop)
    assert company.hand_in("council", stop, documents.sign(resume, OWN)).status_code == 422
    signed = documents.sign(resume, [keys.officer, *keys.central])
    assert company.hand_in("council", stop, signed).status_code == 303
    assert company.one("SELECT resumed_at IS NOT NULL FROM stop WHERE id = %s", stop)
