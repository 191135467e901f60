from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P05",
    breaks="The first lease of a boot may be of any time before",
    changes=(
        Edit(
            "collector/timekeeping.py",
            old="self.unsure |= now is None and lease.issued < self._clock.wall_ms() - WALL_MS",
            new="self.unsure |= now is None and lease.issued < 0",
        ),
    ),
    red=("tests/collector/test_time.py::test_P05_a_lease_that_was_held_back_is_no_first_one_of_a_boot",),
)
