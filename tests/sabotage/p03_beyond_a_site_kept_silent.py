from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="What the central council permits at a site against its own council's refusal is told to nobody",
    changes=(
        Edit("portal/policies/deciding/beyond.py", old="    if not widens(own, here):\n", new="    if own is None:\n"),
    ),
    red=(
        "tests/deciding/test_beyond.py::test_P03_what_goes_beyond_a_sites_own_policy_is_named_line_by_line",
        "tests/deciding/test_beyond.py::test_a_refusal_of_the_site_is_named_to_officer_councils_and_the_people_there",
    ),
)
