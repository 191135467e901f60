from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="A used code is answered after its life",
    changes=(
        Edit(
            "gateway/enrol.py",
            old="c.expires_at > %s AND d.public_key",
            new="(c.expires_at > %s OR true) AND d.public_key",
        ),
    ),
    red=(
        "tests/gateway/test_enrolment.py::test_P09_nothing_is_given_again_after_the_codes_life_or_to_a_removed_device",
    ),
)
