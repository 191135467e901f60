from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="An enrolment need not be signed by the new key",
    changes=(
        Edit(
            "gateway/enrol.py",
            old="return documents.open_signed(Enrolment, body, keys)[0]",
            new="return claimed if keys else claimed",
        ),
    ),
    red=("tests/gateway/test_enrolment.py::test_P09_the_code_is_bound_to_the_key_that_signed",),
)
