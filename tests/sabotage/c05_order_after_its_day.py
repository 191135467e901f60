from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="An order opens on after its 24 hours",
    changes=(
        Edit("migrations/versions/20261129_0340_exports.py", old=" AND expires_at > clock_timestamp();", new=";"),
    ),
    red=("tests/vault/test_export_orders.py::test_C05_an_order_ends_after_a_day",),
)
