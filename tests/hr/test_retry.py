"""HR has a store tried again that refused: offered where it helps, once, and told to the person."""

from uuid import UUID, uuid4

import pytest

from portal.requests.jobs import retry_next
from portal.requests.rules import RequestType
from portal.worker import run
from tests.hr.conftest import Office, steps

BUTTON = "Try this store again"


def refusing(office: Office, state: str = "refused", reason: str | None = "denied:events") -> tuple[int, UUID]:
    """A request that ended in part, for the second store's reason; its number and that step."""
    number = office.ask()
    office.act(office.hana, number, "decide", outcome="approve")
    _, step = steps(office, number, "done", state)
    office.superuser.execute("UPDATE request_step SET reason = %s WHERE id = %s", [reason, step])
    office.superuser.execute("UPDATE request SET state = 'partial', closed_at = now() WHERE number = %s", [number])
    office.superuser.execute(
        "INSERT INTO request_event (employee_id, request_id, kind, actor_role, params) "
        "SELECT employee_id, id, kind, 'worker', '{\"state\": \"partial\"}' FROM request, "
        "unnest(ARRAY['started', 'closed']) kind WHERE number = %s",
        [number],
    )
    office.superuser.commit()
    return number, step


def rounds(office: Office, number: int) -> list[tuple[int, str]]:
    """Round and state of the second store."""
    found = office.superuser.execute(
        "SELECT round, state FROM request_step WHERE request_id = %s AND dataset_id IS NOT NULL ORDER BY round",
        [office.row(number)["id"]],
    ).fetchall()
    office.superuser.rollback()
    return [(int(row[0]), str(row[1])) for row in found]


def test_refused_to_everybody_else(office: Office) -> None:
    number, step = refusing(office)
    office.refused(number, f"steps/{step}/retry")
    run(office.database, retry_next)
    assert rounds(office, number) == [(1, "refused")]


def test_offered_done_told_and_logged(office: Office) -> None:
    number, step = refusing(office)
    assert BUTTON in office.as_(office.hana).get(f"/hr/requests/{number}").text
    assert office.act(office.hana, number, f"steps/{step}/retry").status_code == 303
    row = office.row(number)
    assert (row["state"], row["closed_at"]) == ("running", None)
    assert office.logged(number)[-1] == "request.retried by hr"
    assert "page request_retried" in office.told(number)
    theirs = office.as_(office.amira).get(f"/requests/{row['id']}").text
    assert "HR has Hive / mci_1 tried again" in theirs
    page = office.as_(office.helge).get(f"/hr/requests/{number}").text
    assert (BUTTON in page, "It is tried again." in page, "Tried again: Hive / mci_1" in page) == (False, True, True)
    run(office.database, retry_next)
    run(office.database, retry_next)
    assert rounds(office, number) == [(1, "refused"), (2, "waiting")]
    assert office.kinds(number)[-1] == "retried", "it runs already"


def test_a_second_click_and_a_second_tab_ask_for_nothing_more(office: Office) -> None:
    number, step = refusing(office)
    before, path = office.seen(number), f"steps/{step}/retry"
    assert office.act(office.hana, number, path, seen=before).status_code == 303
    assert office.act(office.hana, number, path, seen=before).status_code == 409
    assert office.act(office.helge, number, path).status_code == 409, "from a page drawn since"
    run(office.database, retry_next)
    assert office.act(office.helge, number, path).status_code == 404, "there is a newer round"
    run(office.database, retry_next)
    assert rounds(office, number) == [(1, "refused"), (2, "waiting")]
    assert office.kinds(number).count("retried") == 1


def test_what_was_refused_again_can_be_tried_again(office: Office) -> None:
    number, step = refusing(office)
    for turn in (2, 3):
        office.act(office.hana, number, f"steps/{step}/retry")
        run(office.database, retry_next)
        office.superuser.execute(
            "UPDATE request_step SET state = 'refused', reason = 'denied:events' WHERE request_id = %s AND round = %s",
            [office.row(number)["id"], turn],
        )
        office.superuser.commit()
        step = office.value(
            "SELECT id FROM request_step WHERE request_id = %s AND round = %s", office.row(number)["id"], turn
        )
    assert [turn for turn, _ in rounds(office, number)] == [1, 2, 3]


def test_the_last_other_store_that_ends_meanwhile_does_not_close_it_for_good(office: Office) -> None:
    number, step = refusing(office)
    office.act(office.hana, number, f"steps/{step}/retry")
    office.superuser.execute("UPDATE request SET state = 'partial', closed_at = now() WHERE number = %s", [number])
    office.superuser.execute(
        "INSERT INTO request_event (employee_id, request_id, kind, actor_role, params) "
        "SELECT employee_id, id, 'closed', 'worker', '{\"state\": \"partial\"}' FROM request WHERE number = %s",
        [number],
    )
    office.superuser.commit()
    run(office.database, retry_next)
    assert (office.row(number)["state"], office.kinds(number)[-1]) == ("running", "reopened")


@pytest.mark.parametrize(
    ("state", "reason"),
    [("done", None), ("pending", None), ("refused", "ground:legal_claims"), ("partial", None), ("cancelled", None)],
)
def test_only_what_was_refused_for_what_may_be_over(office: Office, state: str, reason: str | None) -> None:
    number, step = refusing(office, state, reason)
    assert BUTTON not in office.as_(office.hana).get(f"/hr/requests/{number}").text
    assert office.act(office.hana, number, f"steps/{step}/retry").status_code == 404
    assert office.act(office.hana, number, f"steps/{uuid4()}/retry").status_code == 404


def test_another_requests_step_and_another_type_are_not_there(office: Office) -> None:
    (number, _), (_, other) = refusing(office), refusing(office)
    assert office.act(office.hana, number, f"steps/{other}/retry").status_code == 404
    number, step = refusing(office)
    office.superuser.execute("UPDATE request SET type = 'restrict' WHERE number = %s", [number])
    office.superuser.commit()
    assert office.act(office.hana, number, f"steps/{step}/retry").status_code == 409
    assert RequestType.RESTRICT.value == office.row(number)["type"]


def test_who_was_erased_as_a_whole_is_not_looked_for(office: Office) -> None:
    number, step = refusing(office)
    office.superuser.execute("UPDATE employee SET name = '' WHERE id = %s", [office.amira])
    office.superuser.commit()
    assert BUTTON not in office.as_(office.hana).get(f"/hr/requests/{number}").text
    answer = office.act(office.hana, number, f"steps/{step}/retry")
    assert (answer.status_code, "nobody knows any more under which name" in answer.text) == (409, True)
