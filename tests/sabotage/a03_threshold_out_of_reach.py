from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A03",
    breaks="People made up while others sign raise the threshold",
    changes=(
        Edit(
            "portal/petitions/jobs.py",
            old="company = rules.counted(before, employees, today)",
            new="company = replace(rules.counted(before, employees, today), employees=employees)",
        ),
        Edit(
            "portal/petitions/jobs.py",
            old="from datetime import date, datetime\n",
            new="from dataclasses import replace\nfrom datetime import date, datetime\n",
        ),
    ),
    red=("tests/petitions/test_nobody.py::test_A03_made_up_people_put_no_threshold_out_of_reach",),
)
