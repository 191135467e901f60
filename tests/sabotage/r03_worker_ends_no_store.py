from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A step that breaks off because the worker is to end goes on as if nobody had asked",
    changes=(Edit("portal/deletion/external.py", old="            self._ending.go_on()\n", new=""),),
    red=("tests/deletion/test_ending.py::test_R03_what_breaks_off_within_a_store_is_given_back",),
)
