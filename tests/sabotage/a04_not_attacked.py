from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="What follows from the panels of other quarters is not looked for",
    changes=(
        Edit(
            "portal/releases/panels.py",
            old="        while self._complete() or self._attack():",
            new="        while self._complete():",
        ),
    ),
    red=("tests/releases/test_attacker.py::test_A04_nothing_hidden_follows_from_all_quarters_together",),
)
