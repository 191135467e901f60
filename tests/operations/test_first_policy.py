"""`python -m portal first-policy` on a fresh database: signs once, changes nothing twice, refuses what is no key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.core.config import Settings
from portal.operations.postgres import Postgres
from portal.operations.publish import as_owner
from portal.operations.schema import migrate
from portal.policies.models import PolicyRow
from portal.policies.queries import trust
from portal.signing import build
from tests.fresh_database import fresh_database
from wire import documents
from wire.documents import Signer


@pytest.fixture
def empty(postgres: Postgres, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """An installation without trust document and policy."""
    with fresh_database(postgres, environment) as (_, variables):
        migrate(Settings.from_env(variables))
        yield variables


def _run(variables: dict[str, str], folder: Path, officer: str = "officer.pem") -> Result:
    arguments = ["first-policy", "--officer-key", str(folder / officer), "--council-key", str(folder / "council.pem")]
    return CliRunner().invoke(main, arguments, env=variables | {"PORTAL_VAR_DIR": str(folder / "var")})


def test_it_makes_the_keys_signs_and_publishes_once(empty: dict[str, str], tmp_path: Path) -> None:
    done = _run(empty, tmp_path)
    assert done.exit_code == 0, done.output
    settings = Settings.from_env(empty)
    with as_owner(settings) as session:
        published = trust(session)
        assert published is not None
        assert session.query(PolicyRow).count() == 1
    assert published.fingerprint in done.output
    named = documents.open_trust(published.envelope.encode(), published.fingerprint)
    assert {key.signer for key in named.keys} == set(Signer)
    assert named.signing_file == build.sha256()
    assert (tmp_path / "officer.pem").stat().st_mode & 0o777 == 0o600
    again = _run(empty, tmp_path)
    assert again.exit_code == 1
    assert "nothing was changed" in again.output


def test_a_file_that_is_no_key_is_refused(empty: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "officer.pem").write_text("my cat")
    done = _run(empty, tmp_path)
    assert done.exit_code == 1
    assert "not a PEM key" in done.output
    with as_owner(Settings.from_env(empty)) as session:
        assert trust(session) is None


def test_one_key_for_both_is_refused(empty: dict[str, str], tmp_path: Path) -> None:
    done = _run(empty, tmp_path, officer="council.pem")
    assert done.exit_code == 1
    assert "one key" in done.output
