from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="A code works after its 15 minutes",
    changes=(Edit("gateway/enrol.py", old="NULL AND c.expires_at > %s AND", new="NULL AND c.created_at < %s AND"),),
    red=("tests/gateway/test_enrolment.py::test_P09_wrong_expired_used_and_foreign_codes_look_alike",),
)
