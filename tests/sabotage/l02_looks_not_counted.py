from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L02",
    breaks="A look that is deleted from the database is not missed",
    changes=(Edit("portal/audit/verifying.py", old="    _looks_gone(session, report)\n", new=""),),
    red=("tests/deletion/test_people.py::test_L02_a_look_that_somebody_deletes_is_missed",),
)
