from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="Sealed bytes leave before the log line is committed",
    changes=(Edit(PRIVILEGES, old="\n       AND transaction <> pg_current_xact_id()::text::bigint", new=""),),
    red=("tests/vault/test_look_functions.py::test_C05_a_look_is_not_read_in_its_own_transaction",),
)
