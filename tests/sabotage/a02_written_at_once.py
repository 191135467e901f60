from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="A hand-in is a transaction of its own, just after the page view that caused it",
    changes=(
        Edit(
            "ballot/service.py",
            old="            self._box.put(held.key, Mark.VOTE)\n",
            new="            with self._database.transaction(LOGIN) as other:\n"
            "                other.execute(statements.COUNT, [_row(held.key, Mark.VOTE, clock.now().date())])\n",
        ),
    ),
    red=("tests/petitions/test_box.py::test_A02_no_transaction_follows_a_hand_in_and_a_day_has_one",),
)
