from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="What a policy takes away is told to each person in turn, with their lease",
    changes=(Edit("gateway/broadcasts.py", old="if less[step]:", new="if less[step] and told is holds:"),),
    red=(
        "tests/gateway/test_opamp.py::test_P06_what_a_policy_takes_away_is_told_first_and_a_lease_for_the_rest_follows",
        "tests/gateway/test_opamp.py::test_P06_what_a_policy_takes_away_when_it_begins_is_told_first",
    ),
)
