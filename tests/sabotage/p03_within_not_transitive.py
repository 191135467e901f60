from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="Two small steps that count as narrower make one that is wider",
    changes=(
        Edit(
            "wire/policy.py",
            old="new.max_sensitivity <= old.max_sensitivity",
            new="new.max_sensitivity <= old.max_sensitivity + 1",
        ),
    ),
    red=(
        "tests/wire/test_widens_model.py::test_P03_within_is_transitive_in",
        "tests/wire/test_widens.py::test_P03_widens_sees",
    ),
)
