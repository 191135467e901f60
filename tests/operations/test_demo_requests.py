"""What the demo's people ask of HR: made once, by the acts of the pages, in every state that the desk shows."""

from collections.abc import Mapping
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.core.config import Settings
from portal.operations.demo_arrange import arrange
from portal.operations.demo_company import company
from portal.operations.demo_plan import Employed
from portal.operations.demo_requests import REQUESTS, STAR, ask
from portal.operations.postgres import Postgres
from portal.operations.publish import as_owner
from portal.operations.schema import migrate
from portal.requests.models import Request
from tests.fresh_database import fresh_database


@pytest.mark.filterwarnings("ignore:The Result.tuples")  # in the arrangement of people, which other tests run apart
def test_requests_in_every_state_and_never_twice(postgres: Postgres, environment: Mapping[str, str]) -> None:
    with fresh_database(postgres, environment) as (_, variables):
        settings = Settings.from_env(variables)
        migrate(settings, demo=True)
        ids = arrange(settings, size=20, days=1)
        employed = [Employed(ids[who.subject], who, (), uuid4(), b"") for who in company(20)]
        for _again in range(2):
            ask(settings, employed)
        with as_owner(settings) as session:
            made = session.scalars(select(Request)).all()
            states = {request.state.value for request in made}
            assert all(request.due_at and request.received_at for request in made)
    assert len(made) == len(REQUESTS) + 1
    assert STAR.kind in {request.type for request in made}
    assert states == {"open", "asked_back", "done"}
