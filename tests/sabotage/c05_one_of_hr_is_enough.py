from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="Who prepared the handover of a leaver's copy can agree to it, too",
    changes=(
        Edit(
            "migrations/versions/20261129_1350_bystanders.py",
            old='"approved_by NOT IN (prepared_by, employee_id)"',
            new='"approved_by <> employee_id"',
        ),
    ),
    red=("tests/exports/test_handovers.py::test_C05_one_person_of_hr_alone_cannot",),
)
