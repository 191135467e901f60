from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="On the days clocks change, a weekly pause ends by hours passed instead of the wall clock",
    changes=(
        Edit(
            "portal/pauses/rules.py",
            old="yield earliest, latest",
            new="yield earliest, min(latest, earliest + weekly.minutes * MINUTE_MS)",
        ),
    ),
    red=("tests/pauses/test_rules.py::test_P06_the_day_clocks_go_back_is_paused_an_hour_longer",),
)
