from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A stop ends by its id, whatever number, moment and audience the signers of its end read",
    changes=(
        Edit("collector/stops.py", old="known.get(resume.stop, end) != end", new="False"),
        Edit("gateway/stops.py", old="trust) == resume_of(stop)", new="trust).stop == stop.id"),
    ),
    red=(
        "tests/collector/test_stops.py::test_P03_an_end_that_its_signers_read_as_another_stops_ends_nothing",
        "tests/collector/test_stops.py::test_P03_all_that_signers_read_is_compared",
        "tests/gateway/test_stops.py::test_P03_an_end_that_its_signers_read_as_another_stops_is_none",
    ),
)
