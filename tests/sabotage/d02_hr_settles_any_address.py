from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/hr/test_addresses.py"
SABOTAGE = Sabotage(
    requirement="D02",
    breaks="HR says of anybody's address, or of its own, whose it is",
    changes=(
        Edit(
            "migrations/versions/20261130_1780_proved_addresses.py",
            old='OTHERS = "employee_id <> (SELECT actor_id()) AND address_shared(address)"',
            new='OTHERS = "true"',
        ),
    ),
    red=(f"{FILE}::test_D02_nor_one_that_only_one_person_has",),
)
