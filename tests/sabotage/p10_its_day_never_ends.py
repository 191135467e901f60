from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P10",
    breaks="A device that nobody has seen obey its policy for days still has its day on the person's page",
    changes=(
        Edit(
            "portal/home/policy_page.py",
            old="ITS_DAY: Final = timedelta(days=1)",
            new="ITS_DAY: Final = timedelta(days=99)",
        ),
    ),
    red=("tests/rollouts/test_verified.py::test_P10_who_still_has_its_day_is_told_from_who_had_it",),
)
