"""The demo's past, through the real database and a real vault: honest, refused elsewhere, never written twice."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from portal.core import clock
from portal.core.config import Settings
from portal.operations import demo
from portal.operations.demo_company import DEPARTMENTS, SITES, company
from portal.operations.demo_people import PEOPLE
from portal.operations.postgres import Postgres
from portal.operations.processes import python
from portal.operations.publish import as_owner
from portal.operations.runtime import Runtime
from portal.operations.schema import migrate
from portal.pauses import rules
from portal.policies.models import PolicyRow, TrustDocument
from tests.fresh_database import fresh_database
from tests.vault.arrange import vault_process
from vault import service
from vault.opening import State, open_row
from wire import documents, dsse
from wire.documents import Kind, Trust
from wire.policy import accept

TABLES = ("employee", "device", "pause", "lease_span", "upload", "segment", "look", "employee_day")
REFUSED = {"paused", "too_old", "outside_lease"}


@dataclass
class Installation:
    """A database of its own with a vault, on the run's cluster."""

    variables: dict[str, str]
    var: Path
    superuser: psycopg.Connection[dict[str, Any]]

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.variables)

    def command(self, people: int, days: int) -> list[str]:
        wanted = ("--people", str(people), "--days", str(days))
        return python("-m", "portal", "demo-data", *wanted, "--progress", str(self.var / "progress.json"))

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).resolve().parents[2])} | self.variables

    def fill(self, people: int, days: int) -> subprocess.CompletedProcess[str]:
        command = self.command(people, days)
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=240, check=False)

    def counts(self) -> dict[str, int]:
        return {table: self.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in TABLES}

    def rows(self, statement: str) -> list[dict[str, Any]]:
        found = self.superuser.execute(statement.encode()).fetchall()
        self.superuser.commit()
        return found


@contextmanager
def installation(
    postgres: Postgres, environment: dict[str, str], var: Path, *, is_demo: bool = True
) -> Iterator[Installation]:
    with fresh_database(postgres, environment) as (name, variables):
        variables |= {"PORTAL_KMS": f"file:{var / 'kms'}", "PORTAL_VAR_DIR": str(var)}
        variables["PORTAL_VAULT_URL"] = f"unix:{postgres.runtime.socket_directory() / f'{name}.sock'}"
        settings = Settings.from_env(variables)
        migrate(settings, demo=is_demo)
        runtime = Runtime(var)
        runtime.prepare()
        demo.publish_first_policy(settings, runtime)
        conninfo = postgres.superuser_conninfo(name)
        with (
            psycopg.connect(conninfo, row_factory=dict_row) as superuser,
            vault_process({"PATH": os.environ["PATH"]} | variables, var / "vault.log"),
        ):
            yield Installation(variables, var, superuser)


@pytest.fixture(scope="module")
def small(
    postgres: Postgres, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Five people, three days."""
    with installation(postgres, environment, tmp_path_factory.mktemp("small")) as made:
        done = made.fill(len(PEOPLE), 3)
        assert done.returncode == 0, done.stderr
        yield made


def _open_all(made: Installation) -> int:
    """Open every stored segment as the vault does; how many there are."""
    vault = service.build(made.settings)
    opened = Counter[State]()
    with vault.store.transaction() as connection:
        for row in made.rows("SELECT * FROM segment"):
            key = vault.keys.private(connection, row["key_id"], row["employee_id"])
            found = open_row(row, key)
            assert found.fields == (), (row["kind"], found)
            opened[found.state] += 1
    vault.store.close()
    assert set(opened) == {State.OPENED}
    return opened.total()


def test_the_company_has_three_sites_and_departments_of_3_to_90() -> None:
    people = company()
    sizes = Counter(one.department for one in people)
    assert sizes == Counter(DEPARTMENTS)
    assert (min(sizes.values()), max(sizes.values())) == (3, 90)
    assert {one.site for one in people} == set(SITES)
    assert len({one.subject for one in people}) == len({one.email for one in people}) == 300
    assert [one.subject for one in people[: len(PEOPLE)]] == [person.user for person in PEOPLE]


def test_a_database_that_is_no_demo_is_refused_and_left_alone(
    postgres: Postgres, environment: dict[str, str], tmp_path: Path
) -> None:
    with installation(postgres, environment, tmp_path, is_demo=False) as made:
        before = made.counts()
        refused = made.fill(len(PEOPLE), 3)
        assert refused.returncode == 1
        sentence = "This database is not marked as a demo, so no demo data goes into it; nothing was changed."
        assert refused.stderr == f"Error: {sentence}\n"
        assert made.counts() == before == dict.fromkeys(TABLES, 0)


def test_the_policy_is_signed_by_officer_and_council_and_published_once(small: Installation) -> None:
    demo.publish_first_policy(small.settings, Runtime(small.var))
    with as_owner(small.settings) as session:
        (trust,) = session.query(TrustDocument).all()
        (policy,) = session.query(PolicyRow).all()
    keys = documents.open_trust(trust.envelope.encode(), trust.fingerprint)
    assert keys == documents.read(Trust, dsse.payload_of(trust.envelope.encode()))
    # It is as old as the past that it permits.
    assert policy.published_at == policy.not_before
    # Without a policy before it, only the council's signature makes one acceptable.
    assert accept(policy.envelope.encode(), keys, None, clock.to_ms(clock.now())).version == 1


def test_people_are_found_by_the_identity_provider_s_name(small: Installation) -> None:
    rows = small.rows("SELECT issuer, subject, name, site, department, country FROM employee ORDER BY subject")
    issuer = small.variables["PORTAL_OIDC_ISSUER"]
    expected = [
        {"issuer": issuer, "subject": one.user, "name": one.name, "site": one.site.name}
        | {"department": one.department, "country": one.site.country}
        for one in sorted(PEOPLE, key=lambda one: one.user)
    ]
    assert rows == expected


def test_every_item_opens_in_the_vault(small: Installation) -> None:
    assert _open_all(small) > 100
    kinds = {row["kind"] for row in small.rows("SELECT DISTINCT kind FROM segment")}
    assert kinds == {kind.value for kind in Kind}


def test_nothing_stored_lies_inside_a_pause_and_what_did_was_refused(small: Installation) -> None:
    zones = {row["id"]: row["timezone"] for row in small.rows("SELECT id, timezone FROM employee")}
    paused: dict[object, list[rules.Pause]] = {person: [] for person in zones}
    for row in small.rows("SELECT * FROM pause"):
        paused[row["employee_id"]].append(rules.of_row(_Columns(row), zones[row["employee_id"]]))
    assert sum(map(len, paused.values())) > 5
    for row in small.rows("SELECT * FROM segment"):
        start, end = clock.to_ms(row["started_at"]), clock.to_ms(row["ended_at"])
        held = [
            span
            for span in rules.spans(paused[row["employee_id"]], start, end + 1)
            if rules.overlaps(span, start, end)
            and rules.hits(span, Kind(row["kind"]), row["context"], row["device_id"])
        ]
        assert held == []
    reasons = Counter(row["reason"] for row in small.rows("SELECT reason FROM upload WHERE outcome = 'refused'"))
    assert reasons["paused"] > 0
    assert set(reasons) <= REFUSED


def test_everything_stored_lies_inside_its_lease(small: Installation) -> None:
    outside = small.rows(
        "SELECT s.id FROM segment s LEFT JOIN lease_span l ON l.id = s.lease_id AND l.employee_id = s.employee_id "
        "AND s.device_id = ANY (l.devices) AND s.started_at >= l.started_at AND s.ended_at <= l.valid_until "
        "AND l.permitted -> s.kind ? s.context AND l.policy = s.policy AND l.key_id = s.key_id WHERE l.id IS NULL"
    )
    assert outside == []


def test_a_second_run_adds_nothing(small: Installation) -> None:
    before = small.counts()
    again = small.fill(len(PEOPLE), 3)
    assert again.stdout.splitlines()[0] == "0 items were stored, 0 uploads were refused."
    assert small.counts() == before
    assert before["look"] > 0


def test_a_killed_run_is_finished_by_the_next(postgres: Postgres, environment: dict[str, str], tmp_path: Path) -> None:
    with installation(postgres, environment, tmp_path) as made:
        process = subprocess.Popen(made.command(30, 10), env=made.environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while made.counts()["upload"] < 200:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        half = made.counts()["upload"]

        finished = made.fill(30, 10)
        assert finished.returncode == 0, finished.stderr
        noted = json.loads((tmp_path / "progress.json").read_text())
        assert noted["done"] == noted["total"]
        assert 0 < half < made.counts()["upload"]
        assert made.fill(30, 10).stdout.startswith("0 items were stored, 0 uploads were refused.")
        reasons = {row["reason"] for row in made.rows("SELECT DISTINCT reason FROM upload WHERE outcome = 'refused'")}
        assert reasons <= REFUSED
        assert _open_all(made) == made.counts()["segment"]


class _Columns:
    """A row's columns as attributes."""

    def __init__(self, row: dict[str, Any]) -> None:
        vars(self).update(row)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)
