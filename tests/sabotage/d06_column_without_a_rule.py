from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D06",
    breaks="A new column for somebody's name has no rule that deletes it",
    changes=(
        Edit(
            "migrations/versions/20261130_1840_names_of_others.py",
            old='    ("store_task", "given_name"): (None, f"{RULE} of given_by"),\n',
            new="",
        ),
    ),
    red=("tests/db/test_deletion_rules.py::test_D06_every_column_that_can_hold_personal_data_has_a_rule",),
)
