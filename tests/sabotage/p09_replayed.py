from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="A stolen request can be sent again",
    changes=(Edit("gateway/auth.py", old="if key in self._used or at < self._started:", new="if at < self._started:"),),
    red=("tests/gateway/test_enrolment.py::test_P09_a_stolen_request_cannot_be_replayed",),
)
