from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A policy that ends without a successor is green on the first page of the officer",
    changes=(
        Edit(
            "portal/policies/drafts/rules.py",
            old="if now - soon < one.expires <= now + soon]",
            new="if now - soon < one.expires <= now]",
        ),
    ),
    red=(
        "tests/watch/test_pages.py::test_P03_a_policy_that_ends_without_a_successor_is_red",
        "tests/policies/test_ended.py::test_the_officer_sees_it_two_weeks_ahead",
    ),
)
