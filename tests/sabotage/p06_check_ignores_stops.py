"""The daily check does not look at stops for all."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="What was stored inside a stop for all passes the daily check",
    changes=(
        Edit(
            "portal/reconciliation/checking.py",
            old="halts=[halt for row, whom in self._stops for halt in _halted(row, whom, segment)],",
            new="halts=[],",
        ),
    ),
    red=("tests/reconciliation/test_check.py::test_P06_a_stored_item_inside_a_stop_for_all_is_red",),
)
