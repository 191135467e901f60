from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="A leaver's copy holds what the decision leaves out",
    changes=(
        Edit(
            "migrations/versions/20261130_1850_copies_in_part.py",
            old='    _function("w.kinds", LEFT_OUT',
            new='    _function("r.kinds", LEFT_OUT',
        ),
    ),
    red=("tests/exports/test_copies_in_part.py::test_C05_the_copy_is_without_what_the_decision_leaves_out",),
)
