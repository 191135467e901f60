from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D06",
    breaks="Who looks after an erasure does not ask whether the person's name stayed in the rows of others",
    changes=(
        Edit(
            "migrations/versions/20261130_1840_names_of_others.py",
            old="    _functions(NAMED, NAMES_LEFT)",
            new='    _functions(NAMED, "")',
        ),
    ),
    red=("tests/deletion/test_people.py::test_D06_a_name_that_stays_in_anothers_row_is_no_success",),
)
