"""A device that was removed before it said what it sent is not asked about any more."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="Removing a device turns a day green of which nobody knows what was sent",
    changes=(
        Edit(
            "portal/reconciliation/actions.py",
            old="len(result.missing) + len(result.gone)",
            new="len(result.missing)",
        ),
    ),
    red=("tests/reconciliation/test_check.py::test_R01_a_device_removed_before_its_tally_is_never_green",),
)
