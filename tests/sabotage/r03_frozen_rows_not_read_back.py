from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A freeze is done without a look of other credentials",
    changes=(
        Edit(
            "portal/deletion/moving.py",
            old="        after = lying(reader, found.targets)",
            new="        after = Lying(0, before.readable + before.apart)",
        ),
    ),
    red=("tests/deletion/test_freezing.py::test_R03_a_store_that_lost_rows_on_the_way_is_never_done",),
)
