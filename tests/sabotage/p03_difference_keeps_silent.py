from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="What people sign does not say that data is kept for longer",
    changes=(
        Edit(
            "wire/difference.py",
            old="before.retention_days, after.retention_days, kind=kind)",
            new="before.retention_days, before.retention_days, kind=kind)",
        ),
    ),
    red=("tests/wire/test_difference.py::test_P03_a_difference_names_each_field_that_widens",),
)
