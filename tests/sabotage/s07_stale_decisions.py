from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S07",
    breaks="HR decides with a sign-in of this morning",
    changes=(
        Edit(
            "portal/core/web/guard.py",
            old="if access.fresh and not person.fresh(clock.now()):",
            new="if access.fresh and person.left:",
        ),
    ),
    red=("tests/hr/test_decide.py::test_S07_a_decision_and_a_hold_need_a_fresh_sign_in",),
)
