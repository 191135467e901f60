from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="Rings hold back what asks for less, too",
    changes=(
        Edit(
            "portal/policies/rules.py",
            old="if free or not (chosen is None or asks_more(chosen.policy, one.policy)):",
            new="if free:",
        ),
        Edit(
            "portal/policies/rules.py",
            old="    if not change.wider:\n        raise",
            new="    if change.new == change.old:\n        raise",
        ),
    ),
    red=(
        "tests/rollouts/test_rules.py::test_P03_what_asks_for_no_more_is_never_held_back",
        "tests/rollouts/test_rules.py::test_P03_rings_are_only_for_what_asks_for_more",
    ),
)
