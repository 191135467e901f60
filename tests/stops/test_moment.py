"""P03: by which trust document the end of a stop is judged, the database says: no desk chooses older keys."""

from dataclasses import replace
from datetime import datetime
from threading import Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.core.config import Settings
from portal.core.db import Database
from portal.operations.publish import as_owner
from portal.policies.actions import publish_succession
from portal.policies.queries import TRUST_TURN, trust, trusted
from tests.gateway.process import wait_until
from tests.stops.conftest import Company
from wire import documents

END = "UPDATE stop SET resume_envelope = :envelope, resumed_at = asked_at WHERE id = :stop"


@pytest.mark.parametrize("login", ["web_officer", "web_council"])
def test_P03_no_desk_says_when_a_stop_was_ended(company: Company, database: Database, login: str) -> None:
    stop, signed = company.stop(), b"{}"
    who = company.omar if login == "web_officer" else company.clara
    before: datetime = company.one("SELECT clock_timestamp()")
    with database.transaction(login, who) as session:
        session.execute(text(END), {"stop": stop, "envelope": signed.decode()})
    ended = company.one("SELECT resumed_at FROM stop WHERE id = %s", stop)
    assert ended > before, "not when it was asked for: older keys counted then"
    changes = ("resumed_at = asked_at", "resumed_at = NULL", "resume_envelope = '[]'", "resume_envelope = NULL")
    for change in changes:
        with pytest.raises(IntegrityError, match="has ended already"), database.transaction(login, who) as session:
            session.execute(text(f"UPDATE stop SET {change} WHERE id = :stop"), {"stop": stop})
    assert company.one("SELECT resumed_at FROM stop WHERE id = %s", stop) == ended


def test_P03_no_trust_document_comes_while_a_stop_is_ended(
    company: Company, database: Database, settings: Settings
) -> None:
    """It waits for the desk that reads the one before it, and bears the moment of its own turn."""
    keys = company.organisation
    with database.transaction("web_officer", company.omar) as desk:
        old = trusted(desk, hold=True)
        assert old
        with as_owner(settings) as session:
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                publish_succession(session, b"", (), 0)
            session.rollback()
    envelope = documents.sign(replace(old, version=old.version + 1), [keys.officer, keys.council])
    with as_owner(settings) as session:
        begun = session.execute(text("SELECT now()")).scalar_one()
        publish_succession(session, envelope, (), 0)
        published = trust(session)
        assert published
        session.refresh(published)
        assert (published.version, published.published_at > begun) == (old.version + 1, True)
        session.rollback()


def test_P03_the_desk_that_ends_a_stop_waits_its_turn(company: Company) -> None:
    """Else it could read the trust document before the one that is published in this moment."""
    stop, signed = company.stop(), []
    envelope = company.signed(stop, "officer", "council")
    company.superuser.execute(b"SELECT take_turn(%s)", [str(TRUST_TURN)])
    desk = Thread(target=lambda: signed.append(company.hand_in("officer", stop, envelope).status_code))
    desk.start()
    waiting = b"SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    try:
        wait_until(lambda: (company.superuser.execute(waiting).fetchone() or (False,))[0])
        assert not signed
    finally:
        company.superuser.rollback()
        desk.join()
    assert signed == [303]
