from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="The worker's login may close a mismatch",
    changes=(
        Edit(
            "migrations/versions/20261130_1670_settling.py",
            old="device_class, items, found_on), UPDATE (items), DELETE",
            new="device_class, items, found_on), UPDATE (items, state), DELETE",
        ),
    ),
    red=("tests/reconciliation/test_settling.py::test_D01_no_login_passes_by_the_two_functions",),
)
