from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S11",
    breaks="An expert has the pages of an employee besides",
    changes=(
        Edit(
            "portal/core/permissions.py",
            old="        return GRANTS[EXPERT]\n",
            new="        return GRANTS[EXPERT] | GRANTS[LEFT]\n",
        ),
    ),
    red=("tests/council/test_seats.py::test_S11_an_expert_has_the_seat_and_nothing_else",),
)
