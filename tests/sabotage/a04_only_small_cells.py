from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="Only small values are hidden, and not what gives them away",
    changes=(
        Edit(
            "portal/releases/tables.py",
            old="        while self._complete() or self._widen() or self._attack():\n            pass\n",
            new="",
        ),
    ),
    red=("tests/releases/test_attacker.py::test_A04_no_hidden_value_of_1000_organisations_can_be_worked_out",),
)
