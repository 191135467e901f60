from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A pause that a device tells of is written beside uploads that do not see it",
    changes=(
        Edit(
            "gateway/reports.py",
            old="((HERE, _ROWS), ({ReportKind.PAUSED_HERE}, _TURNS))",
            new="((HERE, _ROWS),)",
        ),
    ),
    red=(
        "tests/gateway/test_pause_begins.py::test_P06_a_pause_made_on_a_device_waits_for_an_upload_that_did_not_see_it",
    ),
)
