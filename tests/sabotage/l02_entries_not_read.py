from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L02",
    breaks="Verifying believes the stored commitments, whatever became of the entries",
    changes=(
        Edit(
            "portal/audit/verifying.py",
            old="committed = commitment(row.salt, entry_of(row)) if there else row.commitment",
            new="committed = row.commitment",
        ),
    ),
    red=("tests/audit/test_verifying.py::test_L02_any_changed_row_is_found",),
)
