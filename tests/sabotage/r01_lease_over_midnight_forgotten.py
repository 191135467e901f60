"""A device that was last heard of before the day began is not waited for, though its lease reached into it."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="A day is green without the word of a device that could capture on it",
    changes=(
        Edit(
            "portal/reconciliation/checking.py",
            old="device.last_seen_at >= over.opens - AWAY",
            new="device.last_seen_at >= over.opens",
        ),
    ),
    red=("tests/reconciliation/test_again.py::test_R01_a_device_that_may_have_captured_over_midnight_is_missing",),
)
