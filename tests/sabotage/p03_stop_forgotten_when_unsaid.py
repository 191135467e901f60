from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A server that drops the stop starts recording again",
    changes=(Edit("collector/stops.py", old="known = begun | self._ends", new="known = begun"),),
    red=(
        "tests/collector/test_stops.py::test_P03_a_stop_holds_when_the_server_says_no_more_of_it",
        "tests/collector/test_stops.py::test_P05_a_stop_outlives_restart_reboot_and_a_new_policy",
    ),
)
