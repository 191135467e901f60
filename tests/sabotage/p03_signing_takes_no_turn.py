from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A trust document is published between the check of a signature and the policy that it publishes",
    changes=(
        Edit(
            "portal/policies/queries.py",
            old="    if hold:\n        lock(session, TRUST_TURN)\n",
            new="",
        ),
    ),
    red=(
        "tests/deciding/test_moment.py::test_P03_no_trust_document_comes_while_a_policy_is_signed",
        "tests/deciding/test_moment.py::test_P03_the_desk_waits_for_the_trust_document_of_this_moment[sign]",
    ),
)
