from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="An old transaction backdates the log line",
    changes=(
        Edit(
            PRIVILEGES,
            old="            p_from, p_until, clock_timestamp());",
            new="            p_from, p_until, now());",
        ),
    ),
    red=("tests/vault/test_look_functions.py::test_C05_an_old_transaction_cannot_backdate_a_look",),
)
