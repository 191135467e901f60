from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="Nobody is told that their policy has ended",
    changes=(
        Edit(
            "portal/policies/jobs.py",
            old="if before is not None and before.hash == row.hash and not announced:",
            new="if before is None:",
        ),
    ),
    red=("tests/policies/test_ended.py::test_P03_whose_policy_has_ended_is_told_once_and_nobody_else",),
)
