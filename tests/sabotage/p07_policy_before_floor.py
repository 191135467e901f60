from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P07",
    breaks="The policy is asked before the floor",
    changes=(
        Edit(
            "collector/contexts.py",
            old="excluded = _floor(window, rules) or _excluded(window, rules.exclusions)",
            new="excluded = _excluded(window, rules.exclusions)",
        ),
    ),
    red=(
        "tests/collector/test_contexts.py::test_P07_the_floor_is_never_seen_though_the_policy_lists_everything",
        "tests/collector/test_contexts.py::test_P07_no_policy_takes_anything_from_the_floor",
    ),
)
