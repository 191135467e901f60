from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="One person's day holds any number of bytes",
    changes=(
        Edit("gateway/bounds.py", old="        if known.counts[slot] + amount > most:\n", new="        if most < 0:\n"),
    ),
    red=(
        "tests/gateway/test_bounds.py::test_R04_a_day_of_keys_holds_what_a_device_can_have_typed",
        "tests/gateway/test_bounds.py::test_R04_what_another_process_has_stored_counts",
    ),
)
