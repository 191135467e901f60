from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Lifting looks at a freeze's last round only: what the first froze stays away for ever",
    changes=(
        Edit(
            "portal/deletion/moving.py",
            old="any(_began(step) for step in steps)",
            new="_began(newest)",
        ),
    ),
    red=("tests/deletion/test_keeping.py::test_R03_a_freeze_lifted_before_its_next_round_began_is_lifted",),
)
