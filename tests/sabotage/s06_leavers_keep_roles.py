from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S06",
    breaks="Who left keeps the role until the next sign-in",
    changes=(
        Edit(
            "migrations/versions/20261130_1690_directory.py", old="IF NEW.left_at IS NOT NULL THEN", new="IF false THEN"
        ),
    ),
    red=("tests/directory/test_people.py::test_S06_who_left_keeps_their_pages_and_has_no_role",),
)
