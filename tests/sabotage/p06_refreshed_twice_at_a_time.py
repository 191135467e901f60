from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A renewal that read before a pause overtakes the pause",
    changes=(
        Edit(
            "gateway/lanes.py",
            old="for person in self._waiting[lane] if person not in self._busy)",
            new="for person in self._waiting[lane])",
        ),
    ),
    red=(
        "tests/gateway/test_lanes.py::test_P06_one_who_is_being_refreshed_is_read_again_afterwards_and_not_meanwhile",
    ),
)
