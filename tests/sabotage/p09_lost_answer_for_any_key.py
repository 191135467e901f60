from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="Whoever repeats a code gets the device that it made",
    changes=(Edit("gateway/enrol.py", old="AND d.public_key = %s AND", new="AND (d.public_key = %s OR true) AND"),),
    red=("tests/gateway/test_enrolment.py::test_P09_a_lost_answer_is_given_again_to_the_same_key_alone",),
)
