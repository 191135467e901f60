from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P05",
    breaks="A stop for all is forgotten when the collector starts again",
    changes=(Edit("collector/store.py", old="    if state.read(STOPS) is not None:", new="    if False:"),),
    red=(
        "tests/collector/test_stops.py::test_P05_a_stop_outlives_restart_reboot_and_a_new_policy",
        "tests/collector/test_stops.py::test_P05_what_cannot_be_read_on_disk_is_a_stop",
    ),
)
