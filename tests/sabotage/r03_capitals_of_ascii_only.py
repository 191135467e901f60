from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="An address in capitals of other letters than ASCII is not found",
    changes=(
        Edit(
            "portal/sources/connectors/sql/sessions.py",
            old="return value.lower() if isinstance(value, str) else value",
            new="return value.encode().lower().decode() if isinstance(value, str) else value",
        ),
    ),
    red=("tests/sources/test_sql.py::test_R03_an_address_is_found_in_capitals_of_any_alphabet",),
)
