from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D06",
    breaks="Erasing a person counts as a change of address, so that the old one is kept",
    changes=(
        Edit(
            "migrations/versions/20261130_1710_former_emails.py",
            old="OLD.email IS NOT NULL AND OLD.subject = NEW.subject AND",
            new="OLD.email IS NOT NULL AND",
        ),
    ),
    red=("tests/deletion/test_people.py::test_D06_nothing_of_a_whole_person_stays_in_any_table",),
)
