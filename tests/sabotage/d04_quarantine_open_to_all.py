from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D04",
    breaks="Whoever reads every new table reads what is frozen, too",
    changes=(
        Edit(
            "portal/sources/connectors/sql/quarantine.py",
            old="    for whom in connection.execute(GRANTED, known).scalars().all():",
            new="    for whom in ():",
        ),
    ),
    red=("tests/sources/test_frozen_sql.py::test_D04_nobody_but_us_and_the_reader_sees_what_is_frozen",),
)
