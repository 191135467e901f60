from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="HR's lifting does not wait for the person's own request about the data",
    changes=(
        Edit(
            "portal/requests/queries.py",
            old="frozen.where(told.exists(), ~disputed.exists())",
            new="frozen.where(told.exists())",
        ),
    ),
    red=("tests/deletion/test_lifting.py::test_R03_what_the_person_has_erased_during_the_notice_never_comes_back",),
)
