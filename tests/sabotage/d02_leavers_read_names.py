from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="Who has left goes on reading who signs",
    changes=(
        Edit(
            "migrations/versions/20261201_1971_names_for_who_works_here.py",
            old="(w.left_at IS NULL OR w.id = p.employee_id))",
            new="true)",
        ),
    ),
    red=("tests/petitions/test_sign.py::test_D02_who_has_left_reads_no_name_but_the_own",),
)
