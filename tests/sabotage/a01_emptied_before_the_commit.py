from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="The box is overwritten before the database has what lay in it",
    changes=(
        Edit(
            "ballot/service.py",
            old='                session.execute(statements.EMPTIED, {"today": today})\n'
            "                tokens = memory.tokens(session)\n            self._tokens = tokens\n"
            "            self._box.clear([key for key, _ in entries])\n",
            new="                self._box.clear([key for key, _ in entries])\n"
            '                session.execute(statements.EMPTIED, {"today": today})\n'
            "                tokens = memory.tokens(session)\n            self._tokens = tokens\n",
        ),
    ),
    red=(
        "tests/petitions/test_box.py::test_A01_killed_at_any_step_nothing_acknowledged_is_lost_and_nothing_counted_twice",
    ),
)
