from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="A signature holds for ever",
    changes=(Edit("gateway/auth.py", old="if abs(signed.at - now) > WINDOW_MS:", new="if signed.at == now - 10**15:"),),
    red=("tests/gateway/test_enrolment.py::test_P09_a_signature_is_for_exactly_one_request",),
)
