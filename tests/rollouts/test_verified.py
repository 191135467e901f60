"""P10: who is verified, who has failed and who is overdue is counted by what arrived, not by what a device says."""

from uuid import UUID

from portal.core import clock
from portal.core.db import Database
from portal.policies.rollouts import actions, queries, rules
from portal.policies.rollouts.rules import Figures
from tests.rollouts.conftest import Rolled


def says(rolled: Rolled, device: UUID, what: str, ago: str = "0") -> None:
    """A word of or about the device, a while ago."""
    rolled.desks.superuser.execute(
        "INSERT INTO device_report (employee_id, device_id, what, directive, policy, last_seq, reported_at,"
        " received_at)"
        " SELECT employee_id, id, %s, 0, %s, 0, now(), clock_timestamp() - %s::interval FROM device WHERE id = %s",
        [what, rolled.hash, ago, device],
    )
    rolled.desks.superuser.commit()


def figures(rolled: Rolled, database: Database, login: str = "worker") -> Figures:
    """The numbers of the first ring, as this login gets them."""
    policy = rolled.desks.value("SELECT id FROM policy WHERE hash = %s", rolled.hash)
    who = {"web_officer": rolled.desks.omar, "web_council": rolled.desks.clara}.get(login)
    with database.transaction(login, who) as session:
        return rules.reached(queries.figures(session, policy), 0)


def test_P10_verified_is_counted_by_what_was_seen(rolled: Rolled, database: Database) -> None:
    quiet, seen, amiss, stubborn, refuses, strange = (rolled.device(rolled.someone(0, 30)) for _ in range(6))
    for device in (quiet, seen, amiss, stubborn):
        says(rolled, device, "applied")
    says(rolled, refuses, "failed")
    for device in (seen, refuses, strange):
        says(rolled, device, "verified")
    for device in (amiss, stubborn):
        says(rolled, device, "contradicted")
    says(rolled, stubborn, "applied")
    assert figures(rolled, database) == Figures(6, 6, 5, applied=2, failed=3, verified=1, overdue=0)
    says(rolled, amiss, "verified")
    assert figures(rolled, database) == Figures(6, 6, 5, applied=3, failed=2, verified=2, overdue=0)


def test_P10_after_a_day_it_stays_applied_and_not_verified(rolled: Rolled, database: Database) -> None:
    rolled.desks.superuser.execute(
        "UPDATE policy SET not_before = now() - interval '9 days' WHERE hash = %s", [rolled.hash]
    )
    for ago in ("23 hours", "25 hours"):
        says(rolled, rolled.device(rolled.someone(0, 30)), "applied", ago)
    assert figures(rolled, database) == Figures(2, 2, 2, applied=2, failed=0, verified=0, overdue=1)
    page = rolled.desks.as_(rolled.desks.omar).get(rolled.page).text
    assert "Not verified" in page
    assert "0 of them are verified: what arrives shows it." in page


def test_P10_what_arrived_halts_a_rollout(rolled: Rolled, database: Database) -> None:
    device = rolled.device(rolled.someone(0, 30), "applied")
    says(rolled, device, "contradicted")
    with database.transaction("worker") as session:
        actions.halt_unhealthy(session, clock.now())
    assert rolled.state() == ("halted", 0, 30)


def test_D01_nor_can_few_be_told_from_verified(rolled: Rolled, database: Database) -> None:
    for number in range(25):
        device = rolled.device(rolled.someone(0, 30), "applied")
        if number < 20:
            says(rolled, device, "verified")
    assert figures(rolled, database, "web_officer").verified == 20
    council = figures(rolled, database, "web_council")
    assert (council.devices, council.applied, council.verified) == (25, 25, None)


def test_P10_who_still_has_its_day_is_told_from_who_had_it(rolled: Rolled) -> None:
    who = rolled.someone(0, 30)
    device = rolled.device(who)

    def page() -> str:
        answer = rolled.desks.as_(who).get("/policy")
        assert int(answer.headers["Daylight-Statements"]) <= 12
        return answer.text

    def do(statement: str, value: object) -> None:
        rolled.desks.superuser.execute(statement.encode(), [value])
        rolled.desks.superuser.commit()

    do("UPDATE lease_span SET started_at = now() - interval '25 hours' WHERE employee_id = %s", who)
    assert "offered, not applied: it has a day for that" in page(), "the policy itself is younger than a day"
    do("UPDATE policy SET not_before = now() - interval '9 days' WHERE hash = %s", rolled.hash)
    assert "offered for more than a day, and still not applied" in page()
    says(rolled, device, "applied", "23 hours")
    assert "applied by the device, not verified: it has a day for that" in page()
    says(rolled, device, "applied", "25 hours")
    assert "applied by the device for more than a day, and still not verified" in page()


def test_the_person_reads_of_each_device_what_was_seen(rolled: Rolled) -> None:
    who = rolled.someone(0, 30)
    device = rolled.device(who)

    def page() -> str:
        return rolled.desks.as_(who).get("/policy").text

    says(rolled, device, "applied")
    assert "applied by the device, not verified" in page()
    says(rolled, device, "verified")
    assert "in force and verified: what arrives is what the policy permits" in page()
    says(rolled, device, "contradicted")
    says(rolled, device, "applied")
    assert "failed: something arrived that the policy does not permit" in page()
    says(rolled, device, "verified")
    says(rolled, device, "applied")
    assert "in force and verified" in page(), "the device says it again after each start"
