from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Two workers delete and end the same step of age",
    changes=(
        Edit(
            "portal/deletion/claims.py",
            old="rows.id == claimed.step, rows.fence == claimed.fence, rows.state == StepState.RUNNING",
            new="rows.id == claimed.step",
        ),
    ),
    red=("tests/deletion/test_ages.py::test_R03_of_two_workers_one_deletes_and_a_lost_claim_writes_nothing",),
)
