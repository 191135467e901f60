from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="A copy of somebody who was called a leaver a moment ago is handed over at once",
    changes=(
        Edit(
            "migrations/versions/20261130_1720_leavers_wait.py",
            old="e.left_at <= clock_timestamp() - interval '14 days'",
            new="e.left_at IS NOT NULL",
        ),
    ),
    red=("tests/exports/test_handovers.py::test_C05_who_was_called_a_leaver_has_two_weeks_to_say_so",),
)
