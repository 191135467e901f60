"""A pause that cannot be read ends the check of the day, and so the checks of everybody after it."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="One row that nobody understands keeps everybody's days from being checked",
    changes=(
        Edit("portal/reconciliation/checking.py", old="pausing.of_any_row(row, zone)", new="pausing.of_row(row, zone)"),
    ),
    red=("tests/reconciliation/test_check.py::test_P06_a_pause_that_cannot_be_read_holds_up_nobody",),
)
