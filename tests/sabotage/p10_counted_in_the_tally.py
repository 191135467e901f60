from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P10",
    breaks="Canaries stand in the device's tally of what it captured",
    changes=(
        Edit(
            "collector/ledger.py",
            old="            yield one.seq, segment.read_header(one.header)\n",
            new="            yield one.seq, canary.read_header(one.header).header\n",
        ),
        Edit("collector/ledger.py", old="from wire import codec,", new="from wire import canary, codec,"),
    ),
    red=("tests/collector/test_canaries.py::test_P10_real_work_stays_apart_and_only_it_is_counted",),
)
