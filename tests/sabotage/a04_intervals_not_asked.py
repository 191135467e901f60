from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="What cannot be worked out exactly may still be known as closely as it happens to be",
    changes=(
        Edit(
            "portal/releases/tables.py",
            old="self._complete() or self._widen() or self._attack()",
            new="self._complete() or self._attack()",
        ),
    ),
    red=("tests/releases/test_intervals.py::test_A04_two_hidden_values_that_are_little_together_are_not_left_alone",),
)
