"""What the day's sum counts is not compared with what is found on it."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="An item that the day counts and that lies at another time is never missed",
    changes=(
        Edit(
            "portal/reconciliation/checking.py",
            old="result.mismatches += rules.unlisted(",
            new="on_it and rules.unlisted(",
        ),
    ),
    red=("tests/reconciliation/test_zones.py::test_R01_an_item_that_the_day_counts_and_does_not_list_is_red",),
)
