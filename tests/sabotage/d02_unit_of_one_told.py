from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="A unit of one person is told to whom an item of theirs shows",
    changes=(
        Edit(
            "migrations/versions/20261201_1923_units_of_many.py",
            old="HAVING count(*) >= 10",
            new="HAVING true",
        ),
    ),
    red=("tests/bystanders/test_bystanders.py::test_D02_a_unit_of_a_few_is_not_told_for_it_would_be_a_name",),
)
