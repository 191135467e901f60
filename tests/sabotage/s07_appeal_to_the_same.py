from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S07",
    breaks="Whoever refused decides on the appeal, too",
    changes=(
        Edit(
            "portal/requests/refusals.py",
            old="return Why.DECIDED_BEFORE if actor in standing.decided_before else None",
            new="return None",
        ),
    ),
    red=("tests/hr/test_hands.py::test_S07_who_decided_before_does_not_decide_on_the_appeal",),
)
