from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The numbers of the gate can be changed after the council has read them",
    changes=(
        Edit(
            "migrations/versions/20261129_1630_gate.py",
            old="op.execute(_frozen(*FIXED, *GATE))",
            new="op.execute(_frozen(*FIXED))",
        ),
    ),
    red=("tests/rollouts/test_gate.py::test_P03_the_gate_is_chosen_with_the_rings_and_frozen",),
)
