from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="Somebody who is not affected re-opens another person's mismatch",
    changes=(
        Edit(
            "migrations/versions/20261130_1670_settling.py",
            old="WHERE p.mismatch_id = p_id AND p.employee_id = me)",
            new="WHERE p.mismatch_id = p_id)",
        ),
    ),
    red=("tests/reconciliation/test_settling.py::test_D02_nobody_else_disputes_or_reads_it",),
)
