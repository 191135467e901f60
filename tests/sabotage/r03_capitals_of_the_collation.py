from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/sources/test_sql.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="An address in capitals that a collation does not know is not found, and nothing is said to remain",
    changes=(
        Edit(
            "portal/sources/connectors/sql/predicate.py",
            old="*map(literal, written)]",
            new="*map(literal, written[:0])]",
        ),
    ),
    red=(f"{FILE}::test_R03_an_address_is_found_in_capitals_that_the_collation_does_not_know",),
)
