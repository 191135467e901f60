from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P05",
    breaks="The lease key alone turns time back",
    changes=(
        Edit(
            "collector/timekeeping.py",
            old="self.ahead = ahead if earlier and ahead > WALL_MS else 0",
            new="self.ahead = 0",
        ),
    ),
    red=(
        "tests/collector/test_time.py::test_P05_no_online_key_alone_turns_time_back",
        "tests/collector/test_time.py::test_P05_an_expired_policy_stays_expired",
    ),
)
