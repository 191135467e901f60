from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A05",
    breaks="Rows that the directory alone speaks of make a group large enough",
    changes=(
        Edit(
            "portal/releases/queries.py",
            old="(Employee.left_at.is_(None), func.employee_counts(Employee.id))",
            new="(Employee.left_at.is_(None),)",
        ),
    ),
    red=("tests/releases/test_jobs.py::test_A05_people_made_up_in_the_directory_make_no_group_of_a_few",),
)
