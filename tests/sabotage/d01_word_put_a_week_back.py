from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/hr/test_addresses.py"
SABOTAGE = Sabotage(
    requirement="D01",
    breaks="HR writes when it said whose an address was, so that nobody has a week to object",
    changes=(
        Edit(
            "migrations/versions/20261130_1780_proved_addresses.py",
            old="SELECT, INSERT (employee_id, address, theirs, since, until), DELETE",
            new="SELECT, INSERT, DELETE",
        ),
    ),
    red=(f"{FILE}::test_D01_when_it_was_said_and_by_whom_is_the_databases_word",),
)
