from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D05",
    breaks="A process serves as a superuser",
    changes=(
        Edit(
            "portal/core/db.py", old="    if facts.mighty:", new="    if facts.mighty and facts.owns and facts.member:"
        ),
    ),
    red=(
        "tests/db/test_unsafe.py::test_D05_the_rule_refuses_each_unsafe_fact",
        "tests/db/test_unsafe.py::test_D05_each_bad_configuration_is_refused",
    ),
)
