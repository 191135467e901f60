from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="A removed device goes on",
    changes=(Edit("gateway/devices.py", old="d.removed_at IS NULL AND e.left_at IS NULL\n", new="true\n"),),
    red=("tests/gateway/test_enrolment.py::test_P09_a_removed_device_is_dead_at_once",),
)
