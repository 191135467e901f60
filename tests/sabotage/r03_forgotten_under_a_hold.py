from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/deletion/test_forgetting.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A person is forgotten, and the hold with them, while it keeps their rows in another store",
    changes=(
        Edit(
            "portal/deletion/own_store.py",
            old="    if session.scalar(kept.limit(1)) is not None:",
            new="    if session.scalar(kept.limit(0)) is not None:",
        ),
    ),
    red=(f"{FILE}::test_R03_nobody_is_forgotten_while_a_hold_keeps_rows_elsewhere",),
)
