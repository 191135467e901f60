from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Lifting one freeze lifts what another still covers",
    changes=(
        Edit(
            "portal/deletion/moving.py",
            old="covered = [(other.frozen(), None) for other in _others(session, claimed)]",
            new="covered = [(other.frozen(), None) for other in _others(session, claimed)][:0]",
        ),
    ),
    red=("tests/deletion/test_freezing.py::test_R03_what_another_freeze_covers_stays_until_that_one_is_lifted",),
)
