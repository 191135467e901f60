"""A policy is published only with the hash of what it really changes, whoever signed it (P03)."""

import dataclasses
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.clock import to_ms
from portal.core.config import Settings
from portal.operations.publish import as_owner
from portal.policies.actions import publish
from portal.policies.queries import every_policy
from tests.cast import Organisation
from wire import difference
from wire.codec import DocumentError
from wire.policy import Audience, Policy
from wire.precedence import change


@pytest.fixture
def session(settings: Settings, organisation: Organisation) -> Iterator[Session]:
    """As the operator; nothing of it stays."""
    with as_owner(settings) as session:
        yield session
        session.rollback()


def _next(session: Session) -> tuple[Policy, Policy]:
    old = every_policy(session)[-1]
    kept = tuple(dataclasses.replace(rule, retention_days=7) for rule in old.rules)
    return old, dataclasses.replace(old, version=old.version + 1, rules=kept, difference="")


def test_P03_what_signers_were_shown_is_what_it_changes(session: Session, organisation: Organisation) -> None:
    old, new = _next(session)
    done = publish(session, organisation.policy_envelope(difference.stated(old, new)), to_ms(clock.now()))
    assert done.difference == difference.digest(old, new)
    assert done in every_policy(session)


@pytest.mark.parametrize("shown", ["nothing", "another change", "another base", "the first one"])
def test_P03_a_policy_whose_signers_were_shown_something_else_is_not_published(
    session: Session, organisation: Organisation, shown: str
) -> None:
    old, new = _next(session)
    longer = tuple(dataclasses.replace(rule, retention_days=8) for rule in new.rules)
    claimed = {
        "nothing": "",
        "another change": difference.digest(old, dataclasses.replace(new, rules=longer)),
        "another base": difference.digest(dataclasses.replace(old, max_sensitivity=1), new),
        "the first one": difference.digest(None, new),
    }[shown]
    forged = dataclasses.replace(new, difference=claimed)
    with pytest.raises(DocumentError, match="shown another difference"):
        publish(session, organisation.policy_envelope(forged), to_ms(clock.now()))
    assert new.version not in {one.version for one in every_policy(session)}


def test_P02_of_two_that_tie_the_operator_publishes_none(session: Session, organisation: Organisation) -> None:
    """As on the desk: nobody could say which of the two holds for somebody who is in both audiences."""
    now = to_ms(clock.now())

    def put(version: int, *axes: tuple[str, ...] | None) -> Policy:
        new = dataclasses.replace(_next(session)[0], version=version, audience=Audience(*axes), difference="")
        stated = difference.stated(*change(every_policy(session), new))
        return publish(session, organisation.policy_envelope(stated), now)

    first = put(1000, ("Bonn",), None, None)
    with pytest.raises(DocumentError, match="as specific as it"):
        put(1001, None, ("Sales",), None)
    with pytest.raises(DocumentError, match="that of policy 1000"):
        put(1001, ("Bonn", "Ulm"), None, None)
    assert publish(session, organisation.policy_envelope(first), now) == first, "again changes nothing"
    assert put(1001, ("Bonn",), ("Sales",), None).version == 1001, "this one is more specific"
