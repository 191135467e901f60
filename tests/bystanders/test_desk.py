"""Who of HR claims an item of somebody else learns nothing of whose it is from the desk (0042)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.bystanders.jobs import file_next
from portal.core import clock
from portal.core.db import Database
from portal.hr.queue import numbers
from portal.requests.jobs import count_next
from portal.worker import run
from tests.bystanders.test_bystanders import Browse, Superuser, Two, claimed, named, of_hr, one, request_of
from tests.requests.arrange import sent


@pytest.fixture
def two(person: Callable[..., UUID], superuser: Superuser) -> Two:
    return Two(person, superuser)


def test_D02_the_desk_tells_who_claims_nothing_of_whose_the_item_is(
    browse: Browse, database: Database, superuser: Superuser, person: Callable[..., UUID]
) -> None:
    two = Two(person, superuser, owner=f"Amira {uuid4().hex}")
    name = str(one(superuser, "SELECT name FROM employee WHERE id = %s", two.amira)[0])  # type: ignore[index]
    superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'hr')", [two.ben])
    hana = of_hr(superuser, "Hana Lindqvist")
    named(browse, two, database)
    claimed(browse, two, superuser)
    for job in (file_next, count_next):
        run(database, job)
    number, request = request_of(superuser, two)
    superuser.execute("UPDATE request SET due_at = now() - interval '9 years' WHERE id = %s", [request])
    superuser.execute(
        "INSERT INTO request_event (employee_id, request_id, kind, actor_role) VALUES (%s, %s, 'extended', 'hr')",
        [two.amira, request],
    )
    superuser.commit()
    form: dict[str, Any] = {"chosen": f"{number}:9223372036854775807", "to": str(two.ben), "words": "why"}
    for path in ("/hr", "/hr?type=erase", "/hr?urgent=over", f"/hr/bulk?number={number}", "/hr/extended"):
        assert name in browse(hana).get(path).text, path
        assert name not in browse(two.ben).get(path).text, path
    for act in ("assign", "extend"):
        assert name not in browse(two.ben).post(f"/hr/bulk/{act}", form, follow_redirects=True).text
    superuser.execute(
        "UPDATE request SET state = 'refused', closed_at = now() + interval '9 years' WHERE id = %s", [request]
    )
    superuser.commit()
    assert name in browse(hana).get("/hr?state=refused").text
    assert name not in browse(two.ben).get("/hr?state=refused").text


def test_D02_the_numbers_above_the_queue_leave_out_what_the_reader_claims(
    two: Two, database: Database, superuser: Superuser
) -> None:
    request = sent(database, two.amira).id
    now = clock.now()

    def counted() -> list[int]:
        found = []
        for who in (two.ben, of_hr(superuser, "Hana Lindqvist")):
            with database.transaction("web_hr", who) as session:
                found.append(numbers(session, who, now, now).live)
        return found

    ben, hana = counted()
    assert ben == hana
    superuser.execute(
        "UPDATE request SET started_by = 'bystander', started_by_id = %s WHERE id = %s", [two.ben, request]
    )
    superuser.commit()
    assert counted() == [ben - 1, hana]
