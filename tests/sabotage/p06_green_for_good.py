"""A day that was green is not looked at again when an item of it is written."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="What is written after the check of its day is never judged",
    changes=(
        Edit(
            "migrations/versions/20261201_2001_a_day_again.py",
            old="WHERE employee_id = one.person AND",
            new="WHERE false AND employee_id = one.person AND",
        ),
    ),
    red=("tests/reconciliation/test_again.py::test_P06_an_item_of_no_policy_written_after_the_check_is_red_at_once",),
)
