from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A device's word ends a pause that was asked for on the page",
    changes=(
        Edit("gateway/reports.py", old=" AND source = 'device' AND ended_at IS NULL", new=" AND ended_at IS NULL"),
    ),
    red=("tests/gateway/test_admission.py::test_P06_the_devices_word_does_not_end_a_pause_of_the_page",),
)
