from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A time that SQLite cannot read counts as known",
    changes=(
        Edit(
            "portal/sources/connectors/sql/predicate.py",
            old='        parts.append(when(column(table, target.layout.time_column or ""), dialect).is_(None))',
            new='        parts.append(column(table, target.layout.time_column or "").is_(None))',
        ),
    ),
    red=("tests/sources/test_sql.py::test_R03_each_row_is_in_a_range_or_named_as_undated_however_its_time_is_written",),
)
