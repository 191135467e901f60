from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Who looked before a freeze was lifted freezes again what was just put back",
    changes=(
        Edit(
            "portal/deletion/keeping.py",
            old="where(Step.id == look.step, Step.fence == look.fence, Step.look_at.is_not(None))",
            new="where(Step.id == look.step)",
        ),
    ),
    red=("tests/deletion/test_keeping.py::test_R03_who_looked_under_an_older_fence_makes_no_round",),
)
