from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="Who signed without a name signs with the name, too",
    changes=(
        Edit(
            "portal/petitions/views.py",
            old="        _reserve(petition)\n",
            new="",
        ),
    ),
    red=("tests/petitions/test_ballot.py::test_A01_one_person_signs_with_the_name_or_without_never_both",),
)
