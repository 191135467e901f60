from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="Hours that wrap around midnight read as narrower",
    changes=(
        Edit(
            "wire/policy.py",
            old="0 <= hours.from_minute < hours.to_minute <= MINUTES_PER_DAY",
            new="0 <= hours.from_minute <= MINUTES_PER_DAY",
        ),
    ),
    red=("tests/wire/test_widens.py::test_P03_policy_refuses_values_out_of_bounds",),
)
