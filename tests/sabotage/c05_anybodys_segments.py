from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="Any live ticket gives anybody's sealed bytes",
    changes=(
        Edit(PRIVILEGES, old="WHERE s.employee_id = seen.employee_id AND s.started_at", new="WHERE s.started_at"),
    ),
    red=("tests/vault/test_look_functions.py::test_C05_a_look_gives_only_what_its_line_names",),
)
