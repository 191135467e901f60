from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/deletion/test_contested.py"
SABOTAGE = Sabotage(
    requirement="D02",
    breaks="Under an address that changed hands one person's erasure takes the other's rows, too",
    changes=(
        Edit(
            "portal/sources/queries.py",
            old="(begins(span.since), begins(span.until)) if span else (None, None)",
            new="(None, None)",
        ),
    ),
    red=(f"{FILE}::test_D02_each_loses_the_rows_of_the_own_time_only",),
)
