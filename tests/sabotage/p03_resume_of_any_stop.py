from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The end of one stop ends every stop",
    changes=(Edit("collector/stops.py", old="if stop not in ended}", new="if not ended}"),),
    red=("tests/collector/test_stops.py::test_P03_the_end_of_another_stop_ends_nothing",),
)
