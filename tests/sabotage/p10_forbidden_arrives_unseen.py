from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P10",
    breaks="What the policy does not permit arrives, and the device is verified all the same",
    changes=(
        Edit("gateway/canaries.py", old="if mark.number in canary.MUST_DROP:", new="if mark.number == 0:"),
        Edit("gateway/canaries.py", old=" and (one.device, mark.run) not in amiss\n", new="\n"),
    ),
    red=("tests/gateway/test_canaries.py::test_P10_what_has_to_be_dropped_contradicts",),
)
