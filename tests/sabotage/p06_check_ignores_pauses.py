"""The daily check does not look at pauses."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="What was stored inside a pause passes the daily check",
    changes=(
        Edit(
            "portal/reconciliation/checking.py",
            old="pauses=[pause for row, pause in self._pauses_in(zone) if _could_know(row, segment)],",
            new="pauses=[],",
        ),
    ),
    red=("tests/reconciliation/test_check.py::test_P06_a_stored_item_inside_a_pause_is_red",),
)
