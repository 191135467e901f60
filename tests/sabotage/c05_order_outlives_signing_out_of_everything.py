from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="Signing out of everything leaves the order alive",
    changes=(
        Edit(
            "migrations/versions/20261129_0340_exports.py",
            old="IF p_sid IS NULL AND p_subject IS NOT NULL THEN",
            new="IF false THEN",
        ),
    ),
    red=("tests/vault/test_export_orders.py::test_C05_signing_out_of_everything_ends_the_order",),
)
