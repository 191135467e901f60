from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="Pages that people opted out of count as another site that is captured, and nobody has to be asked",
    changes=(
        Edit(
            "wire/policy.py",
            old="if one.id in behind and one.id in captured",
            new="if one.id in behind and one.id in captured and before.id in captured",
        ),
    ),
    red=("tests/wire/test_widens.py::test_P03_an_app_that_another_one_still_matches_is_not_taken_away",),
)
