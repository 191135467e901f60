"""P03: a signature and a trust document of one moment take turns: nothing is published by keys that just went."""

from dataclasses import replace
from threading import Thread
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.core import clock
from portal.core.config import Settings
from portal.operations.publish import as_owner
from portal.policies.actions import publish, publish_succession
from portal.policies.deciding import actions
from portal.policies.queries import TRUST_TURN
from tests.deciding.conftest import Chamber
from tests.gateway.process import wait_until
from wire import documents
from wire.documents import Signer


def test_P03_no_trust_document_comes_while_a_policy_is_signed(
    chamber: Chamber, settings: Settings, withheld: int
) -> None:
    """Whatever a signature is held against holds until the policy is kept, also where it publishes nothing yet."""
    draft = UUID(str(chamber.value("SELECT id FROM policy_draft WHERE number = %s", withheld)))
    envelope = chamber.envelope(withheld, chamber.organisation.officer).encode()
    hand = actions.Hand(chamber.omar, Signer.OFFICER, clock.now())
    with chamber.database.transaction("web_officer", chamber.omar) as session:
        actions.sign(session, hand, draft, envelope)
        with as_owner(settings) as operator:
            operator.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                publish_succession(operator, b"", (), 0)
            operator.rollback()
        session.rollback()


@pytest.mark.parametrize("act", ["sign", "reject"])
def test_P03_the_desk_waits_for_the_trust_document_of_this_moment(chamber: Chamber, withheld: int, act: str) -> None:
    """Else it could read the one before it."""
    done: list[int] = []
    signed = chamber.envelope(withheld, chamber.organisation.council)
    form: dict[str, object] = {"envelope": signed, "reasons": "Too wide."}
    clara = chamber.as_(chamber.clara)
    chamber.superuser.execute(b"SELECT take_turn(%s)", [str(TRUST_TURN)])
    desk = Thread(target=lambda: done.append(clara.post(f"/council/policies/{withheld}/{act}", form).status_code))
    desk.start()
    waiting = b"SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    try:
        wait_until(lambda: (chamber.superuser.execute(waiting).fetchone() or (False,))[0])
        assert not done
    finally:
        chamber.superuser.rollback()
        desk.join()
    assert done == [303]


def test_P03_the_operators_command_takes_its_turn_too(chamber: Chamber, settings: Settings) -> None:
    policy = replace(chamber.newest(), version=2)
    envelope = documents.sign(policy, [chamber.organisation.officer, chamber.organisation.council])
    chamber.superuser.execute(b"SELECT take_turn(%s)", [str(TRUST_TURN)])
    with as_owner(settings) as operator:
        operator.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            publish(operator, envelope, clock.to_ms(clock.now()))
        operator.rollback()
    chamber.superuser.rollback()
