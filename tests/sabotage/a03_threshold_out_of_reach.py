from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A03",
    breaks="People made up while others sign raise the threshold",
    changes=(
        Edit(
            "portal/petitions/jobs.py",
            old="petition.employees = min(employees, petition.employees or employees)",
            new="petition.employees = employees",
        ),
    ),
    red=("tests/petitions/test_nobody.py::test_A03_made_up_people_put_no_threshold_out_of_reach",),
)
