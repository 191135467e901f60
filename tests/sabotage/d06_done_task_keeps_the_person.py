from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D06",
    breaks="A request with a task that was done cannot be emptied, so the person is never erased",
    changes=(
        Edit(
            "migrations/versions/20261130_1840_names_of_others.py",
            old='    "after": "done_at IS NOT NULL OR proof = \'\'"',
            new='    "after": "(done_at IS NULL) = (proof = \'\')"',
        ),
    ),
    red=("tests/deletion/test_people.py::test_D06_a_task_that_is_done_does_not_keep_the_person",),
)
