from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/sources/test_parquet.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A link is replaced by a file, the rows stay where it led to, and the receipt says they are gone",
    changes=(
        Edit(
            "portal/sources/connectors/parquet/store.py",
            old='if it.is_symlink()), "")',
            new='if it.is_symlink() and not it.exists()), "")',
        ),
    ),
    red=(f"{FILE}::test_R03_what_is_a_link_is_refused_instead_of_being_replaced",),
)
