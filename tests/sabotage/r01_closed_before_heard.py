from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="What a device said before it closed is not taken in",
    changes=(Edit("gateway/sockets.py", old="while line.waiting:", new="while line.waiting and not line.closing:"),),
    red=("tests/gateway/test_websocket.py::test_R01_a_report_just_before_the_close_is_kept",),
)
