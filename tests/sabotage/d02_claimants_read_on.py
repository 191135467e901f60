from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="Who claims an item reads in the desk's other tables whose it is",
    changes=(
        Edit(
            "migrations/versions/20261201_1922_claimants.py",
            old="    _show(NOT_MINE)",
            new="    _show(OTHERS)",
        ),
    ),
    red=("tests/db/test_claimants.py::test_D02_who_claims_an_item_reads_in_no_table_of_the_desk_whose_it_is",),
)
