from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="When a narrower policy ends, the wider one before it holds again",
    changes=(Edit("portal/policies/rules.py", old="newest[people] = one.policy.version", new="newest[people] = 0"),),
    red=(
        "tests/policies/test_precedence.py::test_P03_a_narrower_policy_that_ends_brings_nothing_back",
        "tests/gateway/test_based.py::test_P03_what_one_that_is_over_has_ended_does_not_come_back",
    ),
)
