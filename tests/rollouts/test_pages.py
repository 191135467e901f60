"""The pages of a rollout: refusals first, then its acts, its gate, its record, what each desk sees (P03, D01, S07)."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.policies.queries import policies
from portal.policies.rollouts import actions
from portal.policies.rules import place
from tests.deciding.conftest import Chamber
from tests.rollouts.conftest import RINGS, Rolled, publish
from tests.web_client import statements

PAGES = ("", "/{version}", "/{version}/progress")
ACTS = ("advance", "halt", "go-on", "take-back")


def test_nobody_else_comes_in(rolled: Rolled, person: Callable[..., UUID]) -> None:
    desks = rolled.desks
    hana = person("Hana Sato")
    desks.superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'hr')", [hana])
    desks.superuser.commit()
    for desk, own, other in (("officer", desks.omar, desks.clara), ("council", desks.clara, desks.omar)):
        for page in PAGES:
            address = f"/{desk}/rollouts" + page.format(version=rolled.version)
            assert desks.browse(None).get(address).status_code == 303
            for who in (desks.amira, hana, other):
                assert desks.as_(who).get(address).status_code == 403, address
            answer = desks.as_(own).get(address)
            assert answer.status_code == 200
            assert statements(answer) <= 12
    for act in ACTS:
        for who in (desks.amira, hana, desks.clara):
            assert desks.as_(who).post(f"{rolled.page}/{act}").status_code == 403
        assert desks.as_(desks.clara).post(f"/council/rollouts/{rolled.version}/{act}").status_code == 404
        assert desks.as_(desks.omar).get(f"{rolled.page}/{act}").status_code == 405
        assert desks.as_(desks.omar).post(f"/officer/rollouts/{rolled.version + 1}/{act}").status_code == 404
    assert desks.as_(desks.omar).get(f"/officer/rollouts/{1 << 60}").status_code == 404
    assert rolled.state() == ("running", 0, RINGS[0])


def test_S07_to_act_one_signs_in_anew(rolled: Rolled) -> None:
    browser = rolled.desks.as_(rolled.desks.omar)
    assert browser.get(rolled.page).status_code == 200
    rolled.desks.superuser.execute("UPDATE login_session SET auth_time = now() - interval '16 minutes'")
    rolled.desks.superuser.commit()
    for act in ACTS:
        assert "/sign-in" in rolled.act(act).headers["Location"]
    assert browser.get(rolled.page).status_code == 200, "reading needs no fresh sign-in"
    assert rolled.state() == ("running", 0, RINGS[0])


def test_without_a_rollout_the_list_says_so(hasty: Chamber) -> None:
    assert "Nothing goes out in rings now" in hasty.as_(hasty.omar).get("/officer/rollouts").text
    assert hasty.as_(hasty.omar).get("/officer/rollouts/1").status_code == 404, "the first policy had no rings"


def test_rings_are_chosen_as_a_draft_is_submitted(hasty: Chamber) -> None:
    omar = hasty.as_(hasty.omar)
    made = omar.post("/officer/policies", {"title": "More", "source": str(hasty.newest().version)})
    path = str(made.headers["Location"]).removesuffix("/edit")
    assert 'name="rings"' not in omar.get(path).text, "it asks for no more"
    refused = omar.post(f"{path}/submit", {"seen": "1", "rings": "1, 100"})
    assert refused.status_code == 422
    assert "so it holds for everybody at once" in refused.text
    wrong = omar.post(f"{path}/submit", {"seen": "1", "rings": "1, 10"})
    assert wrong.status_code == 422
    assert "the last one is 100" in wrong.text
    assert hasty.value("SELECT state FROM policy_draft WHERE id = %s", path.rpartition("/")[2]) == "draft"


def test_P03_a_narrowing_takes_no_rings(hasty: Chamber) -> None:
    with pytest.raises(Exception, match="draft with problems"):
        hasty.submit(rings=RINGS, max_sensitivity=3)
    with pytest.raises(Exception, match="draft with problems"):
        hasty.submit(rings=RINGS, max_sensitivity=3, self_service_hours=1)


def test_one_ring_is_no_rollout(hasty: Chamber) -> None:
    before = hasty.value("SELECT count(*) FROM rollout")
    publish(hasty, hasty.submit(self_service_hours=1))
    assert hasty.value("SELECT count(*) FROM rollout") == before


def test_P03_each_person_has_what_has_reached_them(rolled: Rolled, database: Database) -> None:
    inside, outside = rolled.someone(0, RINGS[0]), rolled.someone(RINGS[0])
    for who, version in ((inside, rolled.version), (outside, 1)):
        with database.transaction("web_employee", who) as session:
            found = policies(session, who).in_force(clock.now())
            assert found
            assert found.version == version
        page = rolled.desks.as_(who).get("/policy").text
        assert ("has not reached you yet" in page) is (who == outside)
    waits = rolled.someone(RINGS[0], RINGS[1])
    assert rolled.act("advance").status_code == 303
    with database.transaction("web_employee", waits) as session:
        found = policies(session, waits).in_force(clock.now())
        assert found
        assert found.version == rolled.version


def test_the_database_counts_the_same_places(rolled: Rolled) -> None:
    for _ in range(50):
        who = rolled.someone()
        assert rolled.desks.value("SELECT rollout_place(%s, %s)", rolled.hash, who) == place(rolled.hash, who)


def test_advance_to_the_end(rolled: Rolled) -> None:
    assert rolled.state() == ("running", 0, 30)
    rolled.device(rolled.someone(0, 30), "applied")
    page = rolled.act("advance")
    assert page.status_code == 303
    assert rolled.state() == ("running", 1, 60)
    assert rolled.act("advance").status_code == 303
    assert rolled.state() == ("ended", 2, 100)
    refused = rolled.act("advance")
    assert refused.status_code == 409
    assert "<title>Error: " in refused.text
    assert "This rollout is over" in refused.text.partition('id="to-mend"')[2].partition("</ul>")[0]
    for act in ("halt", "go-on"):
        assert rolled.act(act).status_code == 409
    assert rolled.steps() == [
        ("begun", "works_council", 30),
        ("advanced", "privacy_officer", 60),
        ("advanced", "privacy_officer", 100),
        ("ended", "privacy_officer", 100),
    ]
    logged = rolled.desks.superuser.execute(
        "SELECT action, actor_role, detail ->> 'percent' FROM audit_entry WHERE action LIKE 'rollout.%%'"
        " AND object_id = (SELECT id FROM policy WHERE hash = %s) ORDER BY id",
        [rolled.hash],
    ).fetchall()
    rolled.desks.superuser.rollback()
    assert [(f"rollout.{what}", role, str(percent)) for what, role, percent in rolled.steps()] == logged


def test_P03_the_gate_holds_a_rollout_up(rolled: Rolled, database: Database) -> None:
    people = [rolled.someone(0, 30) for _ in range(4)]
    for who in people[:3]:
        rolled.device(who, offered=False)
    refused = rolled.act("advance")
    assert refused.status_code == 409
    assert "has been offered the policy yet" in refused.text
    for who in people:
        rolled.device(who)
    refused = rolled.act("advance")
    assert refused.status_code == 409
    assert "Fewer than 80 percent" in refused.text
    failing = rolled.device(people[0], "failed")
    refused = rolled.act("advance")
    assert refused.status_code == 409
    assert "More than 5 percent of the devices that answered" in refused.text
    assert rolled.state() == ("running", 0, 30)
    with database.transaction("worker") as session:
        actions.halt_unhealthy(session, clock.now())
    assert rolled.state() == ("halted", 0, 30)
    assert rolled.steps()[-1] == ("halted", "worker", 30)
    page = rolled.desks.as_(rolled.desks.omar).get(rolled.page).text
    assert "too many devices refuse it" in page
    assert "Daylight itself" in page
    assert str(failing) not in page, "no device is named"


def test_the_worker_leaves_what_is_healthy(rolled: Rolled, database: Database) -> None:
    rolled.device(rolled.someone(0, 30), "applied")
    with database.transaction("worker") as session:
        actions.halt_unhealthy(session, clock.now())
    assert rolled.state() == ("running", 0, 30)


def test_P03_halted_it_goes_no_further(rolled: Rolled) -> None:
    rolled.device(rolled.someone(0, 30), "applied")
    assert rolled.act("halt").status_code == 303
    assert rolled.state() == ("halted", 0, 30), "who has it keeps it"
    refused = rolled.act("advance")
    assert refused.status_code == 409
    assert "It is halted" in refused.text
    assert rolled.state() == ("halted", 0, 30)
    assert rolled.act("halt").status_code == 303, "again changes nothing"
    assert rolled.act("go-on").status_code == 303
    refused = rolled.act("go-on")
    assert refused.status_code == 409
    assert "It is not halted" in refused.text
    assert rolled.act("advance").status_code == 303
    assert [what for what, *_ in rolled.steps()] == ["begun", "halted", "resumed", "advanced"]


def refused(settings: Settings, login: str, statement: str, why: str = ".") -> None:
    """The database does not let this login do it."""
    with psycopg.connect(settings.conninfo(login)) as connection, pytest.raises(psycopg.Error, match=why):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    ("login", "statement"),
    [
        ("web_officer", "UPDATE rollout SET ring = ring + 2"),
        ("web_officer", "UPDATE rollout SET ring = ring - 1"),
        ("web_officer", "UPDATE rollout SET rings = '{100}'"),
        ("web_officer", "UPDATE policy SET reached = 100"),
        ("web_officer", "DELETE FROM rollout_step"),
        ("web_officer", "INSERT INTO rollout_step (what) VALUES ('begun')"),
        ("web_council", "UPDATE rollout SET ring = ring + 1"),
        ("worker", "UPDATE rollout SET ring = ring + 1"),
        ("worker", "UPDATE rollout_step SET reason = ''"),
        ("gateway", "UPDATE policy SET reached = 100"),
        ("web_council", "SELECT rollout_counts(policy_id, true) FROM rollout"),
    ],
)
def test_D01_the_database_moves_a_rollout_only_so(
    rolled: Rolled, settings: Settings, login: str, statement: str
) -> None:
    refused(settings, login, statement)
    assert rolled.state() == ("running", 0, 30)


def test_P03_the_database_does_not_move_a_halted_one(rolled: Rolled, settings: Settings) -> None:
    rolled.act("halt")
    refused(settings, "web_officer", "UPDATE rollout SET ring = ring + 1", "halted")
    refused(settings, "worker", "UPDATE rollout SET state = 'running' WHERE state = 'halted'", "only the officer")
    rolled.desks.superuser.execute("UPDATE rollout SET state = 'ended'")
    rolled.desks.superuser.commit()
    refused(settings, "web_officer", "UPDATE rollout SET state = 'halted'", "is over")


def test_D01_counts_of_few_devices_are_nobodys_to_see(rolled: Rolled) -> None:
    for number in range(12):
        rolled.device(rolled.someone(0, 30, site="Aachen"), "applied" if number else "failed")
    for place_, count in (("Bonn", 3), ("Celle", 2)):
        for _ in range(count):
            rolled.device(rolled.someone(0, 30, site=place_), "applied")
    officer = rolled.desks.as_(rolled.desks.omar).get(rolled.page).text
    council = rolled.desks.as_(rolled.desks.clara).get(f"/council/rollouts/{rolled.version}").text
    for page in (officer, council):
        assert "Bonn" not in page
        assert "Celle" not in page
    assert "16 of 17 devices in the rings reached obey it" in officer
    assert ">16<" in officer
    assert ">16<" not in council
    assert ">17<" in council
    rolled.act("halt")
    kept = rolled.desks.value("SELECT figures FROM rollout_step ORDER BY id DESC LIMIT 1")
    assert [(one["devices"], one["applied"]) for one in kept if one["ring"] == 0] == [(17, None)], "nor are they kept"


def test_a_site_alone_beside_a_small_one_is_counted_with_it(rolled: Rolled) -> None:
    for site, count in (("Aachen", 11), ("Bonn", 12), ("Celle", 2)):
        for _ in range(count):
            rolled.device(rolled.someone(0, 30, site=site), "applied")
    rows = rolled.desks.superuser.execute(
        "SELECT f.site, f.devices FROM policy p, rollout_counts(p.id, true) f"
        " WHERE p.version = %s AND f.ring IS NULL ORDER BY 1",
        [rolled.version],
    ).fetchall()
    rolled.desks.superuser.rollback()
    assert rows == [("", 13), ("Bonn", 12)], "two devices of Celle could be told from the whole"


def test_taking_it_back_begins_the_draft_that_says_again_what_held_before(rolled: Rolled) -> None:
    desks = rolled.desks
    old = desks.newest()
    answer = rolled.act("take-back")
    assert answer.status_code == 303
    assert rolled.state()[0] == "halted"
    draft = answer.headers["Location"]
    page = desks.as_(desks.omar).get(draft).text
    assert "your signature is enough" in page
    assert desks.as_(desks.omar).post(f"{draft}/submit", {"seen": "1"}).status_code == 303
    number = desks.value("SELECT number FROM policy_draft WHERE id = %s", draft.rpartition("/")[2])
    assert desks.officer_signs(number).status_code == 303
    assert desks.published(number)
    assert rolled.state() == ("ended", 0, 30)
    assert desks.document(number).self_service_hours == 24
    who = rolled.someone()
    with desks.database.transaction("web_employee", who) as session:
        found = policies(session, who).in_force(clock.now())
        assert found
        assert found.version == rolled.version + 1, "at once, for everybody"
    page = desks.as_(desks.omar).get(rolled.page).text
    assert "another policy took its place" in page
    assert found.rules == old.rules


def test_a_part_of_what_goes_out_waits_with_it(rolled: Rolled, database: Database) -> None:
    """Omar narrows what is going out: at once for those who have it; the others had less all the time."""
    desks = rolled.desks
    number = desks.submit(audience=rolled.audience, self_service_hours=2)
    assert desks.officer_signs(number).status_code == 303
    assert rolled.state() == ("running", 0, 30)
    for who, version in ((rolled.someone(0, 30), rolled.version + 1), (rolled.someone(30), 1)):
        with database.transaction("web_employee", who) as session:
            found = policies(session, who).in_force(clock.now())
            assert found
            assert found.version == version
