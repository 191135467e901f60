from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D06",
    breaks="Erasing a whole person passes a table over",
    changes=(
        Edit(
            "migrations/versions/20261129_0130_carrying_out.py",
            old="AND c.relname NOT IN ('audit_entry', 'tombstone')",
            new="AND c.relname NOT IN ('audit_entry', 'tombstone', 'notification')",
        ),
    ),
    red=("tests/deletion/test_people.py::test_D06_nothing_of_a_whole_person_stays_in_any_table",),
)
