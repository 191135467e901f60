from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="Whoever writes to the database makes orders for anybody",
    changes=(Edit("vault/exports/running.py", old='if not self._seals.holds(order, row["seal"]):', new="if False:"),),
    red=("tests/vault/test_export_orders.py::test_C05_an_order_that_was_changed_opens_nothing",),
)
