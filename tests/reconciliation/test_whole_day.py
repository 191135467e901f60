"""From the real collector through the real gateway to a green day; and a check that is killed in the middle (R01)."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.core.db import Database
from portal.core.logins import LOGINS
from portal.reconciliation.jobs import check_next, plan_days
from tests.cast import Organisation
from tests.collector.test_real_gateway import command, device_of, running, status
from tests.gateway.process import ROOT, Gateway, Rows, wait_until
from tests.reconciliation.conftest import Day
from wire import documents
from wire.policy import Audience

ONE_DAY_MS = 86_400_000
CHECKER = """
import os, signal, sys
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.reconciliation import actions, jobs

def dies(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] != "nowhere":
    setattr(actions, sys.argv[1], dies)
database, more = Database(Settings.from_env(os.environ)), True
while more:
    with database.transaction("worker") as session:
        more = jobs.check_next(session, clock.now())
"""


def move_back(rows: Rows, state: Path, device: UUID, organisation: Organisation) -> date:
    """What happened just now happened yesterday, at the server and in the collector's own count."""
    policy = organisation.policy()
    begins, elsewhere = policy.not_before - 2 * ONE_DAY_MS, Audience(("Elsewhere",), None, None)
    old = replace(policy, audience=elsewhere, not_before=begins, expires=policy.issued, version=1_000_000)
    digest = documents.document_hash(old)
    rows.do(
        "INSERT INTO policy (id, version, hash, envelope, not_before, expires_at) "
        "VALUES (%s, %s, %s, %s, now() - interval '3 days', now() - interval '1 minute') ON CONFLICT DO NOTHING",
        *(uuid4(), old.version, digest, organisation.policy_envelope(old).decode()),
    )
    shift = "started_at = started_at - interval '1 day', ended_at = ended_at - interval '1 day'"
    shift += ", local_day = local_day - 1, received_at = received_at - interval '1 day'"
    more = {"segment": ", policy = %s, policy_version = %s", "upload": ""}
    for table, changed in more.items():
        given = (digest, old.version) if changed else ()
        rows.do(f"UPDATE {table} SET {shift}{changed} WHERE device_id = %s", *given, device)
    rows.do(
        "UPDATE lease_span SET started_at = started_at - interval '1 day', policy = %s, "
        "valid_until = valid_until - interval '1 day' WHERE %s = ANY (devices)",
        *(digest, device),
    )
    rows.do("UPDATE device SET added_at = added_at - interval '2 days' WHERE id = %s", device)
    lines = [json.loads(line) for line in (state / "sent.log").read_text().splitlines()]
    today = date.fromisoformat(lines[0][0])
    yesterday = today - timedelta(days=1)
    moved_lines = [json.dumps([yesterday.isoformat(), *line[1:]]) for line in lines]
    (state / "sent.log").write_text("".join(f"{line}\n" for line in moved_lines))
    (state / "tallied").write_text((today - timedelta(days=2)).isoformat())
    return yesterday


def test_R01_a_day_of_the_real_collector_is_green(
    gateway: Gateway,
    rows: Rows,
    database: Database,
    person: Callable[..., UUID],
    organisation: Organisation,
    tmp_path: Path,
) -> None:
    amira = person(timezone="UTC")
    rows.key(amira)
    fingerprint = documents.fingerprint(organisation.trust_envelope())
    command("enrol", "--server", gateway.url, "--trust", fingerprint, "--code", rows.code(amira), state=tmp_path)
    device = device_of(tmp_path)
    stored = "SELECT count(*) FROM upload WHERE device_id = %s AND outcome = 'stored'"
    with running(tmp_path, "--scripted", "7", "--pace", "3"):
        wait_until(lambda: rows.one(stored, device) > 5)
        command("pause", state=tmp_path)
        wait_until(lambda: status(tmp_path)["reason"] == "paused_here")
        wait_until(lambda: not list((tmp_path / "spool").iterdir()))
    yesterday = move_back(rows, tmp_path, device, organisation)
    with running(tmp_path, "--scripted", "7"):
        wait_until(lambda: rows.one("SELECT count(*) FROM tally WHERE device_id = %s", device) == 1)
    at = clock.now() + timedelta(hours=1)
    with database.transaction("worker") as session:
        plan_days(session, at)
    while True:
        with database.transaction("worker") as session:
            if not check_next(session, at):
                break
    found = rows.all("SELECT what, kind, context, items FROM reconciliation_finding WHERE employee_id = %s", amira)
    assert found == []
    assert rows.one("SELECT state FROM reconciliation WHERE employee_id = %s AND day = %s", amira, yesterday) == "green"
    figures = rows.one("SELECT figures FROM reconciliation WHERE employee_id = %s", amira)
    assert sum(row["sent"] for row in figures["sent"]) == rows.one(stored, device)


@pytest.mark.parametrize("where", ["add_findings", "tell", "record", "nowhere"])
def test_R01_a_check_that_is_killed_is_done_once_by_the_next(day: Day, environment: dict[str, str], where: str) -> None:
    day.rows.do("DELETE FROM segment WHERE id = %s", day.headers[2].segment)
    day.tally()
    day.rows.do(
        "INSERT INTO reconciliation (employee_id, day, due_at) VALUES (%s, %s, '1970-01-01')", day.person, day.day
    )
    known = {name: value for name, value in environment.items() if "DB_PASSWORD" not in name or "WORKER" in name}
    assert "worker" in LOGINS
    done = subprocess.run(
        [sys.executable, "-c", CHECKER, where],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | known,
        check=False,
        timeout=60,
    )
    assert done.returncode == (0 if where == "nowhere" else -signal.SIGKILL)
    assert (day.found() == []) is (where != "nowhere")
    assert day.check() == "red"
    assert day.found() == [("lost", "prompt", "chat", 1)]
    query = "SELECT count(*) FROM audit_entry WHERE employee_id = %s AND action = 'reconciliation.red'"
    assert day.rows.one(query, day.person) == 1
