"""A policy in rings from the desk to devices: real gateway and collectors obey what has reached their person (P03)."""

from pathlib import Path
from uuid import UUID

from portal.core import clock
from tests.collector.test_real_gateway import command, device_of, running, status
from tests.deciding.test_thread import applied
from tests.gateway.process import Gateway, Rows, wait_until
from tests.rollouts.conftest import RINGS, Rolled
from wire import documents


def enrol(rolled: Rolled, gateway: Gateway, rows: Rows, folder: Path, person: UUID) -> Path:
    """A real collector of this person."""
    folder.mkdir()
    rows.key(person)
    fingerprint = documents.fingerprint(rolled.desks.organisation.trust_envelope())
    command("enrol", "--server", gateway.url, "--trust", fingerprint, "--code", rows.code(person), state=folder)
    return folder


def test_P03_devices_obey_what_has_reached_their_person(
    rolled: Rolled, gateway: Gateway, rows: Rows, tmp_path: Path
) -> None:
    """In the ring: the new one. Outside: the one before, also what is captured, until the ring reaches them."""
    first, waits = rolled.someone(0, RINGS[0]), rolled.someone(RINGS[0], RINGS[1])
    inside = enrol(rolled, gateway, rows, tmp_path / "inside", first)
    outside = enrol(rolled, gateway, rows, tmp_path / "outside", waits)
    with running(inside, "--scripted", "3", "--pace", "2"), running(outside, "--scripted", "4", "--pace", "2"):
        wait_until(lambda: status(inside).get("reason") == "recording")
        wait_until(lambda: status(outside).get("reason") == "recording")
        assert status(inside)["policy_version"] == rolled.version
        assert status(outside)["policy_version"] == 1
        wait_until(lambda: status(outside).get("stored", 0) > 0)
        leased = "SELECT count(*) FROM lease_span WHERE employee_id = %s AND policy = %s"
        assert rows.one(leased, waits, rolled.hash) == 0, "no lease of a policy that has not reached them"
        stored = "SELECT DISTINCT policy_version FROM segment WHERE employee_id = %s"
        assert rows.all(stored, waits) == [(1,)]
        refused = "SELECT count(*) FROM upload WHERE employee_id = ANY (%s) AND outcome = 'refused'"
        assert rows.one(refused, [first, waits]) == 0, "admission agrees with the leases, person by person"
        wait_until(lambda: applied(rows, device_of(inside), rolled.hash))

        assert rolled.act("advance").status_code == 303
        wait_until(lambda: applied(rows, device_of(outside), rolled.hash))
        wait_until(lambda: status(outside).get("policy_version") == rolled.version)
        wait_until(lambda: status(outside).get("reason") == "recording")
        counted = "SELECT sum(devices), sum(offered), sum(applied) FROM rollout_counts((SELECT id FROM policy WHERE hash = %s), true) WHERE ring IS NOT NULL"  # noqa: E501 - one statement
        assert [int(one) for one in rows.all(counted, rolled.hash)[0]] == [2, 2, 2]


def test_P03_taken_back_every_device_obeys_what_held_before(
    rolled: Rolled, gateway: Gateway, rows: Rows, tmp_path: Path
) -> None:
    desks = rolled.desks
    first, waits = rolled.someone(0, RINGS[0]), rolled.someone(RINGS[0])
    inside = enrol(rolled, gateway, rows, tmp_path / "inside", first)
    outside = enrol(rolled, gateway, rows, tmp_path / "outside", waits)
    with running(inside, "--scripted", "3", "--pace", "2"), running(outside, "--scripted", "4", "--pace", "2"):
        wait_until(lambda: status(inside).get("policy_version") == rolled.version)
        wait_until(lambda: status(outside).get("reason") == "recording")
        draft = rolled.act("take-back").headers["Location"]
        assert desks.as_(desks.omar).post(f"{draft}/submit", {"seen": "1"}).status_code == 303
        number = desks.value("SELECT number FROM policy_draft WHERE id = %s", draft.rpartition("/")[2])
        assert desks.officer_signs(number).status_code == 303
        again = documents.document_hash(desks.document(number))
        for folder in (inside, outside):
            wait_until(lambda: applied(rows, device_of(folder), again))  # noqa: B023 - awaited here
            wait_until(lambda: status(folder).get("reason") == "recording")  # noqa: B023 - awaited here
        said = rows.all(
            "SELECT what, detail, directive FROM device_report WHERE what = 'failed' AND policy = %s",
            again,
        )
        assert said == [], "no device refuses it"
        assert clock.to_ms(clock.now()) > desks.document(number).not_before
