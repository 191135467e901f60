from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="A device opens as many connections as it likes",
    changes=(Edit("gateway/sockets.py", old="older[: 1 - PER_DEVICE]", new="older[:0]"),),
    red=("tests/gateway/test_shares.py::test_R04_a_device_holds_four_connections_the_newest",),
)
