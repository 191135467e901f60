from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="Nobody asks whether a hidden value is known to be at least so much",
    changes=(
        Edit(
            "portal/releases/contributions.py",
            old="    return Need(min(above, value.total), above, k)",
            new="    return Need(0, above, k)",
        ),
    ),
    red=("tests/releases/test_intervals.py::test_A04_no_hidden_value_of_1000_organisations_lies_in_a_narrow_interval",),
)
