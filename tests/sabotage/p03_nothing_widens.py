from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="No change counts as wider",
    changes=(Edit("wire/policy.py", old="return old is None or not _within(old, new)", new="return old is None"),),
    red=(
        "tests/wire/test_widens_model.py::test_P03_what_does_not_widen_captures_nothing_more",
        "tests/wire/test_widens.py::test_P03_widens_sees",
        "tests/wire/test_widens.py::test_P03_a_limit_taken_away_widens",
    ),
)
