from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P05",
    breaks="An old lease counts from when it is received once more",
    changes=(Edit("collector/permission.py", old=" and now < lease.issued + life", new=""),),
    red=(
        "tests/collector/test_permission.py::test_P05_an_old_lease_is_not_younger_for_being_received_again",
        "tests/collector/test_permission.py::test_P05_a_lease_from_before_a_restart_is_worth_no_more_after_it",
    ),
)
