from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="What narrows a policy that is held back reaches those who wait, to whom it is more",
    changes=(
        Edit(
            "portal/policies/rules.py",
            old="reaches(one, person) and not (held and _follows(held.policy, one.policy))",
            new="reaches(one, person)",
        ),
    ),
    red=("tests/rollouts/test_rules.py::test_P03_a_part_of_what_is_held_back_waits_with_it",),
)
