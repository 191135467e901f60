from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="A stranger's guesses lock everybody out of adding devices",
    changes=(Edit("gateway/enrol.py", old="% CODE_GROUPS", new="* 0"),),
    red=("tests/gateway/test_enrolment.py::test_R04_a_flood_of_guesses_locks_out_nobody_else",),
)
