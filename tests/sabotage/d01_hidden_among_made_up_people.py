from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/policies/test_counted.py"
SABOTAGE = Sabotage(
    requirement="D01",
    breaks="People whom the directory alone speaks of make an audience large enough",
    changes=(
        Edit(
            "migrations/versions/20261130_1781_counted_audiences.py",
            old='"OR EXISTS (SELECT FROM device v WHERE v.employee_id = {id}))"',
            new='"OR true)"',
        ),
        Edit(
            "migrations/versions/20261130_1800_stops_that_overlap.py",
            old='"OR EXISTS (SELECT FROM device v WHERE v.employee_id = e.id))"',
            new='"OR true)"',
        ),
    ),
    red=(
        f"{FILE}::test_D01_made_up_people_name_no_place",
        f"{FILE}::test_D01_a_stop_tells_no_number_of_a_few_among_made_up_people",
        f"{FILE}::test_D01_exemptions_are_counted_without_them",
    ),
)
