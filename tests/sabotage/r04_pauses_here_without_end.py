from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="A device makes and ends any number of pauses a day",
    changes=(
        Edit("gateway/opamp.py", old="if said.report.what in HERE and not", new="if said.report.what in () and not"),
    ),
    red=("tests/gateway/test_reports.py::test_R04_a_device_pauses_and_resumes_so_often_and_then_has_to_say_it_again",),
)
