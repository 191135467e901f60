from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="A cancelled order still gives sealed bytes to whoever has the vault's password",
    changes=(
        Edit(
            "migrations/versions/20261129_0340_exports.py",
            old="finished_at IS NULL AND cancelled_at IS NULL AND expires_at > clock_timestamp();",
            new="finished_at IS NULL AND expires_at > clock_timestamp();",
        ),
    ),
    red=("tests/vault/test_export_orders.py::test_C05_a_cancelled_order_opens_nothing_more",),
)
