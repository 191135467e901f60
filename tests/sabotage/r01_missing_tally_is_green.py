"""A device that says nothing has sent nothing."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="A missing tally is green",
    changes=(
        Edit(
            "portal/reconciliation/rules.py",
            old='"red" if findings else "amber" if missing else "green"',
            new='"red" if findings else "green"',
        ),
    ),
    red=("tests/reconciliation/test_check.py::test_R01_a_missing_tally_is_amber_and_turns_green_when_it_comes",),
)
