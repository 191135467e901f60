from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A store that does not answer keeps all others from being counted",
    changes=(
        Edit(
            "portal/requests/patience.py",
            old="            thread.start()\n",
            new="            thread.start()\n            thread.join()\n",
        ),
    ),
    red=("tests/requests/test_elsewhere.py::test_R03_a_store_that_does_not_answer_keeps_no_other_from_being_counted",),
)
