from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P07",
    breaks="An exclusion of the policy makes a window seen",
    changes=(
        Edit(
            "collector/contexts.py",
            old="            return Why.EXCLUDED\n    return None",
            new="            return None\n    return Why.EXCLUDED",
        ),
    ),
    red=("tests/collector/test_contexts.py::test_P07_exclusions_only_ever_take_away",),
)
