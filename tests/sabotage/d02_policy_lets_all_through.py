from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="A person's login sees everybody's rows",
    changes=(Edit(PRIVILEGES, old='OWN = "employee_id = (SELECT actor_id())"', new='OWN = "employee_id IS NOT NULL"'),),
    red=(
        "tests/db/test_marker.py::test_D02_no_table_partition_or_view_tells_anything_of_another_person",
        "tests/db/test_marker.py::test_D02_nobody_else_sees_that_a_person_paused",
        "tests/db/test_privileges.py::test_D02_a_persons_login_sees_only_rows_of_the_actor",
    ),
)
