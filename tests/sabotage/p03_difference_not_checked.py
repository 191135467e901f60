from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A policy is published whose signers were shown another difference",
    changes=(
        Edit(
            "portal/policies/actions.py",
            old="if policy.difference != difference.digest(",
            new="if policy.difference is None and difference.digest(",
        ),
    ),
    red=(
        "tests/policies/test_publishing.py::test_P03_a_policy_whose_signers_were_shown_something_else_is_not_published",
    ),
)
