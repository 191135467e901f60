"""Tasks to owners of stores and to recipients: given, chased, done with a proof."""

from typing import Any
from uuid import UUID, uuid4

from tests.hr.conftest import Office, steps

GIVEN = {"sort": "owner", "store": "Hive / train_snap_04", "owner": "Data platform", "words": "Please delete by hand."}


def running(office: Office) -> int:
    number = office.ask()
    office.act(office.hana, number, "decide", outcome="approve")
    steps(office, number, "done", "pending")
    return number


def only(office: Office, number: int) -> dict[str, Any]:
    cursor = office.superuser.execute("SELECT * FROM store_task WHERE request_id = %s", [office.row(number)["id"]])
    found = cursor.fetchall()
    office.superuser.rollback()
    assert cursor.description
    [row] = found
    return dict(zip([column.name for column in cursor.description], row, strict=True))


def test_refused_to_everybody_else(office: Office) -> None:
    office.refused(running(office), "tasks", **GIVEN)


def test_given_chased_done_with_proof(office: Office) -> None:
    number = running(office)
    assert office.act(office.hana, number, "tasks", **GIVEN).status_code == 303
    task = only(office, number)
    assert (task["sort"], task["owner"], task["given_name"], task["done_at"]) == ("owner", "Data platform", "Hana Berg", None)  # fmt: skip  # noqa: E501
    for _ in range(2):
        office.act(office.helge, number, f"tasks/{task['id']}/chase")
    assert office.act(office.helge, number, f"tasks/{task['id']}/done", proof=" ").status_code == 409
    assert office.act(office.helge, number, f"tasks/{task['id']}/done", proof="Ticket DP-9 closed").status_code == 303
    task = only(office, number)
    assert (task["chases"], task["proof"], task["done_name"]) == (2, "Ticket DP-9 closed", "Helge Moe")
    page = office.as_(office.hana).get(f"/hr/requests/{number}").text
    for words in ("Ticket DP-9 closed", "reminded 2 times", "Task given", "Task done"):
        assert words in page
    theirs = office.as_(office.amira).get(f"/requests/{office.row(number)['id']}")
    assert theirs.status_code == 200
    for words in ("HR asked an owner of a store", "HR reminded them", "They did it, and HR has the proof"):
        assert words in theirs.text
    assert office.kinds(number)[-4:] == ["noted"] * 4
    assert office.logged(number)[-1] == "request.noted by hr"


def test_done_twice_keeps_the_first_proof(office: Office) -> None:
    number = running(office)
    office.act(office.hana, number, "tasks", **GIVEN)
    task = only(office, number)["id"]
    office.act(office.hana, number, f"tasks/{task}/done", proof="first")
    for act in ("done", "chase"):
        assert office.act(office.helge, number, f"tasks/{task}/{act}", proof="second").status_code == 409
    assert only(office, number)["proof"] == "first"


def test_a_task_of_another_request_or_none_is_not_there(office: Office) -> None:
    number, other = running(office), running(office)
    office.act(office.hana, number, "tasks", **GIVEN)
    task: UUID = only(office, number)["id"]
    for request, given in ((other, task), (number, uuid4())):
        assert office.act(office.hana, request, f"tasks/{given}/done", proof="x").status_code == 404


def test_half_a_task_and_too_early_a_task_are_refused(office: Office) -> None:
    number = running(office)
    assert office.act(office.hana, number, "tasks", **(GIVEN | {"owner": " "})).status_code == 409
    assert office.act(office.hana, number, "tasks", **(GIVEN | {"sort": "boss"})).status_code == 400
    assert office.act(office.hana, office.ask(), "tasks", **GIVEN).status_code == 404


def test_the_person_may_read_to_whom_it_was_given(office: Office) -> None:
    number = running(office)
    office.act(office.hana, number, "tasks", **(GIVEN | {"sort": "recipient"}))
    with office.database.transaction("web_employee", office.amira) as session:
        assert session.connection().exec_driver_sql("SELECT owner FROM store_task").scalars().all() == ["Data platform"]
    with office.database.transaction("web_employee", office.ben) as session:
        assert session.connection().exec_driver_sql("SELECT owner FROM store_task").scalars().all() == []
