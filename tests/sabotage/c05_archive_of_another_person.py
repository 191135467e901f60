from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="Any live ticket downloads any archive",
    changes=(
        Edit(
            "migrations/versions/20261129_0340_exports.py",
            old="WHERE id = p_order AND employee_id = reader.id AND state = 'ready'",
            new="WHERE id = p_order AND state = 'ready'",
        ),
    ),
    red=("tests/vault/test_export_orders.py::test_C05_only_the_persons_ticket_opens_the_archive",),
)
