from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A claimant that lost its step still writes to it",
    changes=(
        Edit(
            "portal/deletion/claims.py",
            old="Step.id == claimed.step, Step.fence == claimed.fence, Step.state == StepState.RUNNING",
            new="Step.id == claimed.step",
        ),
    ),
    red=("tests/deletion/test_crashes.py::test_R03_a_claimant_that_slept_over_its_lease_changes_nothing",),
)
