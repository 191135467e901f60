from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D07",
    breaks="An archive does not say what a hold kept of a deletion",
    changes=(
        Edit(
            "migrations/versions/20261201_1941_kept_is_exported.py",
            old="    _export(TOLD, TOLD_NOW)\n",
            new="    _export(TOLD, TOLD)\n",
        ),
    ),
    red=("tests/db/test_exported.py::test_D07_a_deletion_says_how_many_items_a_hold_kept",),
)
