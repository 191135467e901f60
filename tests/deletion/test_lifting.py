"""A freeze that HR lifts, in a real store: the rows come back, or are erased if the person asks so before."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.core import clock
from portal.requests import lifting, queries
from portal.requests.jobs import lift_next, plan_next
from portal.requests.lift_rules import NOTICE
from portal.requests.models import Request
from portal.requests.rules import About, EventKind, RequestType
from portal.worker import run
from tests.deletion.conftest import Browse
from tests.deletion.installation import Installation
from tests.deletion.test_keeping import Stream
from tests.deletion.test_request_page import proved
from tests.requests.arrange import HANA, HENRY, decided, sent, state


@pytest.fixture
def stream(installation: Installation, tmp_path: Path) -> Stream:
    installation.ask("DELETE FROM source")
    installation.ask("UPDATE request SET state = 'withdrawn' WHERE type = 'restrict'")
    return Stream(installation, tmp_path)


def frozen(stream: Stream) -> UUID:
    """Amira's freeze, carried out, which Hana proposed to lift and Henry announced."""
    database = stream.installation.database
    request = sent(database, stream.amira, RequestType.RESTRICT, About()).id
    decided(database, request)
    run(database, plan_next)
    stream.carry()
    with database.transaction("web_hr", HANA.id) as session:
        lifting.act(session, request, EventKind.LIFT_PROPOSED, HANA, clock.now(), "The court has decided.")
    with database.transaction("web_hr", HENRY.id) as session:
        lifting.act(session, request, EventKind.LIFT_ANNOUNCED, HENRY, clock.now())
    return request


def pass_by(stream: Stream, passed: timedelta) -> None:
    """What the worker does later."""
    with stream.installation.worker() as session:
        lifting.lift_due(session, clock.now() + passed)
    run(stream.installation.database, lift_next)
    stream.carry()


def test_R03_what_hr_lifts_comes_back_after_the_notice_and_not_before(stream: Stream, browse_own: Browse) -> None:
    request = frozen(stream)
    pass_by(stream, NOTICE - timedelta(hours=1))
    assert (stream.left(stream.amira), stream.apart()) == (0, 10)
    stream.written()
    stream.look()
    assert (stream.left(stream.amira), stream.apart()) == (0, 11), "until then it is in force"
    pass_by(stream, NOTICE + timedelta(minutes=1))
    assert (stream.left(stream.amira), stream.apart(), stream.left(stream.ben)) == (11, 0, 11)
    assert state(stream.installation.database, stream.amira, request) == "lifted"
    assert stream.moved(request)[:2] == ("thaw", "done")
    proved(stream.installation)
    page = browse_own(stream.amira).get(f"/requests/{request}").text
    assert ("HR lifted this freeze" in page, "hx-trigger" in page, "Receipt" in page) == (True, False, True)
    stream.look()
    assert stream.left(stream.amira) == 11


def test_R03_what_is_asked_for_while_the_lift_waits_for_its_lock_stops_it(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = frozen(stream)
    database, asks, asked = stream.installation.database, queries.due_to_lift, list[UUID]()

    def due(session: Session, before: datetime) -> Request | None:
        found = asks(session, before)
        if not asked:
            asked.append(sent(database, stream.amira, RequestType.ERASE, About()).id)
        return found

    monkeypatch.setattr(queries, "due_to_lift", due)
    pass_by(stream, 2 * NOTICE)
    assert state(database, stream.amira, request) != "lifted"
    assert (stream.left(stream.amira), stream.apart(), len(asked)) == (0, 10, 1)


def test_R03_what_the_person_has_erased_during_the_notice_never_comes_back(stream: Stream) -> None:
    request = frozen(stream)
    database = stream.installation.database
    erasure = sent(database, stream.amira, RequestType.ERASE, About()).id
    pass_by(stream, 2 * NOTICE)
    assert (stream.left(stream.amira), stream.apart()) == (0, 10), "it waits for the answer"
    decided(database, erasure)
    run(database, plan_next)
    stream.carry()
    assert state(database, stream.amira, erasure) == "done"
    assert (stream.left(stream.amira), stream.apart()) == (0, 0)
    pass_by(stream, 2 * NOTICE)
    assert state(database, stream.amira, request) == "lifted"
    assert (stream.left(stream.amira), stream.apart(), stream.left(stream.ben)) == (0, 0, 10)
