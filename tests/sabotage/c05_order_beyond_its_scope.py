from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="An order for some hours and kinds opens what lies behind them, too",
    changes=(
        Edit(
            "migrations/versions/20261129_0340_exports.py",
            old="AND started_at < least(told.ends_at, told.ordered_at)\n               AND (told.position_at",
            new="AND started_at < told.ordered_at\n               AND (told.position_at",
        ),
        Edit(
            "migrations/versions/20261129_0340_exports.py",
            old="\n               AND (told.kinds IS NULL OR kind = ANY (told.kinds))",
            new="",
        ),
    ),
    red=(
        "tests/vault/test_export_orders.py::test_C05_kinds_outside_the_scope_stay_closed",
        "tests/vault/test_export_orders.py::test_C05_an_order_stays_inside_its_scope",
    ),
)
