from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A mismatch that nobody answered leaves the officer's first page by itself",
    changes=(
        Edit(
            "portal/reconciliation/settling/queries.py",
            old="func.min(MismatchRow.found_on)).where(WAITS)",
            new="func.min(MismatchRow.found_on)).where(WAITS, MismatchRow.found_on > func.current_date() - 7)",
        ),
    ),
    red=("tests/reconciliation/test_settling.py::test_P06_a_mismatch_stays_red_until_it_is_answered_however_old",),
)
