from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="An employee's turn holds up whomever its text names",
    changes=(
        Edit(
            "migrations/versions/20261201_1920_turns.py",
            old="session_user IN ('web_employee', 'web_delegate')",
            new="false",
        ),
    ),
    red=("tests/db/test_locks.py::test_D02_an_employees_turns_hold_up_nobody_else",),
)
