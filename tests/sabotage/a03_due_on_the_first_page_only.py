from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A03",
    breaks="What the works council has to deal with vanishes behind newer petitions",
    changes=(
        Edit("portal/petitions/council.py", old="filter(_due, queries.waiting(db()))", new="filter(_due, found)"),
    ),
    red=("tests/petitions/test_offices.py::test_A03_what_is_due_is_shown_whatever_is_started_later",),
)
