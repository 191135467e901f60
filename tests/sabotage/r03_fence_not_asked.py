from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A claimant that lost its step still writes to it",
    changes=(
        Edit(
            "portal/deletion/claims.py",
            old="rows.id == claimed.step, rows.fence == claimed.fence, rows.state == StepState.RUNNING",
            new="rows.id == claimed.step",
        ),
    ),
    red=("tests/deletion/test_crashes.py::test_R03_a_claimant_that_slept_over_its_lease_changes_nothing",),
)
