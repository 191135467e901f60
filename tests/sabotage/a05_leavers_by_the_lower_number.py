from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A05",
    breaks="A lower number also holds for who is not counted any more and was promised a higher one",
    changes=(
        Edit(
            "portal/releases/panels.py",
            old="(self.k if all(group[-1] for group in inside) else self.strictest)",
            new="self.k",
        ),
    ),
    red=(
        "tests/releases/test_attacker.py::test_A05_a_lower_k_shows_who_was_hidden_and_a_higher_one_takes_nothing_back",
    ),
)
