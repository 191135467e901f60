"""The daily check takes any reason against an item but a pause for none."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="What was stored outside its lease, or unannounced, passes the daily check",
    changes=(
        Edit(
            "portal/reconciliation/rules.py", old="    if reason is None:", new="    if reason is not Refusal.PAUSED:"
        ),
    ),
    red=(
        "tests/reconciliation/test_check.py::test_P06_a_stored_item_outside_its_lease_is_red",
        "tests/reconciliation/test_check.py::test_P06_a_stored_item_that_no_policy_announced_is_red",
    ),
)
