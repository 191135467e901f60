from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C02",
    breaks="What the pages show may differ from what was sealed",
    changes=(
        Edit(
            "vault/opening.py", old="if changed := altered(row, header):", new="if changed := altered(row, header)[:0]:"
        ),
    ),
    red=("tests/vault/test_opening.py::test_C02_a_changed_column_does_not_open",),
)
