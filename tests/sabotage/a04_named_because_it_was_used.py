from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="A release has a line for each app that somebody used, so the line alone tells that it was used",
    changes=(
        Edit(
            "portal/releases/queries.py",
            old="    return {context.id for row in rows for context in read(row).contexts}\n",
            new='    used = text("SELECT context FROM employee_day WHERE local_day >= :a AND local_day < :b")\n'
            '    found = session.scalars(used, {"a": period.starts_on, "b": period.ends_on})\n'
            "    return {context.id for row in rows for context in read(row).contexts} | set(found)\n",
        ),
        Edit(
            "portal/releases/queries.py",
            old="from sqlalchemy import func, select\n",
            new="from sqlalchemy import func, select, text\n",
        ),
    ),
    red=("tests/releases/test_rare.py::test_A04_no_line_of_a_release_is_there_because_of_what_somebody_did",),
)
