"""Which database may be used for what, and what an operator reads when there is none."""

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.core.config import Settings
from portal.operations.postgres import Postgres
from portal.operations.runtime import OperationsError
from portal.operations.schema import migrate, require_kind
from tests.fresh_database import fresh_database


@pytest.mark.parametrize("demo", [True, False])
def test_a_demo_and_an_installation_never_share_a_database(
    postgres: Postgres, environment: dict[str, str], *, demo: bool
) -> None:
    with fresh_database(postgres, environment) as (_, variables):
        settings = Settings.from_env(variables)
        require_kind(settings, demo=demo)
        migrate(settings, demo=demo)
        require_kind(settings, demo=demo)
        with pytest.raises(OperationsError, match="nothing was changed"):
            require_kind(settings, demo=not demo)


@pytest.mark.parametrize(
    "wrong", [{"PORTAL_DB_PASSWORD_MIGRATOR": "wrong"}, {"PORTAL_DATABASE_URL": "postgresql:///daylight?host=/nowhere"}]
)
def test_a_database_that_lets_nobody_in_is_one_sentence(environment: dict[str, str], wrong: dict[str, str]) -> None:
    told = CliRunner().invoke(main, ["migrate"], env=environment | wrong)
    assert told.exit_code == 1
    assert told.output.startswith("Error: The database does not let us in: ")
    assert told.output.count("\n") == 1
