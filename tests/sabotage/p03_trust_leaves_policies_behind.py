from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A quorum is raised while policies in force have one signature",
    changes=(
        Edit(
            "portal/policies/actions.py",
            old="return councils.both(new, sites, signers) or not (goes or councils.both(old, sites, signers))",
            new="return councils.both(new, sites, signers) or not goes",
        ),
    ),
    red=("tests/deciding/test_new_councils.py::test_P03_a_quorum_and_a_council_of_a_site_reach_the_devices",),
)
