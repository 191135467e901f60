from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="Uploads from inside a pause are stored",
    changes=(Edit("portal/capture/rules.py", old="        return Refusal.PAUSED\n", new="        return None\n"),),
    red=(
        "tests/capture/test_rules.py::test_P06_nothing_that_touches_a_pause_is_stored",
        "tests/gateway/test_admission.py::test_P06_inside_a_pause_nothing_is_stored",
    ),
)
