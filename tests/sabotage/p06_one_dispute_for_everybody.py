from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="One person's dispute uses up that of everybody whom the mismatch concerns",
    changes=(
        Edit(
            "migrations/versions/20261201_1924_a_dispute_each.py",
            old="op.execute(CHANGE.format(old=ONCE, new=EACH))",
            new="pass",
        ),
    ),
    red=("tests/reconciliation/test_settling.py::test_P06_everybody_affected_disputes_once_whoever_did_before",),
)
