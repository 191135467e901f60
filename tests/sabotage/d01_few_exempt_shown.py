from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="How many of a grade are exempt is published, however few they are",
    changes=(
        Edit(
            "portal/policies/exemptions/rules.py",
            old="told = free >= k and (people == free or people - free >= k)",
            new="told = people >= k",
        ),
    ),
    red=(
        "tests/policies/test_exemptions.py::test_D01_no_number_tells_of_few",
        "tests/policies/test_exemptions.py::test_D01_by_property_no_cell_is_small",
    ),
)
