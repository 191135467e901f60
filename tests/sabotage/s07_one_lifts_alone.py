from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S07",
    breaks="Who proposed to lift a freeze may announce it alone",
    changes=(
        Edit(
            "portal/requests/lift_rules.py",
            old="lift.proposed_by == actor:",
            new="lift.proposed_by is None:",
        ),
    ),
    red=("tests/hr/test_lift.py::test_S07_two_decide_and_the_person_is_told_with_reason_and_day",),
)
