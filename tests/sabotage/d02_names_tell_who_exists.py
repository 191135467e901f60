from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="Who names somebody beside an item reads whether there is such a person",
    changes=(
        Edit(
            "migrations/versions/20261129_1350_bystanders.py",
            old='NAMED = "id, employee_id, segment_id, started_at, handle, named_at"',
            new='NAMED = "id, employee_id, segment_id, started_at, handle, named_at, bystander_id"',
        ),
    ),
    red=("tests/bystanders/test_bystanders.py::test_D02_naming_somebody_tells_nobody_whether_they_exist",),
)
