from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="What a database says it has deleted is not looked for",
    changes=(
        Edit(
            "portal/sources/connectors/sql/connector.py",
            old="        return self.count(target).rows",
            new="        return 0 * len(target.subjects)",
        ),
    ),
    red=("tests/sources/test_sql.py::test_R03_a_store_that_lies_about_success_is_found_by_reading_back",),
)
