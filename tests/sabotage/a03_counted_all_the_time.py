from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A03",
    breaks="Signatures without a name are counted at each bell",
    changes=(
        Edit(
            "portal/petitions/jobs.py",
            old="(Petition.counted_on < today)",
            new="(Petition.counted_on <= today)",
        ),
    ),
    red=("tests/petitions/test_nobody.py::test_A03_no_number_below_ten_and_a_new_one_once_a_day",),
)
