from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="An item that shows somebody is shown to everybody who knows its number",
    changes=(
        Edit(
            "migrations/versions/20261201_1923_units_of_many.py",
            old="WHERE i.bystander_id = (SELECT actor_id()) AND",
            new="WHERE",
        ),
    ),
    red=("tests/bystanders/test_bystanders.py::test_D02_only_whom_it_shows_finds_it",),
)
