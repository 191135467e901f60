from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="A signature holds for another path or method",
    changes=(
        Edit(
            "gateway/auth.py",
            old="if (signed.method, signed.path) != (request.method, request.rel_url.raw_path):",
            new="if not request.path:",
        ),
    ),
    red=("tests/gateway/test_enrolment.py::test_P09_a_signature_is_for_exactly_one_request",),
)
