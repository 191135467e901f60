from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="A code makes more than one device",
    changes=(Edit("gateway/enrol.py", old="c.code_hash = %s AND c.used_at IS NULL AND", new="c.code_hash = %s AND"),),
    red=(
        "tests/gateway/test_enrolment.py::test_P09_fifty_parallel_requests_make_one_device",
        "tests/gateway/test_enrolment.py::test_P09_wrong_expired_used_and_foreign_codes_look_alike",
    ),
)
