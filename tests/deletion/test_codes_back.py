"""A request that lost its decision's code to an erasure of its person gets it back, and comes to its end."""

from importlib.util import module_from_spec, spec_from_file_location

import pytest
from sqlalchemy import text

from portal.core import clock
from portal.operations.publish import as_owner
from portal.requests.deciding import Proposal
from portal.requests.jobs import ended, plan_next, reopened
from portal.requests.rules import About, Outcome
from portal.worker import run
from tests.deletion.installation import Installation
from tests.deletion.worker import ROOT
from tests.requests.arrange import YES, decided, sent

PARTLY = Proposal(Outcome.PARTIAL, "Case 7.", "legal_claims", ({"store": "daylight", "kind": "key", "ground": "tax"},))


def repaired(installation: Installation) -> None:
    """What the migration does, as the owner of the tables."""
    path = ROOT / "migrations" / "versions" / "20261130_1661_codes_back.py"
    spec = spec_from_file_location("codes_back", path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    with as_owner(installation.settings) as session:
        for repair in module.REPAIRS:
            session.execute(text(repair))


@pytest.mark.parametrize(("decision", "expected"), [(YES, "done"), (PARTLY, "partial")], ids=["yes", "partly"])
def test_a_request_without_its_decisions_code_ends_after_the_repair(
    installation: Installation, decision: Proposal, expected: str
) -> None:
    installation.ask("DELETE FROM source")
    lea, database = installation.person("Lea Gone"), installation.database
    request = sent(database, lea, about=About()).id
    decided(database, request, decision)
    run(database, plan_next)
    with database.transaction("worker") as session:
        ended(session, lea, request, False, clock.now())
        reopened(session, lea, request, clock.now())
    installation.ask("UPDATE request_event SET params = '{}' WHERE request_id = %s", request)
    with database.transaction("worker") as session, pytest.raises(KeyError):
        ended(session, lea, request, True, clock.now())
    for _ in range(2):
        repaired(installation)
    with database.transaction("worker") as session:
        ended(session, lea, request, True, clock.now())
    assert installation.one("SELECT state FROM request WHERE id = %s", request) == expected
    installation.ask("UPDATE request_event SET params = '{}' WHERE request_id = %s AND kind = 'closed'", request)
    repaired(installation)
    codes = "SELECT params ->> 'state' FROM request_event WHERE request_id = %s AND kind = 'closed' ORDER BY id"
    assert installation.ask(codes, request) == [("partial",), (expected,)]
