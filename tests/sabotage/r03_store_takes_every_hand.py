from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A store that hangs takes every hand",
    changes=(Edit("portal/deletion/claims.py", old="where.not_in(full)", new="where.not_in([])"),),
    red=(
        "tests/deletion/test_side_by_side.py::test_R03_a_store_that_hangs_holds_up_no_other_and_ends_when_it_goes_on",
    ),
)
