from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Only a person's newest address is looked for in other stores",
    changes=(Edit("portal/sources/queries.py", old="(row[1], *row[2]) if address", new="(row[1],) if address"),),
    red=(
        "tests/deletion/test_external.py::test_R03_rows_under_an_address_of_before_go_too",
        "tests/deletion/test_freezing.py::test_what_was_frozen_under_an_address_of_before_comes_back",
    ),
)
