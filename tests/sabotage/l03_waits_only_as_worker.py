from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L03",
    breaks="Only the worker's own entries reach the log",
    changes=(
        Edit(
            "migrations/versions/20261121_0520_log.py",
            old="SELECT id FROM added;",
            new="SELECT id FROM added WHERE session_user = 'worker';",
        ),
    ),
    red=("tests/audit/test_sequencing.py::test_L03_an_entry_waits_from_its_own_transaction_until_it_has_a_leaf",),
)
