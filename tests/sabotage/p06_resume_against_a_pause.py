from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="Resuming locks pauses before the person: with a pause asked for at the same moment, one of both is lost",
    changes=(
        Edit(
            "portal/pauses/actions.py",
            old="    _row_first(session, person)\n    pause = session",
            new="    pause = session",
        ),
    ),
    red=("tests/pauses/test_actions.py::test_P06_ending_a_pause_waits_for_asking_and_neither_is_lost",),
)
