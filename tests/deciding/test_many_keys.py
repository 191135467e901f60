"""The highest quorum, and more signatures than an envelope holds: nothing is stuck (P03)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.core import clock
from portal.core.config import Settings
from portal.operations.publish import as_owner
from portal.policies.actions import publish_succession, unsigned
from portal.policies.queries import read
from tests.councils import in_force
from tests.deciding.conftest import Chamber
from wire import councils, documents, dsse
from wire.documents import Signer, Trust, TrustedKey

OFFICERS = [Ed25519PrivateKey.generate() for _ in range(3)]
COUNCIL = [Ed25519PrivateKey.generate() for _ in range(7)]


def trust_of(chamber: Chamber, version: int, council: list[Ed25519PrivateKey]) -> Trust:
    """Three keys of the officer, these six of the council, and all six are asked for."""
    plain = chamber.organisation.trust()
    online = tuple(key for key in plain.keys if key.signer not in {Signer.OFFICER, Signer.COUNCIL})
    held = [*((Signer.OFFICER, key) for key in OFFICERS), *((Signer.COUNCIL, key) for key in council)]
    keys = (*(TrustedKey(role, dsse.raw_public(key)) for role, key in held), *online)
    return replace(plain, version=version, keys=keys, quorum=6)


@pytest.fixture
def six(chamber: Chamber) -> Iterator[Trust]:
    """The next trust document."""
    trust = trust_of(chamber, 2, COUNCIL[:6])
    envelope = documents.sign(trust, [OFFICERS[0], *COUNCIL[:6]])
    with in_force(chamber.superuser, envelope):
        yield trust


def test_P03_three_officers_and_six_of_the_council_publish(chamber: Chamber, six: Trust) -> None:
    number = chamber.submit(timedelta(days=7), self_service_hours=1)
    for key in OFFICERS:
        assert chamber.officer_signs(number, chamber.envelope(number, key)).status_code == 303
    for key in COUNCIL[:6]:
        assert not chamber.published(number)
        assert chamber.council_signs(number, chamber.envelope(number, key)).status_code == 303
    assert chamber.published(number)


def test_P03_what_seven_keys_signed_is_signed_anew_by_others(chamber: Chamber, six: Trust, settings: Settings) -> None:
    """Old and new signatures together are more than an envelope holds."""
    number = chamber.submit(timedelta(days=7), self_service_hours=1)
    chamber.officer_signs(number, chamber.envelope(number, OFFICERS[0]))
    for key in COUNCIL[:6]:
        chamber.council_signs(number, chamber.envelope(number, key))
    assert chamber.published(number)
    new, now = trust_of(chamber, 3, COUNCIL[1:]), clock.to_ms(clock.now())
    envelope, others = documents.sign(new, [OFFICERS[0], *COUNCIL]), [OFFICERS[1], *COUNCIL[1:]]
    with as_owner(settings) as session:
        rows = unsigned(session, six, new, now)
        assert len(rows) >= 2
        publish_succession(session, envelope, [documents.sign(read(row), others) for row in rows], now)
        for row in rows:
            signers = dsse.signers_of(row.envelope.encode())
            assert councils.both(new, None, signers)
            assert len(signers) == 7
        session.rollback()
