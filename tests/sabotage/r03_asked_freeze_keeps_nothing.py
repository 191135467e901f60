from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="What one asks to freeze is deleted by age while HR decides",
    changes=(
        Edit(
            "portal/requests/freezes.py",
            old="KEPT = GRANTED | UNDECIDED",
            new="KEPT = GRANTED",
        ),
    ),
    red=("tests/requests/test_freezes.py::test_R03_what_one_asked_to_freeze_is_not_deleted_before_that_is_decided",),
)
