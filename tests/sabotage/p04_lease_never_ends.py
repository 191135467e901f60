from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P04",
    breaks="A lease is good for ever",
    changes=(
        Edit(
            "collector/permission.py",
            old="        return 0 <= elapsed < life and now < lease.issued + life",
            new="        return life > 0",
        ),
    ),
    red=(
        "tests/collector/test_permission.py::test_P04_capture_stops_within_the_lease_after_a_cut_at_any_instant",
        "tests/collector/test_permission.py::test_P05_suspend_counts",
    ),
)
