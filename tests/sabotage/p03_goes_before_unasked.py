from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A policy is held against the one that it replaces alone, not against those that it goes before",
    changes=(Edit("wire/precedence.py", old="return closer and max(", new="return not closer and max("),),
    red=(
        "tests/policies/test_precedence.py::test_P03_what_counts_as_no_wider_gives_nobody_more_at_any_moment",
        "tests/policies/test_precedence.py::test_P03_a_policy_that_goes_before_a_stricter_one_widens_it",
        "tests/gateway/test_based.py::test_P03_no_permit_for_what_goes_before_a_stricter_policy_by_the_officer_alone",
        "tests/deciding/test_sideways.py::test_P03_the_officer_alone_goes_before_no_stricter_policy",
    ),
)
