from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/deletion/test_forgetting.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="The addresses of a person go although a store was seen to have kept the rows that it said were deleted",
    changes=(
        Edit(
            "portal/deletion/own_store.py",
            old="    if left and clock.now() <",
            new="    if not left and clock.now() <",
        ),
    ),
    red=(f"{FILE}::test_R03_nobody_is_forgotten_while_a_store_has_kept_rows",),
)
