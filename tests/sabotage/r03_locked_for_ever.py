from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A table that somebody keeps locked is waited for without end",
    changes=(
        Edit(
            "portal/sources/connectors/sql/sessions.py",
            old="        connection.commit()  # else the first rollback takes it back\n",
            new="        connection.rollback()\n",
        ),
    ),
    red=("tests/sources/test_sql.py::test_R03_no_connection_waits_for_ever",),
)
