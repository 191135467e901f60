"""The daily check counts what was sent, and does not compare which ids."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="An item swapped for another passes the daily check",
    changes=(
        Edit("portal/reconciliation/rules.py", old="ids_hash(here[slot]) != ids", new="False"),
        Edit(
            "portal/reconciliation/rules.py",
            old="ids_hash(one.id for one in mine) != tally.ids",
            new="False",
        ),
    ),
    red=("tests/reconciliation/test_check.py::test_R01_an_upload_swapped_for_another_id_is_red",),
)
