from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S07",
    breaks="The database takes a decision of whoever sent the request, or decided on what is appealed",
    changes=(
        Edit(
            "migrations/versions/20261130_1830_hands.py",
            old="    op.execute(HANDS)\n",
            new='    op.execute(HANDS.replace("IF EXISTS", "IF NOT EXISTS (SELECT) AND EXISTS"))\n',
        ),
    ),
    red=("tests/hr/test_hands.py::test_S07_the_database_takes_no_decision_of_such_hands",),
)
