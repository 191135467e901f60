from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The database lets any member of a works council reject any policy",
    changes=(
        Edit(
            "migrations/versions/20261201_1960_seats.py",
            old="p_council = ANY (s.mine) OR p_council <> ALL (s.held)",
            new="true",
        ),
    ),
    red=("tests/deciding/test_seats.py::test_P03_the_database_refuses_what_the_action_would_let_through",),
)
