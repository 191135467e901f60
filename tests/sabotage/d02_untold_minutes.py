from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="Every employee's login reads minutes that nobody was told",
    changes=(
        Edit(
            "migrations/versions/20261129_1510_evidence_room.py",
            old='seen = "told" if login == "web_employee" else "true"',
            new='seen = "true"',
        ),
    ),
    red=("tests/council/test_papers.py::test_D02_the_employees_login_sees_only_what_was_told",),
)
