"""A tally that comes after its day was green is not read."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="A device that tells late what it sent is not heard",
    changes=(
        Edit(
            "migrations/versions/20261201_2001_a_day_again.py",
            old="WHERE employee_id = NEW.employee_id AND day >= NEW.day",
            new="WHERE false AND employee_id = NEW.employee_id AND day >= NEW.day",
        ),
    ),
    red=("tests/reconciliation/test_again.py::test_R01_a_tally_that_comes_after_a_green_day_is_read",),
)
