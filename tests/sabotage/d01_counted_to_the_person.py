from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="The council reads to the person how many a draft touches, so two drafts tell of a small department",
    changes=(
        Edit(
            "migrations/versions/20261201_2011_people_of_a_draft.py",
            old="THEN count(*) / 10 * 10 END",
            new="THEN count(*) END",
        ),
    ),
    red=("tests/deciding/test_people.py::test_D01_the_council_is_told_how_many_tens_a_draft_touches",),
)
