from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The officer's signature publishes whatever it is under",
    changes=(
        Edit(
            "portal/policies/deciding/rules.py",
            old="return Needed(1, councils.quorum(trust) if change.wider else 0, site)",
            new="return Needed(1, 0)",
        ),
    ),
    red=("tests/deciding/test_refusals.py::test_P03_a_widening_needs_an_officer_and_a_quorum_of_different_keys",),
)
