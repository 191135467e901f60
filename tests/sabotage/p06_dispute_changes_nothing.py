from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="Whoever is affected says that an answer does not explain it, and it stays closed",
    changes=(
        Edit(
            "migrations/versions/20261130_1670_settling.py",
            old="SET state = 'disputed', disputed_on",
            new="SET disputed_on",
        ),
    ),
    red=("tests/reconciliation/test_settling.py::test_P06_somebody_affected_reopens_it_once",),
)
