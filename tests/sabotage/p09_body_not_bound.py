from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="A signature holds for another body",
    changes=(
        Edit(
            "gateway/auth.py",
            old="if expected is not None and hashlib.sha256(body).digest() != expected:",
            new="if expected is None and hashlib.sha256(body).digest() == expected:",
        ),
    ),
    red=("tests/gateway/test_enrolment.py::test_P09_a_signature_is_for_exactly_one_request",),
)
