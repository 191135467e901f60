from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="One person whose pauses cannot be understood leaves a whole batch without leases",
    changes=(
        Edit("gateway/hub.py", old="        failed[employee] = error\n", new="        raise\n"),
        Edit("gateway/lanes.py", old="if len(batch) == 1 or isinstance(error, DatabaseDownError):", new="if True:"),
    ),
    red=("tests/gateway/test_neighbours.py::test_P06_one_who_cannot_be_refreshed_leaves_all_others_their_leases",),
)
