"""What the demo's people demand: made once, in every state, and in no database that is not a demo."""

from collections.abc import Mapping
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.core.config import Settings
from portal.operations.demo_arrange import arrange
from portal.operations.demo_company import company
from portal.operations.demo_petitions import DEMANDS, demand
from portal.operations.demo_plan import Employed
from portal.operations.postgres import Postgres
from portal.operations.publish import as_owner
from portal.operations.runtime import OperationsError
from portal.operations.schema import migrate
from portal.petitions.models import Petition
from tests.fresh_database import fresh_database


@pytest.mark.filterwarnings("ignore:The Result.tuples")  # in the arrangement of people, which other tests run apart
def test_petitions_in_every_state_and_never_twice(postgres: Postgres, environment: Mapping[str, str]) -> None:
    with fresh_database(postgres, environment) as (_, variables):
        settings = Settings.from_env(variables)
        migrate(settings, demo=True)
        ids = arrange(settings, size=30, days=1)
        employed = [Employed(ids[who.subject], who, (), uuid4(), b"") for who in company(30)]
        for _again in range(2):
            demand(settings, employed)
        with as_owner(settings) as session:
            made = {one.title: one for one in session.scalars(select(Petition))}
    assert len(made) == len(DEMANDS)
    assert {one.state.value for one in made.values()} == {
        "support", "open", "threshold", "awaiting", "answered", "rejected"
    }  # fmt: skip
    assert [one.names for one in DEMANDS if one.state.value != "rejected"] == [
        made[one.title].named for one in DEMANDS if one.state.value != "rejected"
    ]


def test_no_petitions_outside_a_demo(postgres: Postgres, environment: Mapping[str, str]) -> None:
    with fresh_database(postgres, environment) as (_, variables):
        settings = Settings.from_env(variables)
        migrate(settings)
        with pytest.raises(OperationsError, match="not marked as a demo"):
            demand(settings, [])
