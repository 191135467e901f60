from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="A petition closes before its last day was counted, and its signatures are destroyed uncounted",
    changes=(
        Edit(
            "portal/petitions/rules.py",
            old=" and standing.counted_on is not None and standing.counted_on > standing.ends_on",
            new="",
        ),
    ),
    red=(
        "tests/petitions/test_nobody.py::test_A01_who_signs_on_the_last_day_is_counted_whichever_bell_rings_first",
        "tests/petitions/test_rules.py::test_A01_nothing_closes_before_its_last_day_was_counted",
    ),
)
