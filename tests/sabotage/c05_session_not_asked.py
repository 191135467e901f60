from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="A ticket outlives its session",
    changes=(
        Edit(
            PRIVILEGES,
            old="t.token_hash = p_ticket AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()",
            new="t.token_hash = p_ticket",
        ),
    ),
    red=(
        "tests/vault/test_looks.py::test_C05_a_ticket_dies_with_its_session",
        "tests/vault/test_look_functions.py::test_C05_an_old_transaction_does_not_outlive_the_session",
    ),
)
