"""Policies in the evidence room: in words, with what was decided, signed and why; each look is written down."""

from uuid import UUID, uuid4

import pytest

from portal.core.clock import from_ms
from portal.policies.default_policy import default_policy
from tests.cast import Organisation
from tests.council.conftest import Council
from tests.web_client import statements
from wire import documents

STARTS = 1_790_000_000_000


@pytest.fixture
def policy(council: Council) -> UUID:
    """Policy 7, which was decided with reasons and minutes; an expert's seat is taken by Hana's twin Eva."""
    made, do = Organisation(), council.company.superuser.execute
    trust, told = made.trust(), default_policy(STARTS)
    given = uuid4()
    do(
        "INSERT INTO trust_document (version, fingerprint, envelope) VALUES (1, %s, %s)",
        [documents.fingerprint(made.trust_envelope()), made.trust_envelope().decode()],
    )
    assert trust.version == 1
    do(
        "INSERT INTO policy (id, version, hash, envelope, not_before, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
        [
            given, told.version, documents.document_hash(told), made.policy_envelope(told).decode(),
            from_ms(told.not_before), from_ms(told.expires),
        ],
    )  # fmt: skip
    draft = uuid4()
    do(
        "INSERT INTO policy_draft (id, title, content, state, submitted_at, closed_at) "
        "VALUES (%s, 'Mail', '{}', 'published', now(), now())",
        [draft],
    )
    do(
        "INSERT INTO policy_decision (id, draft_id, version, title, signer, outcome, reasons, minutes) "
        "VALUES (gen_random_uuid(), %s, %s, 'Mail', 'council', 'rejected', 'Too wide for us.', 'We met on Monday.')",
        [draft, told.version],
    )
    council.company.superuser.commit()
    return given


def test_the_room_shows_each_policy_in_words_and_how_it_was_decided(council: Council, policy: UUID) -> None:
    version = council.company.value("SELECT version FROM policy WHERE id = %s", policy)
    room = council.get("/council/evidence")
    address = f"/council/evidence/policies/{version}"
    assert f'href="{address}"' in room
    assert "Too wide for us." in room
    page = council.get(address)
    for words in ("Too wide for us.", "We met on Monday.", "What it says", "Works council", "Privacy officer"):
        assert words in page
    assert council.company.value("SELECT hash FROM policy WHERE id = %s", policy) in page
    assert council.as_(council.clara).get("/council/evidence/policies/999").status_code == 404
    for path in ("/council/evidence", address):
        assert statements(council.as_(council.clara).get(path)) <= 12, path
    for stranger in (council.ben, council.hana):
        assert council.as_(stranger).get(address).status_code == 403


def test_S11_looks_at_policies_experts_groups_and_looks_are_written_down(council: Council, policy: UUID) -> None:
    version = council.company.value("SELECT version FROM policy WHERE id = %s", policy)
    for path in (f"/evidence/policies/{version}", "/experts", "/smallest-group", "/looks"):
        council.get(f"/council{path}")
    rows = council.company.superuser.execute("SELECT what, about FROM room_look ORDER BY id").fetchall()
    council.company.superuser.rollback()
    assert rows == [("policy", policy), ("experts", None), ("groups", None), ("looks", None)]
    council.get("/statistics/smallest-group", council.ben)
    assert council.company.value("SELECT count(*) FROM room_look") == len(rows), "what everybody reads is nobody's"
    page = council.get("/council/looks")
    assert f"policy {version}" in page
    assert statements(council.as_(council.clara).get("/council/looks")) <= 12
