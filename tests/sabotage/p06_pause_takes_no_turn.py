from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A pause is written beside uploads that do not see it",
    changes=(
        Edit(
            "portal/pauses/actions.py",
            old="    lock_person(session, person)\n",
            new="",
        ),
    ),
    red=("tests/gateway/test_pause_begins.py::test_P06_an_upload_waits_for_a_pause_that_has_begun",),
)
