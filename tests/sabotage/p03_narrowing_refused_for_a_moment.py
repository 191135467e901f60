from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A device whose time lags refuses what is taken away in its first moment",
    changes=(
        Edit("collector/obeyed.py", old="now < new.not_before <= now + LATE_MS", new="now < new.not_before <= now"),
    ),
    red=("tests/collector/test_permission.py::test_P03_a_narrowing_may_come_just_before_its_moment",),
)
